import Platform

/// A moving view of one file: the bytes of `position ..< position + count`, in a pool buffer.
struct Window {
    private(set) var buffer: BufferID?
    private var capacity = 0
    /// Where in the file the first byte of the buffer stands.
    private(set) var position: Int64 = 0
    private(set) var count = 0
    private var path: Path?
    private(set) var isReading = false
    /// The file is not longer than what is in view.
    private var isAtEnd = false
    private var failure: Errno?

    enum Fill {
        /// The wanted bytes begin at this place of the buffer.
        case ready(Int)
        /// The file ends before: so many bytes, from this place of the buffer on, are all there is.
        case short(Int, available: Int)
        case waiting
        case noMemory
        case failed(Errno)
    }

    /// Bytes in view from place `start` of the buffer on.
    func slice(_ start: Int, _ byteCount: Int) throws(MachineFailure) -> Slice {
        guard let buffer, start >= 0, byteCount >= 0, start + byteCount <= count else {
            throw MachineFailure("a window shows only what it holds")
        }
        return Slice(buffer, position: UInt32(start), byteCount: UInt32(byteCount))
    }

    /// How many bytes are in view from `place` on.
    func available(from place: Int) -> Int { max(0, count - place) }

    /// The place of the wanted bytes, if all of them are in view.
    @inline(__always)
    func place(of path: Path, at start: Int64, need: Int) -> Int? {
        guard !isReading, failure == nil, start >= position, start - position <= Int64(count),
            count - Int(start - position) >= need, self.path == path
        else { return nil }
        return Int(start - position)
    }

    /// Takes the buffer out; the view is empty afterwards.
    mutating func takeBuffer() -> BufferID? {
        let taken = buffer
        buffer = nil
        capacity = 0
        count = 0
        isAtEnd = false
        return taken
    }

    /// What is in view has been written over.
    mutating func forget() {
        path = nil
        count = 0
        isAtEnd = false
    }

    mutating func completed(_ completion: Completion) {
        isReading = false
        switch completion {
        case .done(let byteCount):
            count += byteCount
            if byteCount == 0 { isAtEnd = true }
        case .failed(let errno): failure = errno
        case .opened, .space: failure = .inputOutput
        }
    }

    /// Looks whether `need` bytes from `at` on are in view; if not, submits the read that brings them nearer.
    ///
    /// `file` is open and pinned by the caller, who keeps it pinned while `isReading`. A read asks for `prefer` bytes,
    /// or `need` if that is more, and never beyond `limit`, the known end of the file.
    mutating func fill<W: World & ~Copyable>(
        _ path: Path, _ file: FileID, at start: Int64, need: Int, prefer: Int, limit: Int64,
        _ world: inout W, _ ledger: inout BufferLedger, _ token: () -> Token
    ) throws(MachineFailure) -> Fill {
        if isReading { return .waiting }
        if let errno = failure {
            failure = nil
            count = 0
            return .failed(errno)
        }
        if self.path != path || start < position || start > position + Int64(count) {
            self.path = path
            position = start
            count = 0
            isAtEnd = false
        }
        let place = Int(start - position)
        if count - place >= need { return .ready(place) }
        let end = position + Int64(count)
        if isAtEnd || end >= limit { return .short(place, available: count - place) }

        if place + need > capacity {
            // Start again at the wanted byte, in a buffer that is large enough.
            // What prefers larger reads than the window was made for gets them, up to the end of the file.
            let size = max(need, Int(min(Int64(prefer), limit - start)))
            if size > capacity {
                if let old = takeBuffer() { try ledger.release(old, &world) }
                guard let fresh = try ledger.allocate(byteCount: size, &world) else { return .noMemory }
                buffer = fresh
                capacity = size
            }
            position = start
            count = 0
            return try submit(file, atLeast: need, prefer: prefer, limit: limit, &world, token)
        }
        return try submit(file, atLeast: place + need - count, prefer: prefer, limit: limit, &world, token)
    }

    private mutating func submit<W: World & ~Copyable>(
        _ file: FileID, atLeast: Int, prefer: Int, limit: Int64, _ world: inout W, _ token: () -> Token
    ) throws(MachineFailure) -> Fill {
        guard let buffer else { throw MachineFailure("a window that reads has a buffer") }
        let from = position + Int64(count)
        let byteCount = Int(min(Int64(min(max(atLeast, prefer), capacity - count)), limit - from))
        try invariant(byteCount > 0, "a read asks for something")
        isReading = true
        try world.submit(
            .read(file, at: from, into: Slice(buffer, position: UInt32(count), byteCount: UInt32(byteCount)), token()))
        return .waiting
    }

    mutating func close<W: World & ~Copyable>(
        _ world: inout W, _ ledger: inout BufferLedger
    ) throws(MachineFailure) {
        try invariant(!isReading, "a window closes when nothing is in flight")
        if let old = takeBuffer() { try ledger.release(old, &world) }
    }
}
