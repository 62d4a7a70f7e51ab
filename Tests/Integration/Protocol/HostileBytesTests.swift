import Client
import Foundation
import Testing

/// Bytes that no client sends. Whatever they are, the server answers or closes, and goes on serving the others.
struct HostileBytesTests {
    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", "SSH-2.0-OpenSSH_9.2\r\n",
    ])
    func `a connection that starts with another protocol is closed without a word`(text: String) throws {
        try withServer { server in
            var connection = try server.connection()
            try connection.sendRaw(Array(text.utf8))

            #expect(try connection.isClosedByServer())
            try server.requireServing()
        }
    }

    @Test func `an unknown code is fatal in the first frame only`() throws {
        try withServer { server in
            var first = try server.connection()
            try first.sendRaw(RawFrame.request(60_000))
            #expect(try first.isClosedByServer())

            var later = try server.loggedIn()
            #expect(try later.ask(RawFrame.request(60_000, [1, 2, 3])) == .refused(3))
            #expect(try later.ask(RawFrame.ping) == .ok)
            try server.requireServing()
        }
    }

    @Test(arguments: [0, 1, 2, 3] as [UInt32])
    func `a length that cannot hold a code is refused and ends the connection`(length: UInt32) throws {
        try withServer { server in
            var connection = try server.connection()
            #expect(try connection.ask(RawFrame.ping) == .ok)
            try connection.sendRaw(RawFrame.word(length) + RawFrame.word(1))

            #expect(try connection.reply() == .refused(3))
            #expect(try connection.isClosedByServer())
            try server.requireServing()
        }
    }

    @Test func `a request of eleven megabytes that is no batch is refused and ends the connection`() throws {
        try withServer { server in
            var connection = try server.loggedIn()
            try connection.sendRaw(RawFrame.word(11 << 20) + RawFrame.word(200))

            #expect(try connection.reply() == .refused(3))
            #expect(try connection.isClosedByServer())
            try server.requireServing()
        }
    }

    @Test func `a huge request before the login is not waited for`() throws {
        try withServer { server in
            var connection = try server.connection()
            #expect(try connection.ask(RawFrame.ping) == .ok)
            try connection.sendRaw(RawFrame.word(.max) + RawFrame.word(101))

            // With a refusal or without a word: the end must come although the bytes never do.
            var isClosed = false
            while !isClosed {
                do {
                    #expect(try connection.reply().status != 0)
                } catch ClientError.connectionLost {
                    isClosed = true
                }
            }
            try server.requireServing()
        }
    }

    @Test func `bytes behind what a command needs are ignored`() throws {
        try withServer { server in
            var connection = try server.connection()
            let surplus: [UInt8] = [9, 9, 9, 9, 9]

            #expect(try connection.ask(RawFrame.request(1, surplus)) == .ok)
            #expect(try connection.ask(Self.extended(RawFrame.login, by: surplus)).status == 0)
            #expect(try connection.ask(Self.extended(RawFrame.createStream("s"), by: surplus)).status == 0)
            #expect(try connection.ask(Self.extended(RawFrame.createTopic("s", "t"), by: surplus)).status == 0)
            #expect(try connection.ask(Self.extended(RawFrame.getStream("s"), by: surplus)).payload.isEmpty == false)
        }
    }

    @Test func `a refused request is read to its end before the next one`() throws {
        try withServer { server in
            // Small enough that even a stranger may send it: its payloads would pass for requests.
            let batch = RawFrame.send("nowhere", "t", payloads: (0..<10).map { _ in Array(RawFrame.ping) })
            var stranger = try server.connection()
            #expect(try stranger.ask(RawFrame.ping) == .ok)
            #expect(try stranger.ask(batch) == .refused(40))
            #expect(try stranger.ask(RawFrame.getStream("s")) == .refused(40))
            #expect(try stranger.ask(RawFrame.ping) == .ok)

            var known = try server.loggedIn()
            #expect(try known.ask(batch) == .refused(1009))
            try known.makeTopic("s", "t")
            for refused in Self.brokenBatches {
                #expect(try known.ask(refused.frame).status == refused.status, "\(refused.what)")
                #expect(try known.ask(RawFrame.ping) == .ok, "after \(refused.what)")
            }
            #expect(try known.ask(RawFrame.poll("s", "t", count: 10)).messageCount == 0)
        }
    }

    @Test func `five hundred damaged frames leave the server serving`() throws {
        try withServer { server in
            var dice = Dice(seed: 0x5EED_0042)
            let models = [
                RawFrame.login, RawFrame.createStream("fuzz"), RawFrame.createTopic("fuzz", "t", partitions: 3),
                RawFrame.getStream("fuzz"), RawFrame.send("fuzz", "t", payloads: [[1, 2, 3], [], [4]]),
                RawFrame.poll("fuzz", "t", count: 10), RawFrame.request(603, [2, 1, 97]),
                RawFrame.request(33, RawFrame.name("user") + RawFrame.name("secret") + [1, 1] + RawFrame.word(11)),
            ]
            var connection = try server.loggedIn()
            for number in 0..<500 {
                let (frame, isHonest) = dice.damaged(models[number % models.count])
                do {
                    try connection.sendRaw(frame)
                    // A frame that lies about its length gets no reply, or several: the end of it all is certain.
                    if !isHonest { connection.finishSending() }
                    repeat { _ = try connection.receive() } while !isHonest
                } catch ClientError.connectionLost {
                    connection = try server.loggedIn()
                }
                if number.isMultiple(of: 100) { try server.requireServing() }
            }
            try server.requireServing()
        }
    }

    // MARK: Material

    private static func extended(_ frame: [UInt8], by surplus: [UInt8]) -> [UInt8] {
        RawFrame.word(UInt32(frame.count - 4 + surplus.count)) + frame[4...] + surplus
    }

    /// Batches with one defect each, for stream "s", topic "t", and the status that names it.
    private static let brokenBatches: [(what: String, frame: [UInt8], status: UInt32)] = {
        let good = RawFrame.send("s", "t", payloads: [[1], [2, 2]])
        // Length, code, metadata length, two identifiers of three bytes, partitioning, count: the index starts at 28.
        let index = 4 + 4 + 4 + 3 + 3 + 6 + 4
        func with(_ byte: UInt8, at position: Int) -> [UInt8] {
            var frame = good
            frame[position] = byte
            return frame
        }
        return [
            ("no messages", RawFrame.send("s", "t", payloads: []), 4009),
            ("metadata longer than the payload", with(0xff, at: 9), 3),
            ("an unknown kind of identifier", with(9, at: 12), 6),
            ("an unknown kind of partitioning", with(9, at: 18), 3),
            ("a partition that does not exist", with(77, at: 20), 3007),
            ("an index entry with an offset", with(1, at: index), 4031),
            ("an index entry with a time", with(1, at: index + 8), 4032),
            ("an index entry that cuts a message", with(64, at: index + 4), 4033),
        ]
    }()
}

/// Chance from a seed: SplitMix64.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The frame cut or with some bytes changed, and whether its length is honest, as in fifteen of sixteen.
    mutating func damaged(_ frame: [UInt8]) -> (frame: [UInt8], isHonest: Bool) {
        var frame = frame
        if Int.random(in: 0..<4, using: &self) == 0 {
            frame.removeLast(Int.random(in: 0..<frame.count - 8, using: &self))
        }
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            frame[Int.random(in: 4..<frame.count, using: &self)] = UInt8.random(in: 0...255, using: &self)
        }
        let isHonest = Int.random(in: 0..<16, using: &self) > 0
        let length = isHonest ? UInt32(frame.count - 4) : UInt32.random(in: 0..<64, using: &self)
        return (RawFrame.word(length) + frame[4...], isHonest)
    }
}
