import Glibc
import Platform
import Server

/// A configuration file as it lies on the disk.
struct ConfigurationSource {
    /// As it was found, for messages; nil when there is none.
    let path: String?
    let bytes: [UInt8]?

    /// Why no file could be read: one line.
    struct Unreadable: Error {
        let message: String
    }

    static let bytesMax = 1 << 20
    /// Where Iggy's server looks.
    private static let usualPath = "core/server/config.toml"

    /// The file that was named, or that `IGGY_CONFIG_PATH` names, or the usual one if it is there.
    ///
    /// A relative path of the latter two is tried in the working directory and in each directory above it.
    init(named: String?, environment: [String: String]) throws(Unreadable) {
        if let named {
            (path, bytes) = (named, try Self.read(named))
        } else if let variable = environment["IGGY_CONFIG_PATH"], !variable.isEmpty {
            guard let found = Self.find(variable) else {
                throw Unreadable(message: "IGGY_CONFIG_PATH: there is no file \(printable(variable))")
            }
            (path, bytes) = (found, try Self.read(found))
        } else if let found = Self.find(Self.usualPath) {
            (path, bytes) = (found, try Self.read(found))
        } else {
            (path, bytes) = (nil, nil)
        }
    }

    /// The environment with what a `.env` file adds: the one that `IGGY_ENV_PATH` names, or one in the working directory
    /// or above it. A named one has to be there and in order; of one that was found, lines that set nothing are warned of.
    static func completed(
        _ environment: [String: String]
    ) throws(Unreadable) -> (environment: [String: String], warnings: [String]) {
        let named = environment["IGGY_ENV_PATH"].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = named ?? find(".env") else { return (environment, []) }
        let bytes: [UInt8]
        do throws(Unreadable) {
            bytes = try read(path)
        } catch {
            // Perhaps somebody else's, in a directory above.
            if named == nil { return (environment, ["\(error.message); its variables do not hold"]) }
            throw error
        }
        let file = Dotenv(reading: bytes)
        let severity = named == nil ? "warning" : "error"
        let shownMax = [Problem].shownMax
        var lines = file.wrongLines.prefix(shownMax).map {
            "\(printable(path)):\($0.line): \(severity): \($0.reason)"
        }
        if file.wrongLines.count > shownMax { lines.append("… and \(file.wrongLines.count - shownMax) more") }
        guard named == nil || lines.isEmpty else { throw Unreadable(message: lines.joined(separator: "\n")) }
        let isOurs = file.variables.contains { $0.name.hasPrefix("IGGY_") || $0.name.hasPrefix("GALGO_") }
        return (file.completing(environment), isOurs ? lines : [])
    }

    private static func find(_ path: String) -> String? {
        if path.hasPrefix("/") { return isFile(path) ? path : nil }
        var prefix = ""
        // No directory is deeper than this.
        for _ in 0..<256 {
            if isFile(prefix + path) { return prefix + path }
            if isRoot(prefix.isEmpty ? "." : prefix) { return nil }
            prefix += "../"
        }
        return nil
    }

    private static func reason(_ number: Int32) -> String {
        Errno(rawValue: number)?.text ?? "error \(number)"
    }

    /// What stands where a file should, by the type in the mode of stat(2).
    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "no file"
        }
    }

    private static func isRoot(_ path: String) -> Bool {
        var (here, root) = (stat(), stat())
        // SAFETY: the structures outlive the calls.
        guard unsafe stat(path, &here) == 0, unsafe stat("/", &root) == 0 else { return true }
        return here.st_ino == root.st_ino && here.st_dev == root.st_dev
    }

    private static func read(_ path: String) throws(Unreadable) -> [UInt8] {
        // A pipe that nobody writes to would be waited for. SAFETY: the string is terminated and outlives the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Unreadable(message: "\(printable(path)): \(Self.reason(errno))") }
        defer { close(descriptor) }
        var facts = stat()
        // SAFETY: the structure outlives the call.
        guard unsafe fstat(descriptor, &facts) == 0 else {
            throw Unreadable(message: "\(printable(path)): \(Self.reason(errno))")
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(message: "\(printable(path)) is \(kind(facts.st_mode)), and a configuration is a file")
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            // SAFETY: the array is as long as the count says.
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(message: "\(printable(path)): \(Self.reason(errno))") }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
            guard bytes.count <= bytesMax else {
                throw Unreadable(message: "\(printable(path)): more than \(bytesMax >> 20) MiB are no configuration")
            }
        }
    }
}

func isFile(_ path: String) -> Bool {
    var facts = stat()
    // SAFETY: the structure outlives the call.
    return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
}
