public import Platform

/// What the names in a data directory say of who may empty it. Less is removed than a start would take for its own.
public enum DirectoryNames {
    public enum Verdict: Equatable, Sendable {
        /// A server of ours, or one of Iggy's, has stored there, and nothing else is there.
        case aServers
        /// No server has stored anything there: there is nothing to remove.
        case nobodys
        /// Somebody's, by this name.
        case strange(String)
    }

    private static let iggys = ["state/", "streams/", "runtime/", "logs/", "backup/", "lost+found/", "lock"]

    /// - Parameters:
    ///   - names: those in the directory; directories end with `/`.
    ///   - paths: what else a configuration places below the directory, such as `var/log`.
    public static func verdict(on names: [String], besides paths: [String] = []) -> Verdict {
        let isOurs = names.contains("FORMAT")
        let isIggys = names.contains("state/") || names.contains("streams/")
        let known =
            (isIggys && !isOurs ? iggys : DataDirectory.harmless + ["FORMAT", "boot", "runtime/"])
            + placed(by: paths)
        if let name = names.first(where: { !known.contains($0) }) { return .strange(name) }
        return isOurs || isIggys ? .aServers : .nobodys
    }

    /// Why a start would not take a directory with these names, whose `FORMAT` begins so; nil if it would.
    public static func refusal(
        of names: [String], format: [UInt8]?, besides paths: [String]
    ) -> StartRefusal? {
        switch DataDirectory.judge(names, besides: paths) {
        case .fresh: nil
        case .ours: format.flatMap { DataDirectory.judge(formatText: $0) }
        case .refused(let refusal): refusal
        }
    }

    /// The directories that relative paths begin with, as a listing names them.
    static func placed(by paths: [String]) -> [String] {
        paths.compactMap { path in
            path.hasPrefix("/") ? nil : path.split(separator: "/").first { $0 != "." }.map { "\($0)/" }
        }
    }
}
