import Glibc
import Primitives

/// One TCP connection that blocks, and its only owner: it closes when the value goes away.
///
/// The one place of the client that calls the system; everything above it deals in frames.
struct Socket: ~Copyable {
    private let descriptor: Int32

    /// Connects to the first address of the host that answers, without Nagle's delay.
    init(connectingTo address: Address, timeouts: Timeouts) throws(ClientError) {
        let deadline = ContinuousClock.now + timeouts.connect
        var failure = ClientError.addressUnusable(address.description)
        for candidate in try Self.resolve(address) {
            do throws(ClientError) {
                let opened = try Self.open(candidate, deadline: deadline)
                self.init(owning: opened)
                configure(timeouts)
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    /// Sends all bytes. On an error an unknown part of them has left.
    func send(_ bytes: RawSpan) throws(ClientError) {
        var sent = 0
        while sent < bytes.byteCount {
            let rest = bytes.extracting(sent..<bytes.byteCount)
            // SAFETY: the pointer is used inside the closure only, for the span's own length.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count < 0 else {
                sent += count
                continue
            }
            try Self.interpret(errno)
        }
    }

    /// Receives at least one byte into `buffer[start...]` and says how many.
    func receive(into buffer: inout [UInt8], from start: Int) throws(ClientError) -> Int {
        precondition(start >= 0 && start < buffer.count, "a receive needs room")
        while true {
            // SAFETY: the precondition keeps `start` inside; the length is what lies behind it.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.recv(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start, 0)
            }
            if count > 0 { return count }
            guard count < 0 else { throw .connectionLost(code: 0) }
            try Self.interpret(errno)
        }
    }

    /// Tells the peer that no more requests follow; replies can still be received.
    func finishSending() {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The port of the local end, by which the server's list of clients names this one; nil when the system cannot tell.
    var localPort: UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the kernel writes at most `length` bytes, the size of the storage.
        let code = unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { return nil }
        // SAFETY: IPv4 and IPv6 addresses both hold the port in bytes 2 and 3, big endian.
        return unsafe withUnsafeBytes(of: &storage) { unsafe UInt16($0[2]) << 8 | UInt16($0[3]) }
    }
}

// MARK: - Opening

extension Socket {
    /// A resolved address, copied out of the resolver's list.
    private struct Candidate {
        let family: Int32
        let storage: sockaddr_storage
        let length: socklen_t
    }

    private static func resolve(_ address: Address) throws(ClientError) -> [Candidate] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        // SAFETY: the resolver fills `list`, which is freed below after everything was copied out of it.
        let code = unsafe getaddrinfo(address.host, String(address.port), &hints, &list)
        guard code == 0 else { throw .addressUnusable(address.description) }
        defer { unsafe freeaddrinfo(list) }

        var candidates: [Candidate] = []
        var next = unsafe list
        while let entry = unsafe next {
            // SAFETY: `entry` belongs to the list; ai_addr points to ai_addrlen bytes, never more than the storage.
            let info = unsafe entry.pointee
            var storage = sockaddr_storage()
            if let source = unsafe info.ai_addr, unsafe Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size {
                unsafe withUnsafeMutableBytes(of: &storage) {
                    unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(info.ai_addrlen)))
                }
                candidates.append(
                    Candidate(family: unsafe info.ai_family, storage: storage, length: unsafe info.ai_addrlen))
            }
            unsafe next = info.ai_next
        }
        return candidates
    }

    /// Connects without blocking, so that the deadline holds, and hands out a blocking descriptor.
    private static func open(
        _ candidate: Candidate, deadline: ContinuousClock.Instant
    ) throws(ClientError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(candidate.family, kind, 0)
        guard descriptor >= 0 else { throw .connectFailed(code: errno) }
        do throws(ClientError) {
            try connect(descriptor, to: candidate, deadline: deadline)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        return descriptor
    }

    private static func connect(
        _ descriptor: Int32, to candidate: Candidate, deadline: ContinuousClock.Instant
    ) throws(ClientError) {
        var storage = candidate.storage
        // SAFETY: the storage holds an address of `length` bytes, copied from the resolver.
        let code = unsafe withUnsafePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, candidate.length)
            }
        }
        guard code != 0 else { return }
        guard errno == EINPROGRESS else { throw .connectFailed(code: errno) }

        while true {
            let left = (deadline - ContinuousClock.now).milliseconds
            guard left > 0 else { throw .timedOut }
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // SAFETY: one entry, as the count says.
            let ready = unsafe Glibc.poll(&entry, 1, Int32(clamping: left))
            if ready > 0 { break }
            guard ready == 0 || errno == EINTR else { throw .connectFailed(code: errno) }
        }
        var outcome: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // SAFETY: SO_ERROR is an int, and `length` says so.
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length)
        guard outcome == 0 else { throw .connectFailed(code: outcome) }
    }

    private func configure(_ timeouts: Timeouts) {
        set(Int32(TCP_NODELAY), 1, level: Int32(IPPROTO_TCP))
        set(SO_RCVTIMEO, Self.timeval(timeouts.receive), level: SOL_SOCKET)
        set(SO_SNDTIMEO, Self.timeval(timeouts.send), level: SOL_SOCKET)
    }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value, level: Int32) {
        var value = value
        // SAFETY: the length is the value's own. A refused option costs speed, never correctness.
        _ = unsafe withUnsafeBytes(of: &value) {
            unsafe setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count))
        }
    }

    private static func timeval(_ duration: Duration) -> timeval {
        let (seconds, attoseconds) = duration.components
        // Zero would mean "for ever": the shortest timeout is a microsecond.
        let micros = max(Int(attoseconds / 1_000_000_000_000), seconds == 0 ? 1 : 0)
        return Glibc.timeval(tv_sec: Int(seconds), tv_usec: micros)
    }

    /// Returns for an interrupted call, which is made again; throws for everything else.
    private static func interpret(_ code: Int32) throws(ClientError) {
        switch code {
        case EINTR: return
        case EAGAIN: throw .timedOut
        default: throw .connectionLost(code: code)
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that waiting that long really reaches a deadline.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
