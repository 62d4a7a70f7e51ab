import Foundation
import Glibc
import Outside

/// A small file system in memory that only the programs of one test see.
package final class LimitedVolume: Sendable {
    package static let byteCount = 24 << 20

    /// Where it is mounted, for programs behind `wrapper`.
    package let path: String
    private let holder: ChildProcess

    /// - Parameter directory: of the test; the mount point is made in it.
    package init(in directory: TemporaryDirectory) throws {
        path = directory.path("volume")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        holder = try Self.hold(path, Output(copiedTo: directory.path("volume.output")))
        guard case .found = holder.wait(atMost: .seconds(10), forOutput: { $0.contains("mounted") ? true : nil }) else {
            throw HarnessError("cannot mount a volume of limited size: \(holder.output.text)")
        }
    }

    private static func hold(_ path: String, _ output: Output) throws -> ChildProcess {
        let command = VolumeCommands.hold(path, byteCount: byteCount)
        return try ChildProcess(
            command[0], Array(command.dropFirst()), environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            output: output)
    }

    /// The command line before the server's: enters the namespace, then becomes the server.
    package var wrapper: [String] { VolumeCommands.enter(holder: holder.pid) }

    /// The same place for this process, which is not in the namespace.
    package var pathFromHere: String { VolumeCommands.pathFromHere(path, holder: holder.pid) }

    /// Tried once: containers and hardened systems forbid it.
    package static let isAllowed: Bool = {
        guard VolumeCommands.tools.allSatisfy({ FileManager.default.isExecutableFile(atPath: $0) }),
            let directory = try? TemporaryDirectory()
        else { return false }
        return (try? LimitedVolume(in: directory)) != nil
    }()

    /// Makes a file there grow until it takes all room, down to the last block.
    package func fill() throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HarnessError("cannot reach the volume, error \(errno)") }
        defer { close(descriptor) }
        for chunk in [1 << 20, 4_096] {
            let zeros = [UInt8](repeating: 0, count: chunk)
            while write(descriptor, zeros, chunk) > 0 {}
            guard errno == ENOSPC else { throw HarnessError("cannot fill the volume, error \(errno)") }
        }
    }

    /// Puts a file there that leaves `free` bytes of room.
    package func fill(leaving free: Int) throws {
        var facts = statvfs()
        guard statvfs(pathFromHere, &facts) == 0 else { throw HarnessError("cannot reach the volume, error \(errno)") }
        let room = Int(facts.f_bavail) * Int(facts.f_frsize)
        guard room > free else { throw HarnessError("only \(room) bytes are left on the volume") }
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, posix_fallocate(descriptor, 0, room - free) == 0 else {
            throw HarnessError("cannot fill the volume")
        }
        close(descriptor)
    }

    package func free() {
        unlink(ballast)
    }

    private var ballast: String { "\(pathFromHere)/ballast" }
}
