import Foundation
import Testing

/// What the level `process` promises: `kill -9` at any moment loses nothing that was acknowledged.
///
/// `GALGO_KILL_ROUNDS` in the environment asks for more rounds than the default.
struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["GALGO_KILL_ROUNDS"].flatMap { Int($0) } ?? 5

    @Test(arguments: [1, 2])
    func `acknowledged messages survive kills under load, round after round`(shards: Int) throws {
        // Segments small enough that kills meet rotations.
        let settings = TestServer.Settings(shards: shards, environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB"])
        try withServer(settings) { server in
            let load = Load(server)
            try load.makeTopics()
            for round in 0..<Self.rounds {
                // Kills early and late, differently in each round.
                let milliseconds = 40 + round * 173 % 400
                try load.run {
                    usleep(UInt32(milliseconds) * 1000)
                    server.kill()
                }
                try server.start()
                try load.check()
            }
            #expect(load.acknowledgedCount > 0)
            #expect(load.refusedCount == 0)
        }
    }

    @Test(
        .enabled(if: Strace.isInstalled, "needs strace"),
        arguments: [
            ("pwrite64,pwritev,pwritev2,write,writev", 3), ("fdatasync,fsync", 2), ("mkdirat,mkdir", 1),
            // A start compacts the catalog: a snapshot gets its name, and the log before it is removed.
            ("rename,renameat,renameat2", 1), ("ftruncate,unlinkat", 1),
        ])
    func `acknowledged messages survive a kill at a chosen system call`(calls: String, hitsMin: Int) throws {
        var hits = 0
        for number in [1, 2, 5, 12, 40] {
            let server = try TestServer(.init(environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB"]))
            defer { server.kill() }
            // The topics exist before, so that only messages and offsets are at stake.
            try server.start()
            let load = Load(server)
            try load.makeTopics()
            try server.stop()

            if try server.startUnlessKilled(.kill(at: number, of: calls)) {
                try load.run {
                    // A call that is never made for the n-th time ends like any other kill.
                    if server.waitForExit(atMost: .milliseconds(600)) == nil { server.kill() } else { hits += 1 }
                }
            } else {
                hits += 1
            }
            try server.start()
            try load.check()
        }
        #expect(hits >= hitsMin, "a kill that never comes proves nothing")
    }
}
