import Client
import Testing

struct SlowReaderTests {
    @Test func `a client that does not read its replies does not hold up the others`() throws {
        try withServer { server in
            var writer = try server.loggedIn()
            try writer.makeTopic("slow", "t")
            for _ in 0..<16 {
                let payloads = (0..<16).map { [UInt8](repeating: UInt8($0), count: 64 * 1024) }
                #expect(try writer.ask(RawFrame.send("slow", "t", payloads: payloads)) == .ok)
            }

            // 64 polls of up to 16 MiB each, of which nothing is read: far more than sockets buffer.
            var sleeper = try server.loggedIn()
            try sleeper.sendRaw((0..<64).flatMap { _ in RawFrame.poll("slow", "t", count: 256) })

            var durations: [Duration] = []
            for _ in 0..<200 {
                let start = ContinuousClock.now
                #expect(try writer.ask(RawFrame.send("slow", "t", payloads: [[1]])) == .ok)
                #expect(try writer.ask(RawFrame.poll("slow", "t", offset: 256, count: 1)).messageCount == 1)
                durations.append(ContinuousClock.now - start)
            }
            // Whoever is held up waits for as long as the sleeper sleeps, which is for ever.
            #expect(durations.median < .milliseconds(250))
            #expect(durations.allSatisfy { $0 < .seconds(10) })

            // The sleeper was not forgotten: its replies come when it reads them.
            let reply = try sleeper.reply()
            #expect(reply.status == 0)
            #expect((reply.messageCount ?? 0) > 0)
        }
    }
}
