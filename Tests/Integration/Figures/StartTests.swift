import Support
import Testing

/// What an optimised server that nobody uses costs.
@Suite(.enabled(if: Executable.releaseServer != nil, "needs an optimised server: scripts/test makes one"), .serialized)
struct StartTests {
    private static let starts = 15
    private static let readyWithin = Duration.milliseconds(150)
    private static let residentMax = 40 << 20

    @Test(arguments: [1, 2])
    func `it serves within 150 milliseconds and takes no more than 40 MiB`(shards: Int) throws {
        let server = try TestServer(.init(shards: shards, binary: Executable.releaseServer))
        defer { server.kill() }
        var durations: [Duration] = []
        var processorTimes: [Duration] = []
        var resident: [Int] = []

        for _ in 0..<Self.starts {
            try server.start()
            durations.append(try #require(server.readyAfter))
            processorTimes.append(try server.processorTime())
            resident.append(try ResidentMemory.bytes(of: try #require(server.pid)))
            try server.stop()
        }

        // Other tests run beside it: what all of them together cost is not this server's fault. How long it takes shows
        // in the start that they left alone, how much it does in the usual one.
        let best = try #require(durations.min())
        let usualWork = processorTimes.median
        let most = try #require(resident.max())
        print(
            "start to ready, \(shards) shards: \(best) at best, \(durations.median) usually,",
            "\(try #require(durations.max())) at most, \(usualWork) of a processor;",
            "idle: \(most >> 10) KiB resident")
        #expect(best <= Self.readyWithin)
        #expect(usualWork <= Self.readyWithin)
        #expect(most <= Self.residentMax)
    }
}
