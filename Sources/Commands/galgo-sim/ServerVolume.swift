import Glibc
import Outside

/// A file system of limited size for one server, which is gone with the value.
final class ServerVolume {
    static let byteCount = 64 << 20

    let path: String
    private let holder: ServerProgram

    /// nil where this machine does not let an ordinary user have one.
    init?(at path: String) {
        guard VolumeCommands.tools.allSatisfy({ unsafe access($0, X_OK) == 0 }), unsafe mkdir(path, 0o700) == 0,
            let holder = ServerProgram(
                VolumeCommands.hold(path, byteCount: Self.byteCount, untilInputEnds: true),
                environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        else { return nil }
        guard holder.look(within: 5_000, for: { $0.contains("mounted") ? true : nil }) != nil else { return nil }
        self.path = path
        self.holder = holder
    }

    /// Before the server's command line.
    var wrapper: [String] { VolumeCommands.enter(holder: holder.process) }

    var pathFromHere: String { VolumeCommands.pathFromHere(path, holder: holder.process) }

    private var ballast: String { "\(pathFromHere)/ballast" }

    /// Takes all room but so many bytes.
    func fill(leaving byteCount: Int) {
        var facts = statvfs()
        // SAFETY: the structure lives during the call.
        guard unsafe statvfs(pathFromHere, &facts) == 0 else { return }
        let room = Int(facts.f_bavail) * Int(facts.f_frsize)
        let file = unsafe open(ballast, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        if room > byteCount { posix_fallocate(file, 0, room - byteCount) }
        close(file)
    }

    func free() { unsafe unlink(ballast) }
}
