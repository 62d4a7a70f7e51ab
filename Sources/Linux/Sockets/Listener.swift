import CLinux
import Platform

/// The address that all shards listen on: each with a socket of its own, the kernel spreads the connections.
struct ListenPoint: Sendable {
    let configured: ListenAddress
    private let address: galgo_address

    /// Resolves the host, finds out whether the port can be had, and fixes it if the system is to choose.
    init(_ configured: ListenAddress) throws(StartFailure) {
        self.configured = configured
        var address = galgo_address()
        guard unsafe galgo_resolve(configured.host, configured.port, &address) == 0 else {
            throw .unknownHost(configured)
        }
        // Sockets that share a port do not notice a stranger who shares it too; one that does not share it does.
        let probe = unsafe galgo_bind(&address, 0)
        if let number = probe.errorNumber { throw Self.failure(number, configured) }
        address.port = UInt16(truncatingIfNeeded: galgo_bound_port(Int32(truncatingIfNeeded: probe)))
        _ = galgo_close(Int32(truncatingIfNeeded: probe))
        self.address = address
    }

    var port: UInt16 { address.port }

    /// A socket that holds the port. It takes connections once somebody listens on it.
    func bind() throws(StartFailure) -> Int32 {
        var address = address
        let bound = unsafe galgo_bind(&address, 1)
        if let number = bound.errorNumber { throw Self.failure(number, configured) }
        return Int32(truncatingIfNeeded: bound)
    }

    private static func failure(_ number: Int32, _ address: ListenAddress) -> StartFailure {
        switch number {
        case ErrorNumber.addressInUse: .portInUse(address)
        case ErrorNumber.accessDenied: .portForbidden(address)
        case ErrorNumber.addressNotAvailable: .addressNotHere(address)
        default: .cannotListen(address, Errno(number: number))
        }
    }
}

/// One shard's listening socket.
struct Listener {
    /// What became of trying to accept.
    enum Attempt {
        case accepted(Int32, PeerAddress)
        case nobody
        /// Who stood there has left; the next one may not have.
        case gone
        /// Try later.
        case refused(AcceptRefusal)
    }

    static let pauseNanoseconds: Int64 = 100_000_000

    private let descriptor: Int32
    /// Given up for a moment when there are no descriptors, so that a peer can be told so by closing.
    private var spare: Int32

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
        spare = Int32(truncatingIfNeeded: galgo_eventfd())
    }

    /// Begins to take connections. Nil, or an error number.
    func listen(_ poller: borrowing Poller) -> Int32? {
        let result = galgo_listen(descriptor, 4096)
        if let number = result.errorNumber { return number }
        return poller.add(descriptor, .listener) ? nil : ErrorNumber.tooManyFilesInSystem
    }

    func close() {
        _ = galgo_close(descriptor)
        if spare >= 0 { _ = galgo_close(spare) }
    }

    /// Without room a peer is told so by closing. `hasRoom` is asked only if there is somebody.
    mutating func accept(hasRoom: @autoclosure () -> Bool) -> Attempt {
        var peer = galgo_address()
        let accepted = unsafe galgo_accept(descriptor, &peer)
        guard let number = accepted.errorNumber else {
            let socket = Int32(truncatingIfNeeded: accepted)
            if hasRoom() { return .accepted(socket, PeerAddress(peer)) }
            _ = galgo_close(socket)
            return .refused(.descriptors)
        }
        if number == ErrorNumber.again { return .nobody }
        guard let refusal = AcceptRefusal(number: number) else { return .gone }
        if refusal == .descriptors { refuseOne() }
        return .refused(refusal)
    }

    /// Without this the peer would wait in the queue, and the queue would keep waking us.
    private mutating func refuseOne() {
        guard spare >= 0 else { return }
        _ = galgo_close(spare)
        var peer = galgo_address()
        let accepted = unsafe galgo_accept(descriptor, &peer)
        if accepted >= 0 { _ = galgo_close(Int32(truncatingIfNeeded: accepted)) }
        spare = Int32(truncatingIfNeeded: galgo_eventfd())
    }
}

extension PeerAddress {
    init(_ address: galgo_address) {
        self =
            address.is_ipv6 != 0
            ? PeerAddress(ipv6High: address.high, low: address.low, port: address.port)
            : PeerAddress(ipv4: UInt32(truncatingIfNeeded: address.low), port: address.port)
    }
}
