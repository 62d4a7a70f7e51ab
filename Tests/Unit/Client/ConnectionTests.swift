import Client
import Testing
import Wire

struct ConnectionTests {
    @Test func `a reply may come byte by byte`() throws {
        let peer = try ScriptedPeer(sending: [3, 0, 0, 0, 0, 0, 0, 0].map { [$0] })
        var connection = try Connection(to: peer.address)

        #expect(try connection.receive() == 3)
        #expect(try connection.isClosedByServer())
    }

    @Test func `several replies may come at once, one larger than the buffer`() throws {
        let large = [UInt8](repeating: 7, count: 3_000_000)
        let head: [UInt8] = [0, 0, 0, 0, 0xc0, 0xc6, 0x2d, 0]
        let small: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 1, 2]
        let peer = try ScriptedPeer(sending: [small + head + large + [5, 0, 0, 0, 0, 0, 0, 0]])
        var connection = try Connection(to: peer.address)

        #expect(try connection.receive() == 0)
        #expect(connection.bytes == [1, 2])
        #expect(try connection.receive() == 0)
        #expect(connection.bytes == large)
        #expect(try connection.receive() == 5)
        #expect(connection.bytes == [])
    }

    @Test func `a reply that ends too soon is a lost connection`() throws {
        let peer = try ScriptedPeer(sending: [[0, 0, 0, 0, 9, 0, 0, 0, 1]])
        var connection = try Connection(to: peer.address)

        #expect(throws: ClientError.connectionLost(code: 0)) { _ = try connection.receive() }
    }

    @Test func `a server that says nothing is waited for only so long`() throws {
        let peer = try ScriptedPeer(sending: [], holdsOpen: true)
        var connection = try Connection(to: peer.address, timeouts: Timeouts(receive: .milliseconds(30)))

        #expect(throws: ClientError.timedOut) { _ = try connection.receive() }
    }

    @Test func `a port where nobody listens refuses`() throws {
        // Port 1 belongs to a service that no machine has any more.
        #expect(throws: ClientError.self) { _ = try Connection(to: Address(port: 1)) }
    }

    @Test func `a refusal is thrown and the next reply is read`() throws {
        let refusal: [UInt8] = [40, 0, 0, 0, 0, 0, 0, 0]
        let identity: [UInt8] = [0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]
        let peer = try ScriptedPeer(sending: [refusal + identity], holdsOpen: true)
        let client = try Client(to: peer.address)

        #expect(throws: ClientError.status(.unauthenticated)) { _ = try client.streams() }
        #expect(try client.login("iggy", password: "iggy") == 0)
    }

    @Test(arguments: [([1, 2, 3], .truncated), ([1, 0, 0, 0, 0], .brokenStructure)] as [([UInt8], WireError)])
    func `a reply that cannot be decoded is malformed`(payload: [UInt8], cause: WireError) throws {
        let peer = try ScriptedPeer(sending: [[0, 0, 0, 0, UInt8(payload.count), 0, 0, 0] + payload], holdsOpen: true)
        let client = try Client(to: peer.address)

        #expect(throws: ClientError.replyMalformed(cause)) { try client.login("iggy", password: "iggy") }
    }

    /// The head of a poll's reply: the partition, its last offset, and how many messages follow.
    @Test(arguments: [
        ([0, 0, 0], .truncated), ([0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], .brokenStructure),
    ] as [([UInt8], WireError)])
    func `polled messages that cannot be decoded are malformed`(payload: [UInt8], cause: WireError) throws {
        let peer = try ScriptedPeer(sending: [[0, 0, 0, 0, UInt8(payload.count), 0, 0, 0] + payload], holdsOpen: true)
        let client = try Client(to: peer.address)
        let path = try TopicPath("s", "t")

        #expect(throws: ClientError.replyMalformed(cause)) { try client.poll(path, partition: 0, from: .first) }
    }
}

extension Connection {
    fileprivate var bytes: [UInt8] { payload.withUnsafeBytes { Array($0) } }
}
