import Foundation
import Glibc
import Support

/// What a service manager listens on: every piece of news that a server sends to NOTIFY_SOCKET.
final class NotifySocket {
    /// What NOTIFY_SOCKET is set to.
    let name: String
    private let descriptor: Int32

    /// - Parameter name: a path, or with `@` in front a name that is no file.
    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(name.utf8)
        let code = withUnsafeMutableBytes(of: &address) { raw in
            raw.baseAddress!.advanced(by: 2).copyMemory(from: bytes, byteCount: bytes.count)
            if bytes[0] == UInt8(ascii: "@") { raw[2] = 0 }
            return bind(
                descriptor, raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(2 + bytes.count))
        }
        guard code == 0 else {
            let number = errno
            close(descriptor)
            throw HarnessError("no socket \(name), error \(number)")
        }
    }

    deinit { close(descriptor) }

    /// The next piece of news; nil if none comes within `limit`.
    func next(atMost limit: Duration = .seconds(10)) -> String? {
        let milliseconds = limit.components.seconds * 1_000 + limit.components.attoseconds / 1_000_000_000_000_000
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(milliseconds)) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Drops what has come, and then counts what comes within `time`.
    func count(within time: Duration) -> Int {
        while next(atMost: .zero) != nil {}
        let end = ContinuousClock.now + time
        var count = 0
        while ContinuousClock.now < end {
            if next(atMost: max(.zero, end - ContinuousClock.now)) != nil { count += 1 }
        }
        return count
    }
}
