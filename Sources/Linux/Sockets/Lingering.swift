import CLinux

/// Sockets that the core is done with, kept for a moment so that the last answer arrives.
///
/// Closing a socket whose peer is still sending makes the kernel answer with a reset, and a reset destroys what
/// the peer has not read yet. So: finish sending, throw away what comes, close when the peer has closed.
struct Lingering {
    private struct Socket {
        let descriptor: Int32
        let closeAt: Int64
    }

    static let nanosecondsMax: Int64 = 1_000_000_000
    static let lookInterval: Int64 = 20_000_000
    private static let countMax = 256
    /// What is thrown away at one look.
    private static let discardBytes = 64 << 10

    private var sockets: [Socket] = []
    private(set) var lookAt: Int64?

    /// Descriptors in use.
    var count: Int { sockets.count }

    /// Takes the socket over.
    mutating func add(_ descriptor: Int32, now: Int64) {
        if galgo_finish_sending(descriptor) < 0 || Self.hasEnded(descriptor) {
            _ = galgo_close(descriptor)
            return
        }
        if sockets.count >= Self.countMax { closeOldest() }
        sockets.append(Socket(descriptor: descriptor, closeAt: now + Self.nanosecondsMax))
        lookAt = lookAt ?? now + Self.lookInterval
    }

    /// Gives up the one that has had most time, for the sake of its descriptor.
    mutating func closeOldest() {
        guard !sockets.isEmpty else { return }
        _ = galgo_close(sockets.removeFirst().descriptor)
    }

    mutating func look(now: Int64) {
        sockets.removeAll { socket in
            guard socket.closeAt <= now || Self.hasEnded(socket.descriptor) else { return false }
            _ = galgo_close(socket.descriptor)
            return true
        }
        lookAt = sockets.isEmpty ? nil : now + Self.lookInterval
    }

    mutating func closeAll() {
        for socket in sockets { _ = galgo_close(socket.descriptor) }
        sockets = []
        lookAt = nil
    }

    /// Throws away what came. True if the peer has closed or the connection is broken.
    private static func hasEnded(_ descriptor: Int32) -> Bool {
        unsafe withUnsafeTemporaryAllocation(byteCount: discardBytes, alignment: 16) { scratch in
            // SAFETY: the scratch memory has as many bytes as its count says.
            let count = unsafe galgo_receive(descriptor, scratch.baseAddress, scratch.count)
            return count <= 0 && count.errorNumber != ErrorNumber.again
        }
    }
}
