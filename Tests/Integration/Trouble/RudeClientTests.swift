import Client
import Support
import Testing

/// Clients that vanish, stall or reset. None of them ends the process or holds up the others.
struct RudeClientTests {
    @Test func `a crowd that stops in the middle of everything leaves the server serving`() throws {
        try withServer(.init(shards: 2)) { server in
            var polite = try server.loggedIn()
            try polite.makeTopic("rude", "t", partitions: 2)
            let payloads = (0..<64).map { [UInt8](repeating: UInt8($0), count: 16 << 10) }
            #expect(try polite.ask(RawFrame.send("rude", "t", payloads: payloads)) == .ok)
            let batch = RawFrame.send("rude", "t", payloads: [Array(repeating: 7, count: 5_000)], partition: 1)
            let polls = (0..<20).flatMap { _ in RawFrame.poll("rude", "t", count: 64) }
            let frames = [RawFrame.ping, RawFrame.login, RawFrame.login + batch, RawFrame.login + polls]
            var stalled: [RawSocket] = []

            for number in 0..<400 {
                let socket = try RawSocket(to: server.address)
                let frame = frames[number % frames.count]
                // Whole, or cut at a place that differs from client to client.
                socket.send(number % 5 == 0 ? frame : Array(frame[..<(1 + number * 37 % frame.count)]))
                switch number % 3 {
                case 0: socket.resetAtEnd()
                case 1: break
                default: stalled.append(socket)
                }
                if number.isMultiple(of: 40) {
                    #expect(try polite.ask(RawFrame.send("rude", "t", payloads: [[1]])) == .ok)
                    #expect(try polite.ask(RawFrame.poll("rude", "t", count: 1)).messageCount == 1)
                }
            }

            try server.requireServing()
            #expect(try polite.ask(RawFrame.ping) == .ok)
            withExtendedLifetime(stalled) {}
            // With all of them still there: nobody who stalls can hold up the end either.
            try server.stop(atMost: .seconds(15))
        }
    }

    @Test func `who says nothing whole within ten seconds is sent away, who is logged in may stay`() throws {
        try withServer { server in
            var resident = try server.loggedIn()
            let silent = try RawSocket(to: server.address)
            let halting = try RawSocket(to: server.address)
            halting.send(Array(RawFrame.login[..<10]))
            let begin = ContinuousClock.now

            #expect(silent.waitForEnd(atMost: .seconds(20)))
            #expect(halting.waitForEnd(atMost: .seconds(5)))

            #expect(ContinuousClock.now - begin > .seconds(9))
            #expect(try resident.ask(RawFrame.ping) == .ok)
        }
    }
}
