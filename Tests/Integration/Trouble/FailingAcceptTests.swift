import Client
import Foundation
import Support
import Testing

/// A listening socket that answers nothing but errors, while peers stand in its queue.
@Suite(.enabled(if: Strace.isInstalled, "needs strace"))
struct FailingAcceptTests {
    @Test(arguments: ["ECONNABORTED", "EPROTO", "EPERM", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
    func `a server that cannot accept serves who is there, rests, and ends when it is told to`(error: String) throws {
        // Every accept but the first ten fails: enough for the harness to see it ready, and for a client.
        let settings = TestServer.Settings(
            shards: 1, strace: .fail("accept4,accept", with: error, first: 11, step: 1), readyWithin: .seconds(60))
        try withServer(settings) { server in
            var resident = try server.loggedIn()
            try resident.makeTopic("few", "t")
            let crowd = try (0..<30).map { _ in try RawSocket(to: server.address) }

            let before = try server.processorTime()
            let begin = ContinuousClock.now
            while ContinuousClock.now - begin < .seconds(2) {
                #expect(try resident.ask(RawFrame.ping) == .ok)
                Thread.sleep(forTimeInterval: 0.1)
            }
            let share = try (server.processorTime() - before) / (ContinuousClock.now - begin)

            #expect(share < 0.25, "\(share) of a processor")
            try server.stop(atMost: .seconds(30))
            withExtendedLifetime(crowd) {}
        }
    }
}
