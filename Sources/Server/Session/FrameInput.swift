import Platform
import Primitives
import Wire

/// A connection's receiving side: bytes come in pieces of any size, whole frames go out, in place.
///
/// Frames are handed out where they were received, so that the messages of a send are written to disk from there.
/// A frame that does not fit in the rest of its buffer moves to a larger one, grown only as bytes arrive: a peer
/// that claims a huge length and sends nothing costs nothing. The size follows the frames that come, and a receive
/// ends where the next frame would not fit, so a steady stream of large frames is not copied.
struct FrameInput {
    /// Bytes from `start` to `filled` are received and not handed out.
    private var buffer: BufferID?
    private var capacity = 0
    private var start = 0
    private var filled = 0
    private(set) var isReceiving = false
    /// The byte count of the frame at `start`, as its head claims; 0 while the head is not whole.
    private var claimed = 0
    /// The guess for the next frame, from frames that came whole: the last one's byte count, but no less than half of
    /// the guess before, since large and small ones often take turns.
    private var typical = 0
    /// How fast the frame at `start` comes; nil between frames.
    private var pace: FramePace?
    private(set) var framesTaken = 0
    /// Since when there has been no memory for what is to come next; nil while there is.
    private(set) var hungrySince: Int64?
    /// The bytes that there was no memory for.
    private(set) var missingByteCount = 0
    /// Bytes of a refused frame that are still to come and to be thrown away.
    private var refusedByteCount = 0

    enum Step: Equatable {
        /// A whole frame, head included. The buffer stays the input's; retain it to keep the bytes.
        case frame(Slice)
        case needsMore
        /// The length word is below 4.
        case lengthTooShort
        /// Longer than a frame of this code may be now.
        case lengthTooLarge(code: UInt32, frameByteCount: Int)
        /// The connection's first four bytes are zero: the other dialect's header.
        case otherDialect
    }

    /// Begins to throw away the frame that `next` found too large, so that the next one is found behind it.
    mutating func refuseFrame(byteCount: Int) {
        refusedByteCount = byteCount
        framesTaken += 1
    }

    /// A frame has begun and is not whole.
    var isPartial: Bool { claimed > 0 }

    /// The byte count of the frame that is not whole, as its head claims; 0 if none has begun.
    var claimedByteCount: Int { claimed }

    /// Bytes of the frame that is not whole yet.
    var pendingByteCount: Int { filled - start }

    /// Whether a frame comes too slowly. To be asked at every tick.
    mutating func isLate(at now: Instant, _ limits: Limits) -> Bool { pace?.isLate(at: now, limits) ?? false }

    /// Looks at the bytes at `start`. `byteCountMax` gives the largest whole frame for a code.
    mutating func next<W: World & ~Copyable>(
        _ world: borrowing W, at now: Instant, byteCountMax: (UInt32) -> UInt32
    ) throws(MachineFailure) -> Step {
        let thrownAway = min(refusedByteCount, filled - start)
        start += thrownAway
        if !world.isMutated(.refusedFrameNotCounted) { refusedByteCount -= thrownAway }
        guard let buffer, filled > start else {
            if refusedByteCount == 0 { pace = nil }
            return .needsMore
        }
        if pace == nil { pace = FramePace(at: now, isReceiving: isReceiving) }
        let available = filled - start
        let bytes = try world.bytes(of: slice(buffer, start, min(available, ClassicRequestHead.byteCount)))
        guard let length = bytes.load(UInt32.self, at: 0) else { return .needsMore }
        if length == 0, framesTaken == 0 { return .otherDialect }
        let head: ClassicRequestHead?
        do throws(WireError) { head = try ClassicRequestHead(bytes) } catch { return .lengthTooShort }
        guard let head else { return .needsMore }
        let frameByteCount = head.frameByteCount
        guard length <= byteCountMax(head.code) else {
            return .lengthTooLarge(code: head.code, frameByteCount: frameByteCount)
        }
        claimed = frameByteCount
        guard available >= frameByteCount - (world.isMutated(.frameTakenTooEarly) ? 1 : 0) else { return .needsMore }
        claimed = 0
        typical = max(frameByteCount, typical / 2)
        let frame = slice(buffer, start, frameByteCount)
        start += frameByteCount
        framesTaken += 1
        pace = nil
        return .frame(frame)
    }

    /// Undoes `next` for the frame it just gave, to be looked at again later.
    mutating func putBack(_ frame: Slice) throws(MachineFailure) {
        try invariant(frame.buffer == buffer && frame.end == start, "only the last frame is put back")
        start = Int(frame.position)
        framesTaken -= 1
    }

