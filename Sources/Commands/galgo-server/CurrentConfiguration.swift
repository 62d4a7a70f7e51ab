import Glibc
import Platform
import Server

/// The configuration that holds, in a file beside the data, for tools that wait for it or look up the port.
///
/// It is written under another name, synced and renamed: a reader never sees half of it. Secrets are left out.
struct CurrentConfiguration {
    let text: String
    let directory: String

    private static let name = "current_config.toml"

    /// - Parameter address: where clients connect, with the port that the system chose.
    init(_ effective: Effective, address: String) {
        text = ConfigurationDump.toml(effective.listening(on: address))
        let runtime = effective.text("system.runtime.path")
        directory = runtime.hasPrefix("/") ? runtime : effective.text("system.path") + "/" + runtime
    }

    /// Nil when it is written; else the reason why not, which is no reason not to serve.
    func write() -> String? {
        // SAFETY (all calls): the strings are terminated and outlive the calls.
        guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else { return reason("making \(directory)") }
        let (temporary, final) = ("\(directory)/.\(Self.name).new", "\(directory)/\(Self.name)")
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return reason("writing \(temporary)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes[done...].withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return reason("writing \(temporary)") }
            done += count
        }
        guard fsync(file) == 0 else { return reason("syncing \(temporary)") }
        guard unsafe rename(temporary, final) == 0 else { return reason("renaming \(temporary)") }
        return nil
    }

    private func reason(_ step: String) -> String {
        "\(printable(step)) failed: \(Errno(rawValue: errno)?.text ?? "error \(errno)"); nobody can read the settings there"
    }
}
