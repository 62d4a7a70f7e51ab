import CLinux
import Glibc
import Platform
import Server
import Synchronization

/// The configuration that holds, in a file beside the data, for tools that wait for it or look up the port.
///
/// It is there while the server serves, and no longer. It is written under another name, synced and renamed: a reader
/// never sees half of it. Secrets are masked.
final class CurrentConfiguration: Sendable {
    private let directory: String
    private let isThere = Atomic(false)

    private static let name = "current_config.toml"
    private static let temporaryName = ".\(name).new"

    init(_ effective: Effective) { directory = Self.directory(effective) }

    /// Where the file is.
    static func directory(_ effective: Effective) -> String {
        let runtime = effective.text("system.runtime.path")
        return runtime.hasPrefix("/") ? runtime : effective.text("system.path") + "/" + runtime
    }

    /// Makes the directory with its parents, and writes.
    ///
    /// - Parameter address: where clients connect, with the port that the system chose.
    /// - Returns: nil when it is written; else the reason why not, which is no reason not to serve.
    func write(_ effective: Effective, address: String) -> String? {
        let text = Array(ConfigurationDump.toml(effective.listening(on: address)).utf8)
        // SAFETY (all calls): the strings are terminated, and they and the array outlive the calls.
        let opened = unsafe galgo_open_root(directory)
        guard opened >= 0 else { return reason("making \(directory)", opened) }
        let directory = Int32(truncatingIfNeeded: opened)
        defer { _ = galgo_close(directory) }
        let created = unsafe galgo_open(directory, Self.temporaryName, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK)
        guard created >= 0 else { return reason("making \(Self.temporaryName)", created) }
        let file = Int32(truncatingIfNeeded: created)
        defer { _ = galgo_close(file) }
        var done = 0
        while done < text.count {
            let count = unsafe text[done...].withUnsafeBytes {
                unsafe galgo_append(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return reason("writing \(Self.temporaryName)", count) }
            done += Int(count)
        }
        let synced = galgo_sync(file)
        guard synced == 0 else { return reason("syncing \(Self.temporaryName)", synced) }
        let renamed = unsafe galgo_rename(directory, Self.temporaryName, Self.name)
        guard renamed == 0 else { return reason("renaming \(Self.temporaryName)", renamed) }
        isThere.store(true, ordering: .releasing)
        let kept = galgo_sync(directory)
        return kept == 0 ? nil : reason("syncing \(self.directory)", kept)
    }

    /// Takes away what a server left that crashed, before anybody takes it for this one's. For the holder of the lock,
    /// which a shard that is rebuilt takes again.
    func removeLeftOver() {
        if !isThere.load(ordering: .acquiring) { unlink() }
    }

    /// Takes away what this server has written, if it has.
    func remove() {
        if isThere.exchange(false, ordering: .acquiring) { unlink() }
    }

    private func unlink() {
        // SAFETY: the string is terminated and outlives the call.
        unsafe _ = Glibc.unlink("\(directory)/\(Self.name)")
    }

    private func reason(_ step: String, _ result: Int64) -> String {
        let number = Int32(truncatingIfNeeded: -result)
        return "\(printable(step)) failed: \(Errno(rawValue: number)?.text ?? "error \(number)"); "
            + "nobody can read the settings in \(printable(directory))"
    }
}
