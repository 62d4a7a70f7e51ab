import Client
import Foundation
import Support
import Testing

/// What the level `power` promises: a reply to a message leaves after the sync that covers it.
struct PowerLevelTests {
    @Test(.enabled(if: Strace.isInstalled, "needs strace"), arguments: [1, 2])
    func `no reply leaves before its sync`(shards: Int) throws {
        let settings = TestServer.Settings(
            shards: shards,
            environment: ["IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "true"],
            strace: .record(SyncBeforeReply.calls), readyWithin: .seconds(60))
        try withServer(settings) { server in
            var maker = try server.loggedIn()
            try maker.makeTopic("power", "t", partitions: 2)
            let address = server.address

            // Six producers on two partitions: writes and syncs of one meet replies to others.
            let producerCount = 6
            let messageCount = 25
            _ = try concurrently(producerCount) { index in
                var connection = try Connection(to: address, timeouts: TestServer.timeouts)
                _ = try connection.ask(RawFrame.login)
                for number in 0..<messageCount {
                    let mark = Array("mark-\(index * 1000 + number);".utf8)
                    let reply = try connection.ask(
                        RawFrame.send("power", "t", payloads: [mark], partition: UInt32(index % 2)))
                    guard reply == .ok else { throw HarnessError("refused with status \(reply.status)") }
                }
            }
            try server.stop(atMost: .seconds(30))

            let checked = try SyncBeforeReply.check(Trace.calls(of: server.trace()))
            #expect(checked == producerCount * messageCount)
        }
    }
}
