import Glibc

/// One TCP connection to a server on this machine that never blocks, for a loop that waits for many of them at once.
public final class LoopSocket {
    /// To wait for; closed with the value.
    public let descriptor: Int32
    public private(set) var isConnected = false
    private var outgoing: [UInt8] = []

    public enum Heard: Equatable, Sendable {
        case nothing
        case bytes([UInt8])
        /// The server's side is over; with a reset what was sent may be lost.
        case ended(isReset: Bool)
    }

    /// Begins to connect to 127.0.0.1; nil if the system will not hear of it.
    public init?(connectingTo port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // SAFETY: the address lives during the call, which is told its length.
        let code = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code == 0 {
            isConnected = true
        } else if errno != EINPROGRESS {
            return nil
        }
        set(Int32(TCP_NODELAY), Int32(1), level: Int32(IPPROTO_TCP))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// It waits for the connection to stand, or for room for what is to be sent.
    public var awaitsWriting: Bool { !isConnected || !outgoing.isEmpty }

    /// Call when it can be written: false if the connection failed.
    public func finishConnecting() -> Bool {
        var outcome: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // SAFETY: SO_ERROR is an int, and `length` says so.
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length)
        isConnected = outcome == 0
        return isConnected
    }

    /// Sends the bytes, now or as there is room. That the connection is lost is heard by receiving.
    public func send(_ bytes: [UInt8]) {
        outgoing += bytes
        flush()
    }

    /// Sends what waits, as far as there is room.
    public func flush() {
        while !outgoing.isEmpty {
            // SAFETY: the array lives during the call, which is told its length.
            let count = unsafe Glibc.send(descriptor, outgoing, outgoing.count, Int32(MSG_NOSIGNAL))
            if count > 0 {
                outgoing.removeFirst(count)
            } else if errno != EINTR {
                if errno != EAGAIN { outgoing = [] }
                return
            }
        }
    }

    /// What has come.
    public func receive() -> Heard {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            // SAFETY: the array has the room that the call is told.
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return .bytes(Array(buffer[..<count])) }
            if count == 0 { return .ended(isReset: false) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .ended(isReset: true)
            }
        }
    }

    /// The server will see a reset when the value goes.
    public func resetAtEnd() { set(SO_LINGER, linger(l_onoff: 1, l_linger: 0), level: SOL_SOCKET) }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value, level: Int32) {
        var value = value
        // SAFETY: the length is the value's own. A refused option costs speed or manners, never correctness.
        _ = unsafe withUnsafeBytes(of: &value) {
            unsafe setsockopt(descriptor, level, option, $0.baseAddress, socklen_t($0.count))
        }
    }
}
