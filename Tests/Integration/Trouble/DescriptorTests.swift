import Client
import Foundation
import Support
import Testing

/// A server with few descriptors: whoever is in stays in, whoever is one too many is turned away, and nothing ends.
struct DescriptorTests {
    private static func settings(_ limit: Int) -> TestServer.Settings {
        TestServer.Settings(wrapper: ["/bin/sh", "-c", "ulimit -n \(limit) && exec \"$@\"", "sh"])
    }

    @Test func `connections beyond the limit are turned away and the others are served`() throws {
        try withServer(Self.settings(160)) { server in
            var resident = try server.loggedIn()
            try resident.makeTopic("few", "t")
            var returns: [Duration] = []

            for cycle in 0..<10 {
                // Far more than there are descriptors; nobody sends, so that nobody leaves by himself.
                let crowd = try Crowd(300, at: server.address)
                #expect(try resident.ask(RawFrame.send("few", "t", payloads: [[UInt8(cycle)]])) == .ok)
                #expect(try resident.ask(RawFrame.poll("few", "t", offset: UInt64(cycle), count: 1)).messageCount == 1)
                #expect(crowd.closedCount > 0, "the limit was not met")
                crowd.leave()

                // Connections are taken again soon after the crowd has left.
                let begin = ContinuousClock.now
                try server.requireServingSoon()
                returns.append(ContinuousClock.now - begin)
            }
            #expect(returns.median < .seconds(2))
            #expect(try resident.ask(RawFrame.poll("few", "t", count: 100)).messageCount == 10)
        }
    }

    @Test func `connections that were thrown out leave files their descriptors`() throws {
        try withServer(Self.settings(160)) { server in
            let partitions: UInt32 = 40
            var resident = try server.loggedIn()
            try resident.makeTopic("few", "t", partitions: partitions)
            var strangers: [RawSocket] = []

            for partition in 0..<partitions {
                // The server closes them, and they do not: it keeps each for a moment.
                for _ in 0..<16 {
                    let stranger = try RawSocket(to: server.address)
                    stranger.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                    strangers.append(stranger)
                }
                let frame = RawFrame.send("few", "t", payloads: [[1]], partition: partition)
                #expect(try resident.ask(frame) == .ok, "partition \(partition)")
            }
            let thrownOut = strangers.count { $0.waitForEnd(atMost: .milliseconds(20)) }
            #expect(thrownOut == strangers.count)
            strangers = []
            try server.requireServingSoon()
        }
    }

    @Test func `more partitions than descriptors are written and read`() throws {
        try withServer(Self.settings(128)) { server in
            let partitions: UInt32 = 300
            var connection = try server.loggedIn()
            try connection.makeTopic("many", "t", partitions: partitions)

            for round in 0..<2 {
                for partition in 0..<partitions {
                    let frame = RawFrame.send("many", "t", payloads: [Array("\(round)".utf8)], partition: partition)
                    try #require(try connection.ask(frame) == .ok)
                }
            }
            for partition in 0..<partitions {
                let reply = try connection.ask(RawFrame.poll("many", "t", count: 10, partition: partition))
                #expect(reply.messages.map(\.payload) == [[0x30], [0x31]])
            }
            try server.requireServing()
            try server.requireAlive()
        }
    }
}

/// Connections that say nothing.
private final class Crowd {
    private var sockets: [RawSocket]

    init(_ count: Int, at address: Address) throws {
        sockets = try (0..<count).map { _ in try RawSocket(to: address) }
    }

    /// How many the server has closed: it takes and closes those for which it has no room.
    var closedCount: Int { sockets.count { $0.waitForEnd(atMost: .milliseconds(2)) } }

    func leave() { sockets = [] }
}
