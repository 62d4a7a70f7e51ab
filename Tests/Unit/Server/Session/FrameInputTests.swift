import Platform
import Primitives
import Testing

@testable import Server

/// A connection's bytes, dealt out in pieces of a test's choosing.
private struct Feed: ~Copyable {
    var world = TestWorld(TestDisk())
    var buffers = BufferLedger(owner: ShardID(0))
    var input = FrameInput()
    var limits = Limits()
    let connection = ConnectionID(slot: 0, generation: 0)
    let now = Instant(nanoseconds: 1, wallMicroseconds: 1)
    var frames: [[UInt8]] = []
    var isLoggedIn = true

    /// Lets `bytes` arrive, at most `pieceBytes` at a time; takes every frame as soon as it is whole.
    mutating func deliver(_ bytes: [UInt8], pieceBytes: Int) throws -> FrameInput.Step {
        var rest = bytes[...]
        var step = FrameInput.Step.needsMore
        while !rest.isEmpty {
            _ = try input.receive(connection, limits: limits, guessMax: limits.receiveBytesMax, isLoggedIn: isLoggedIn, isAdmitted: false, at: now, &buffers, &world)
            let asked = world.queue.popLast()?.operation
            guard case .receive(_, let slice) = asked else {
                Issue.record("a receive is asked for")
                return step
            }
            let piece = Array(rest.prefix(min(pieceBytes, Int(slice.byteCount))))
            rest = rest.dropFirst(piece.count)
            let filled = Slice(slice.buffer, position: slice.position, byteCount: UInt32(piece.count))
            var target = try world.mutableBytes(of: filled)
            target.store(piece.rawSpan, at: 0)
            try input.received(filled, at: now)
            step = try take()
        }
        return step
    }

    /// How large the buffer is that the next bytes are received into. The receive then ends without any.
    mutating func roomByteCount(guessMax: Int = 4 << 20) throws -> Int {
        _ = try input.receive(
            connection, limits: limits, guessMax: guessMax, isLoggedIn: isLoggedIn, isAdmitted: false, at: now, &buffers, &world)
        guard case .receive(_, let slice)? = world.queue.popLast()?.operation else { return 0 }
        input.receiveFailed()
        return try world.byteCount(of: slice.buffer)
    }

    mutating func take() throws -> FrameInput.Step {
        while true {
            let step = try input.next(world, at: now) { _ in 1 << 20 }
            guard case .frame(let slice) = step else { return step }
            frames.append([UInt8](copying: try world.bytes(of: slice)))
        }
    }
}

private func frame(_ code: UInt32, payloadBytes: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt32(4 + payloadBytes))
    writer.write(code)
    writer.write((0..<payloadBytes).map { UInt8(truncatingIfNeeded: $0 &+ Int(code)) })
    return writer.bytes
}

@Suite struct FrameInputTests {
    @Test(arguments: [1, 2, 3, 5, 7, 8, 9, 64, 1_000, 1 << 20])
    func `frames come out whole however they arrive`(pieceBytes: Int) throws {
        let sent = [frame(1, payloadBytes: 0), frame(2, payloadBytes: 300), frame(3, payloadBytes: 20_000)]
            + (0..<50).map { frame(UInt32(10 + $0), payloadBytes: $0 * 37) } + [frame(4, payloadBytes: 100_000)]
        var feed = Feed()

        let step = try feed.deliver(sent.flatMap { $0 }, pieceBytes: pieceBytes)

        #expect(step == .needsMore)
        #expect(feed.frames == sent)
        try feed.input.close(&feed.buffers, &feed.world)
        #expect(feed.buffers.ownedCount == 0)
    }

    @Test(arguments: [1, 100, 9_000])
    func `a claimed length buys no memory, bytes that come do`(receivedBytes: Int) throws {
        var feed = Feed()
        let claimed = frame(101, payloadBytes: 1_000_000)

        _ = try feed.deliver(Array(claimed.prefix(8 + receivedBytes)), pieceBytes: 5_000)

        let byteCount = try feed.roomByteCount()
        #expect(byteCount <= max(feed.limits.receiveBytesMin, 2 * (8 + receivedBytes)))
        #expect(feed.buffers.ownedCount == 1)
    }

