import Glibc
import Synchronization

/// Free TCP ports of 127.0.0.1. They lie below the range from which the system takes the ports of outgoing
/// connections, so no client of a parallel test can sit on one.
enum Ports {
    private static let next = Atomic<UInt16>(UInt16.random(in: 20_000..<28_000))

    static func free() -> UInt16 {
        while true {
            let port = 20_000 + next.wrappingAdd(1, ordering: .relaxed).oldValue % 12_000
            if isFree(port) { return port }
        }
    }

    private static func isFree(_ port: UInt16) -> Bool {
        guard let socket = OpenPort(port) else { return false }
        _ = socket.descriptor
        return true
    }
}

/// A listening socket that only occupies its port; closes with the value.
final class OpenPort {
    let descriptor: Int32

    /// Nil when the port is taken.
    init?(_ port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, listen(descriptor, 1) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}
