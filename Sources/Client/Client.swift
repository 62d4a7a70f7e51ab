import Primitives
public import Wire

/// A client of an Iggy-compatible server: one TCP connection, one request at a time, every call waits for its reply.
///
///     let client = try Client(to: Address())
///     try client.login("iggy", password: "iggy")
///     try client.createStream("orders")
///     let events = try TopicPath("orders", "events")
///     try client.createTopic(events.stream, "events", partitions: 3)
///     try client.send([Message("hello")], to: events)
///     let polled = try client.poll(events, partition: 0, from: .first)
///
/// The calls for each noun stand in the files of `Commands`; `ask` takes any other request. A client belongs to one
/// thread at a time. It never reconnects by itself: after any error but `status` make a new one.
public final class Client {
    private var connection: Connection

    public init(to address: Address, timeouts: Timeouts = Timeouts()) throws(ClientError) {
        connection = try Connection(to: address, timeouts: timeouts)
    }

    /// The port of this end, by which `clients` lists it.
    public var localPort: UInt16? { connection.localPort }

    /// Sends a request and decodes its reply; a refusal is thrown.
    @discardableResult
    public func ask(_ request: Request) throws(ClientError) -> Reply {
        var writer = ByteWriter()
        request.encodeFrame(into: &writer)
        return try exchange(writer.bytes, command: request.command)
    }

    /// Sends a request that may be answered with nothing: nil then.
    func askForReply(_ request: Request) throws(ClientError) -> Reply? {
        let reply = try ask(request)
        return reply == .nothing ? nil : reply
    }

    /// Sends a frame made elsewhere and waits for its reply.
    func exchange(_ frame: [UInt8], command: CommandCode) throws(ClientError) -> Reply {
        try connection.send(frame: frame)
        try receiveSuccess()
        return try connection.decodeReply(to: command)
    }

    /// Receives a reply and throws if it is a refusal.
    private func receiveSuccess() throws(ClientError) {
        let status = try connection.receive()
        guard status == 0 else { throw .status(ErrorCode(rawValue: status) ?? .error) }
    }

    /// Sends a poll and reads the messages of its reply.
    func exchange(poll request: PollMessages) throws(ClientError) -> Polled {
        var writer = ByteWriter()
        Request.pollMessages(request).encodeFrame(into: &writer)
        try connection.send(frame: writer.bytes)
        try receiveSuccess()
        return try connection.decodePolled()
    }
}

// A span of the connection's bytes cannot leave an access to a class's property: it is used up here.
extension Connection {
    fileprivate func decodeReply(to command: CommandCode) throws(ClientError) -> Reply {
        do {
            return try Reply(decoding: payload, to: command)
        } catch {
            throw .replyMalformed(error)
        }
    }

    fileprivate func decodePolled() throws(ClientError) -> Polled {
        do {
            return try Polled(decoding: payload)
        } catch {
            throw .replyMalformed(error)
        }
    }
}
