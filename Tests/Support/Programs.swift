import Foundation

/// Programs of the machine, found as a shell finds them.
package enum Programs {
    /// The path of the program in `PATH`, or in the places for an administrator's; nil if it is not installed.
    package static func path(of name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map { String($0) } + ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        return folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
