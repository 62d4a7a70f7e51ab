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
}

extension Connection {
    /// Makes a stream with one topic.
    mutating func makeTopic(_ stream: String, _ topic: String, partitions: UInt32 = 1) throws {
        for frame in [RawFrame.createStream(stream), RawFrame.createTopic(stream, topic, partitions: partitions)] {
            let reply = try ask(frame)
            guard reply.status == 0 else { throw HarnessError("cannot make \(stream)/\(topic): \(reply.status)") }
        }
    }
}
