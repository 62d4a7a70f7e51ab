import Platform
import Testing

@testable import Server

@Suite struct ReplyOutputTests {
    private let page = BufferID(owner: ShardID(0), slot: 1, generation: 0)
    private let reply = BufferID(owner: ShardID(0), slot: 2, generation: 0)
    private let now = Instant(nanoseconds: 5, wallMicroseconds: 5)

    private func send(_ output: inout ReplyOutput, _ world: inout TestWorld) throws -> [Slice] {
        var scratch: [Slice] = []
        try output.send(
            ConnectionID(slot: 0, generation: 0), token: Token(1), at: now, scratch: &scratch, &world)
        return scratch
    }

    @Test func `neighbouring statuses are one slice`() {
        var output = ReplyOutput()
        for number in 0..<10 { output.append(Slice(page, position: UInt32(number) * 8, byteCount: 8)) }

        #expect(output.queuedBytes == 80)
        #expect(output.positionAfterLast(in: page) == 80)
    }

    @Test(arguments: 0...48)
    func `a short send goes on where it stopped and releases once`(firstCount: Int) throws {
        // Buffers of the test pool, so that the world knows them.
        var world = TestWorld(TestDisk())
        let buffers = (world.allocateBuffer(byteCount: 16), world.allocateBuffer(byteCount: 32))
        let first = try #require(buffers.0)
        let second = try #require(buffers.1)
        var output = ReplyOutput()
        output.append(Slice(first, position: 0, byteCount: 16), hold: .buffer(first))
        output.append(Slice(second, position: 0, byteCount: 32), hold: .buffer(second))
        var released: [ReplyOutput.Hold] = []

        let sliceCount = try send(&output, &world).count
        #expect(sliceCount == 2)
        world.queue.removeAll()
        try output.sent(firstCount, releasing: &released)
        var total = firstCount
        while !output.isEmpty {
            let slices = try send(&output, &world)
            let count = slices.reduce(0) { $0 + Int($1.byteCount) }
            total += count
            try output.sent(count, releasing: &released)
        }

        #expect(total == 48)
        #expect(released == [.buffer(first), .buffer(second)])
        #expect(output.queuedBytes == 0)
    }

    @Test func `loans of a lost shard are forgotten`() {
        var output = ReplyOutput()
        output.append(Slice(reply, position: 0, byteCount: 4), hold: .loan(ShardID(1), 7))

        let answers = [
            output.forgetLoans(of: ShardID(2)), output.forgetLoans(of: ShardID(1)), output.forgetLoans(of: ShardID(1)),
        ]

        #expect(answers == [false, true, false])
    }
}
