import Foundation
import Glibc

/// A small file system in memory, mounted where only one process sees it: its mount namespace ends with it, so
/// nothing is left behind, and no privilege is needed where ordinary users may have namespaces.
package struct LimitedVolume {
    package static let byteCount = 24 << 20

    package let path: String

    package init(path: String) { self.path = path }

    /// The command line before the server's: mounts the volume, then becomes the server.
    package var wrapper: [String] { Self.wrapper(path) }

    private static func wrapper(_ path: String) -> [String] {
        let script = "mount -t tmpfs -o size=\(byteCount) tmpfs \"$1\" && shift && exec \"$@\""
        return ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", script, "volume", path]
    }

    /// Tried once: containers and hardened systems forbid it.
    package static let isAllowed: Bool = {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") else { return false }
        let attempt = Process()
        let command = wrapper("/tmp") + ["/bin/true"]
        attempt.executableURL = URL(fileURLWithPath: command[0])
        attempt.arguments = Array(command.dropFirst())
        attempt.standardOutput = FileHandle.nullDevice
        attempt.standardError = FileHandle.nullDevice
        guard (try? attempt.run()) != nil else { return false }
        attempt.waitUntilExit()
        return attempt.terminationStatus == 0
    }()

    /// Puts a file there that takes all room, down to the last block. `pid` is a process that sees the volume.
    package func fill(seenFrom pid: Int32) throws {
        let descriptor = open(ballast(pid), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HarnessError("cannot reach the volume, error \(errno)") }
        defer { close(descriptor) }
        for chunk in [1 << 20, 4_096] {
            let zeros = [UInt8](repeating: 0, count: chunk)
            while write(descriptor, zeros, chunk) > 0 {}
            guard errno == ENOSPC else { throw HarnessError("cannot fill the volume, error \(errno)") }
        }
    }

    package func free(seenFrom pid: Int32) {
        unlink(ballast(pid))
    }

    private func ballast(_ pid: Int32) -> String { "/proc/\(pid)/root\(path)/ballast" }
}
