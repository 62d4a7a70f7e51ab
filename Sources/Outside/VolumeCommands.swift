import Glibc

/// Command lines for a small file system in memory that only some programs see. It lives in a mount namespace, which a
/// process of its own holds open: nothing is left behind after it, the volume outlives the servers on it, and no
/// privilege is needed where ordinary users may have namespaces.
public enum VolumeCommands {
    /// Programs that it takes.
    public static let tools = ["/usr/bin/unshare", "/usr/bin/nsenter"]

    /// Root needs no namespace of users, and may not have one in a changed root directory.
    private static let isRoot = geteuid() == 0

    /// Mounts the volume at `path`, says `mounted`, and holds it until it is killed, or until its input ends.
    public static func hold(_ path: String, byteCount: Int, untilInputEnds: Bool = false) -> [String] {
        let wait = untilInputEnds ? "cat >/dev/null" : "sleep infinity"
        let script = "mount -t tmpfs -o size=\(byteCount) tmpfs \"$1\" && echo mounted && exec \(wait)"
        return [tools[0]] + (isRoot ? [] : ["--user", "--map-root-user"])
            + ["--mount", "/bin/sh", "-c", script, "volume", path]
    }

    /// Stands before the command line of a program that is to see the volume: enters the namespace, then becomes it.
    public static func enter(holder: Int32) -> [String] {
        [tools[1], "--target", "\(holder)", "--mount"] + (isRoot ? [] : ["--user", "--preserve-credentials"]) + ["--"]
    }

    /// The same place for a process outside.
    public static func pathFromHere(_ path: String, holder: Int32) -> String { "/proc/\(holder)/root\(path)" }
}