    /// Asks for more bytes unless a receive is in flight. False when there is no memory now: try again later.
    ///
    /// `guessMax` bounds the buffer that is taken because of what earlier frames needed, in bytes. `isAdmitted` means
    /// that there is room for the whole frame that has begun: it moves once, and not again each time that it has doubled.
    mutating func receive<W: World & ~Copyable>(
        _ connection: ConnectionID, limits: Limits, guessMax: Int, isLoggedIn: Bool,
        isAdmitted: Bool, at now: Instant, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Bool {
        guard !isReceiving else { return true }
        let usual = isLoggedIn ? limits.receiveBytesMin : Int(limits.unauthenticatedFrameBytesMax) + 4
        // Room for several frames, if they stay in the cache together, and else for one.
        let several = max(typical, min(4 * typical, limits.receiveBytesForSeveral))
        let guess = isLoggedIn ? max(min(several, guessMax), usual) : usual
        let wanted = isAdmitted ? max(guess, claimed) : guess
        guard try makeRoom(guess: wanted, keptMax: 2 * max(guessMax, usual) - 1, &buffers, &world), let buffer else {
            hungrySince = hungrySince ?? now.nanoseconds
            return false
        }
        hungrySince = nil
        // Stop where the last frame like this one ends that fits: what begins behind it begins in a fresh buffer
        // and need not be moved there.
        var end = capacity
        let expected = claimed > 0 ? claimed : typical
        if expected > 0 {
            let fittingEnd = start + (capacity - start) / expected * expected
            if fittingEnd > filled { end = fittingEnd }
        }
        isReceiving = true
        pace?.resume(at: now)
        try world.submit(.receive(connection, into: slice(buffer, filled, end - filled)))
        return true
    }

    mutating func received(_ slice: Slice, at now: Instant) throws(MachineFailure) {
        try invariant(isReceiving && slice.buffer == buffer && Int(slice.position) == filled, "a receive ends where it was asked")
        isReceiving = false
        pace?.received(byteCount: Int(slice.byteCount), at: now)
        filled = slice.end
    }

    mutating func receiveFailed() { isReceiving = false }

    /// Nothing is to be received at the moment.
    mutating func forgetHunger() { hungrySince = nil }

    /// Gives the buffer back, for a connection that is closing. A receive in flight ends first.
    mutating func close<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) {
        try invariant(!isReceiving, "a buffer being filled is not given back")
        if let buffer, !world.isMutated(.inputNotReleased) { try buffers.release(buffer, &world) }
        buffer = nil
        (capacity, start, filled, claimed) = (0, 0, 0, 0)
        hungrySince = nil
    }

    /// Makes sure that there is room behind `filled`. A fresh buffer has at least `guess` bytes.
    private mutating func makeRoom<W: World & ~Copyable>(
        guess: Int, keptMax: Int, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Bool {
        let pending = filled - start
        let needed = max(claimed, ClassicRequestHead.byteCount)
        if buffer != nil, capacity > filled {
            // A fresh frame of the usual size had better begin in a fresh buffer than be moved into one.
            // A huge one is kept for no frame that has not begun: its connection may have nothing more to say.
            if pending == 0, capacity - start >= min(typical, guess), capacity <= keptMax { return true }
            // One that does not fit is moved while little of it is there, and again only when the room is used up.
            if pending > 0, start == 0 || capacity - start >= needed { return true }
        }
        // Twice what has come is enough until more comes; the claimed length alone buys nothing.
        let byteCount = max(guess, min(needed, 2 * pending), pending + 1)
        if pending == 0, let empty = buffer {
            // First, since its memory may be all that there is.
            try buffers.release(empty, &world)
            buffer = nil
            (capacity, start, filled) = (0, 0, 0)
        }
        guard let fresh = try buffers.allocate(byteCount: byteCount, &world) else {
            missingByteCount = byteCount
            return false
        }
        if let buffer {
            if !world.isMutated(.frameLosesItsBeginning) {
                var target = try world.mutableBytes(of: slice(fresh, 0, pending))
                target.store(try world.bytes(of: slice(buffer, start, pending)), at: 0)
            }
            try buffers.release(buffer, &world)
        }
        buffer = fresh
        capacity = try world.byteCount(of: fresh)
        start = 0
        filled = pending
        return true
    }

    private func slice(_ buffer: BufferID, _ position: Int, _ byteCount: Int) -> Slice {
        Slice(buffer, position: UInt32(clamping: position), byteCount: UInt32(clamping: byteCount))
    }
}
