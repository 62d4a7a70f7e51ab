import Client
import Support
import Testing

/// One limit holds for all buffers, whatever clients do.
@Suite(.serialized)
struct MemoryLimitTests {
    private static let limitMiB = 256
    /// Code, stacks, catalog, and what the allocator keeps.
    private static let otherMiB = 64

    /// 200 clients ask for much and read nothing, while four others send batches of 64 MB.
    @Test func `slow readers and huge batches keep the process within its limit`() throws {
        let settings = TestServer.Settings(shards: 2, environment: ["GALGO_MEMORY_LIMIT": "\(Self.limitMiB) MiB"])
        try withServer(settings) { server in
            var writer = try server.loggedIn()
            try writer.makeTopic("read", "t", partitions: 2)
            try writer.makeTopic("written", "t", partitions: 4)
            let megabyte = [UInt8](repeating: 7, count: 1 << 20)
            for number in 0..<64 {
                let frame = RawFrame.send("read", "t", payloads: [megabyte], partition: UInt32(number % 2))
                #expect(try writer.ask(frame).status == 0)
            }

            let pid = try #require(server.pid)
            let sampler = MemorySampler(pid: pid)
            var sleepers: [Sleeper] = []
            for number in 0..<200 {
                let sleeper = Sleeper(try server.loggedIn())
                // Four polls of up to 8 MiB each, of which nothing is read.
                let poll = RawFrame.poll("read", "t", count: 8, partition: UInt32(number % 2))
                try sleeper.connection.sendRaw((0..<4).flatMap { _ in poll })
                sleepers.append(sleeper)
            }

            let address = server.address
            let batch = RawFrame.send("written", "t", payloads: Array(repeating: megabyte, count: 60))
            let producers = (0..<4).map { _ in
                Background { try Self.send(batch, times: 4, to: address) }
            }
            let acknowledged = try producers.map { try $0.join() }.reduce(0, +)
            let most = try sampler.end()

            print("memory: \(most >> 20) MiB at most, \(acknowledged) of 16 huge batches acknowledged")
            #expect(sleepers.count == 200)
            #expect(most <= (Self.limitMiB + Self.otherMiB) << 20)
            #expect(acknowledged == 16, "memory is lent to whoever waits for it")
            try server.requireServingSoon()
        }
    }

    /// A batch that the limit cannot hold is refused or its connection ended: nobody waits for ever, and others are
    /// served on.
    @Test func `a batch larger than the limit ends with an answer`() throws {
        try withServer(.init(environment: ["GALGO_MEMORY_LIMIT": "64 MiB"])) { server in
            var writer = try server.loggedIn()
            try writer.makeTopic("s", "t")
            let megabyte = [UInt8](repeating: 7, count: 1 << 20)
            let batch = RawFrame.send("s", "t", payloads: Array(repeating: megabyte, count: 60))

            let acknowledged = try? Self.send(batch, times: 1, to: server.address)
            #expect(acknowledged == 0)
            #expect(try writer.ask(RawFrame.send("s", "t", payloads: [megabyte])).status == 0)
            #expect(try writer.ask(RawFrame.poll("s", "t", count: 10)).messageCount == 1)
        }
    }

    /// Sends a batch again and again, each time when the answer to the one before has come. How many were acknowledged.
    private static func send(_ batch: [UInt8], times: Int, to address: Address) throws -> Int {
        let patient = Timeouts(connect: .seconds(5), receive: .seconds(60), send: .seconds(60))
        var connection = try Connection(to: address, timeouts: patient)
        guard try connection.ask(RawFrame.login).status == 0 else { throw HarnessError("the login was refused") }
        var acknowledged = 0
        for _ in 0..<times {
            if try connection.ask(batch).status == 0 { acknowledged += 1 }
        }
        return acknowledged
    }
}

/// A client that asks and does not read.
private final class Sleeper {
    var connection: Connection

    init(_ connection: consuming Connection) { self.connection = connection }
}
