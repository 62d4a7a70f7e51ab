import Primitives
import Wire

/// Frames of the classic protocol over one blocking connection, without any opinion on what they mean.
///
///     request   u32 length of what follows, u32 code, payload
///     reply     u32 status, u32 payload length, payload
///
/// Replies arrive in the order of the requests, so requests may be sent ahead of their replies
/// (`inFlight` counts them). After any error but `status` the connection is out of step and useless.
public struct Connection: ~Copyable {
    private let socket: Socket
    private var inbox: Inbox
    /// Requests sent through `send` whose replies have not been received.
    public private(set) var inFlight = 0

    public init(to address: Address, timeouts: Timeouts = Timeouts()) throws(ClientError) {
        socket = try Socket(connectingTo: address, timeouts: timeouts)
        inbox = Inbox()
    }

    /// Sends one request as it is, head included, and does not wait for its reply.
    public mutating func send(frame: [UInt8]) throws(ClientError) {
        try socket.send(frame.rawSpan)
        inFlight += 1
    }

    /// Sends bytes that need not be a frame: for tests of what a server does with them.
    public mutating func sendRaw(_ bytes: [UInt8]) throws(ClientError) {
        try socket.send(bytes.rawSpan)
    }

    /// Waits for the next reply and returns its status; its payload is `payload` until the next call.
    public mutating func receive() throws(ClientError) -> UInt32 {
        let head = try take(Self.headByteCount)
        guard let status = inbox.bytes(head).load(UInt32.self, at: 0),
            let byteCount = inbox.bytes(head).load(UInt32.self, at: 4)
        else { throw .replyMalformed(.brokenStructure) }
        payloadRange = try take(Int(byteCount))
        inFlight = max(0, inFlight - 1)
        return status
    }

    /// The payload of the last reply received.
    public var payload: RawSpan {
        @_lifetime(borrow self) borrowing get { inbox.bytes(payloadRange) }
    }

    /// True once the server has closed and nothing it sent is left unread; throws `timedOut` if it stays open.
    public mutating func isClosedByServer() throws(ClientError) -> Bool {
        do throws(ClientError) {
            _ = try take(1)
            return false
        } catch .connectionLost {
            return true
        }
    }

    /// Ends the requests; the server closes after the last reply.
    public func finishSending() { socket.finishSending() }

    /// The port of this end, by which the server's list of clients can be read.
    public var localPort: UInt16? { socket.localPort }

    private static let headByteCount = 8
    private var payloadRange = 0..<0

    /// The place of the next `byteCount` bytes in the inbox, received if they are not there yet.
    private mutating func take(_ byteCount: Int) throws(ClientError) -> Range<Int> {
        while inbox.unreadByteCount < byteCount {
            inbox.makeRoom(for: byteCount)
            inbox.received(try socket.receive(into: &inbox.buffer, from: inbox.end))
        }
        return inbox.take(byteCount)
    }
}

/// Bytes received and not yet used up. One buffer, reused: it grows to the largest reply and stays there.
private struct Inbox {
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    private var start = 0
    private(set) var end = 0

    var unreadByteCount: Int { end - start }

    @_lifetime(borrow self)
    func bytes(_ range: Range<Int>) -> RawSpan {
        buffer.rawSpan.extracting(range)
    }

    /// Leaves room behind `end` towards `byteCount` unread bytes. It grows by what has really arrived, not by
    /// what a reply's head claims.
    mutating func makeRoom(for byteCount: Int) {
        guard end == buffer.count || start + byteCount > buffer.count else { return }
        if start > 0 {
            let unread = Array(buffer[start..<end])
            buffer.replaceSubrange(0..<unread.count, with: unread)
            (start, end) = (0, unread.count)
        }
        if end == buffer.count {
            buffer.append(contentsOf: repeatElement(0, count: min(byteCount - end, buffer.count)))
        }
    }

    mutating func received(_ byteCount: Int) { end += byteCount }

    mutating func take(_ byteCount: Int) -> Range<Int> {
        defer { start += byteCount }
        return start..<start + byteCount
    }
}
