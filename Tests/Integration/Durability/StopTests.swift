import Support
import Testing

/// SIGTERM is a clean end at any moment.
struct StopTests {
    @Test(arguments: [1, 2], ["false", "true"])
    func `a stop under load keeps what was acknowledged, round after round`(shards: Int, syncs: String) throws {
        let settings = TestServer.Settings(
            shards: shards,
            environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB", "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": syncs])
        try withServer(settings) { server in
            let load = Load(server)
            try load.makeTopics()
            for round in 0..<4 {
                try load.run {
                    // The load begins while the harness waits in vain for the end; the moments differ.
                    #expect(server.waitForExit(atMost: .milliseconds(40 + round * 97)) == nil)
                    try server.stop()
                }
                try server.start()
                try load.check()
            }
            // A batch that comes too late may be refused; the load checks that it has no effect.
            print(
                "stops under load, \(shards) shards, syncs \(syncs): \(load.acknowledgedCount) messages",
                "acknowledged, \(load.refusedCount) batches refused")
            #expect(load.acknowledgedCount > 0)
        }
    }
}