    @Test func `a large frame is moved a few times, not at each arrival`() throws {
        var feed = Feed()
        let large = frame(101, payloadBytes: 1_000_000)

        _ = try feed.deliver(large, pieceBytes: 1_000)

        // 16 KiB doubled until it fits: seven buffers, however many pieces.
        #expect(feed.frames == [large])
        #expect(feed.world.pool.allocatedCount <= 8)
    }

    @Test func `the guess for a frame grows with whole frames and is bounded`() throws {
        var feed = Feed()
        _ = try feed.deliver(frame(101, payloadBytes: 200_000), pieceBytes: 1 << 20)

        let generous = try feed.roomByteCount(guessMax: 1 << 20)
        try feed.input.close(&feed.buffers, &feed.world)
        let modest = try feed.roomByteCount(guessMax: 20_000)

        #expect(generous >= 400_000)
        #expect(modest == 20_000)
    }

    @Test(arguments: [
        (100_000, 4 * 100_008), (200_000, 4 * 200_008), (400_000, 1 << 20), (900_000, 1 << 20), (1_040_000, 1 << 20),
    ])
    func `a buffer has room for several frames while they fit the cache together, and else for one`(
        payloadBytes: Int, roomBytes: Int
    ) throws {
        var feed = Feed()
        _ = try feed.deliver(frame(101, payloadBytes: payloadBytes), pieceBytes: 1 << 20)
        try feed.input.close(&feed.buffers, &feed.world)

        #expect(try feed.roomByteCount() == roomBytes)
    }

    @Test func `large frames in a row begin in a fresh buffer each and are not moved`() throws {
        var feed = Feed()
        let large = frame(101, payloadBytes: 1_000_000)
        _ = try feed.deliver(large, pieceBytes: 1 << 20)
        let before = feed.world.pool.allocatedCount

        _ = try feed.deliver(large + large + large, pieceBytes: 1 << 20)

        #expect(feed.frames == [large, large, large, large])
        #expect(feed.world.pool.allocatedCount <= before + 3)
    }

    @Test func `a length below four is told`() throws {
        var feed = Feed()
        _ = try feed.deliver(frame(1, payloadBytes: 0), pieceBytes: 100)

        let step = try feed.deliver([3, 0, 0, 0, 9, 9, 9], pieceBytes: 100)

        #expect(step == .lengthTooShort)
    }

    @Test func `zero as the first word is the other dialect`() throws {
        var feed = Feed()

        let step = try feed.deliver([0, 0, 0, 0, 1], pieceBytes: 100)

        #expect(step == .otherDialect)
    }

    @Test(arguments: [1, 9, 4_000])
    func `a refused frame is read over to the next one`(pieceBytes: Int) throws {
        var feed = Feed()
        let large = frame(101, payloadBytes: (1 << 20) + 5)
        let step = try feed.deliver(Array(large.prefix(8)), pieceBytes: 8)
        #expect(step == .lengthTooLarge(code: 101, frameByteCount: large.count))
        feed.input.refuseFrame(byteCount: large.count)

        let after = try feed.deliver(
            Array(large.dropFirst(8)) + frame(7, payloadBytes: 3), pieceBytes: pieceBytes == 1 ? 50_001 : pieceBytes * 1_000)

        #expect(after == .needsMore)
        #expect(feed.frames == [frame(7, payloadBytes: 3)])
    }

    @Test func `without memory a receive waits`() throws {
        var feed = Feed()
        feed.world.pool.liveMax = 0

        let hasRoom = try feed.input.receive(
            feed.connection, limits: feed.limits, guessMax: 1 << 20, isLoggedIn: true, isAdmitted: false, at: feed.now,
            &feed.buffers, &feed.world)

        #expect(!hasRoom)
        #expect(feed.world.queue.isEmpty)
    }
}
