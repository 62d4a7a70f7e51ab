import Client
import Support

extension TestServer {
    /// Short enough that a server which neither answers nor closes fails its test, not the run.
    static let timeouts = Timeouts(connect: .seconds(5), receive: .seconds(15), send: .seconds(15))

    /// A connection that has sent nothing yet.
    func connection(_ timeouts: Timeouts = TestServer.timeouts) throws -> Connection {
        try Connection(to: address, timeouts: timeouts)
    }

    /// A connection logged in as iggy.
    func loggedIn(_ timeouts: Timeouts = TestServer.timeouts) throws -> Connection {
        var connection = try connection(timeouts)
        let reply = try connection.ask(RawFrame.login)
        guard reply.status == 0 else { throw failure("the login was refused with status \(reply.status)") }
        return connection
    }

    /// Throws unless a new client is served.
    func requireServing() throws {
        try requireAlive()
        var connection = try loggedIn()
        let reply = try connection.ask(RawFrame.ping)
        guard reply == .ok else { throw failure("a ping was refused with status \(reply.status)") }
    }

    /// Throws unless a new client is served within ten seconds, however often it has to try.
    func requireServingSoon() throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try requireServing()
            } catch  where ContinuousClock.now < deadline {
                try requireAlive()
                // A new connection is turned away at once when there is no room: do not only knock.
                _ = waitForExit(atMost: .milliseconds(20))
            }
        }
    }
}

extension Connection {
    /// Everything that a partition holds.
    mutating func everything(_ stream: String, _ topic: String, partition: UInt32) throws -> [AckJournal.Stored] {
        var all: [AckJournal.Stored] = []
        while true {
            let reply = try ask(
                RawFrame.poll(stream, topic, offset: UInt64(all.count), count: 1000, partition: partition))
            guard reply.status == 0 else { throw HarnessError("a poll was refused with status \(reply.status)") }
            let messages = reply.messages
            guard messages.count == reply.messageCount else {
                throw HarnessError("a poll reply has no messages it counts")
            }
            if messages.isEmpty { return all }
            all += messages
        }
    }

    /// Makes a stream with one topic.
    mutating func makeTopic(_ stream: String, _ topic: String, partitions: UInt32 = 1) throws {
        for frame in [RawFrame.createStream(stream), RawFrame.createTopic(stream, topic, partitions: partitions)] {
            let reply = try ask(frame)
            guard reply.status == 0 else { throw HarnessError("cannot make \(stream)/\(topic): \(reply.status)") }
        }
    }
}
