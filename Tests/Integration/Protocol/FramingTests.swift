import Client
import Foundation
import Testing

struct FramingTests {
    @Test func `a request may arrive in two pieces cut at any byte`() throws {
        try withServer { server in
            var connection = try server.connection()
            for frame in [RawFrame.ping, RawFrame.login, RawFrame.createStream("cut")] {
                for cut in 1..<frame.count {
                    try connection.sendRaw(Array(frame[..<cut]))
                    // Long enough that the server reads the first piece alone, most of the time.
                    usleep(500)
                    try connection.sendRaw(Array(frame[cut...]))
                    let status = try connection.receive()
                    // The stream exists from the second time on.
                    #expect(status == 0 || (frame.count == 12 && status == 1012), "cut at \(cut)")
                }
            }
        }
    }

    @Test func `a request may arrive byte by byte`() throws {
        try withServer { server in
            var connection = try server.connection()
            var replies: [UInt32] = []

            for frame in [
                RawFrame.login, RawFrame.createStream("bytes"), RawFrame.createTopic("bytes", "t"),
                RawFrame.send("bytes", "t", payloads: [[1, 2, 3]]),
            ] {
                for byte in frame {
                    try connection.sendRaw([byte])
                    usleep(200)
                }
                replies.append(try connection.receive())
            }

            #expect(replies == [0, 0, 0, 0])
            let polled = try connection.ask(RawFrame.poll("bytes", "t", count: 10))
            #expect(polled.messageCount == 1)
        }
    }

    @Test func `pipelined requests are answered in order`() throws {
        try withServer { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("pipe", "t")
            let round =
                RawFrame.ping + RawFrame.getStream("missing") + RawFrame.send("pipe", "t", payloads: [[7]])
                + RawFrame.getStream("pipe") + RawFrame.createStream("pipe")

            try connection.sendRaw((0..<200).flatMap { _ in round })
            var statuses: [UInt32] = []
            var sizes: [Bool] = []
            for _ in 0..<1000 {
                let reply = try connection.reply()
                statuses.append(reply.status)
                sizes.append(reply.payload.isEmpty)
            }

            #expect(statuses == (0..<200).flatMap { _ in [0, 0, 0, 0, 1012] })
            #expect(sizes == (0..<200).flatMap { _ in [true, true, true, false, true] })
            #expect(try connection.ask(RawFrame.poll("pipe", "t", count: 1000)).messageCount == 200)
        }
    }

    @Test func `a connection that stops sending gets its last replies and is closed`() throws {
        try withServer { server in
            var connection = try server.connection()
            try connection.sendRaw(RawFrame.ping + RawFrame.login)
            connection.finishSending()

            #expect(try connection.reply() == .ok)
            #expect(try connection.reply().status == 0)
            #expect(try connection.isClosedByServer())
        }
    }
}
