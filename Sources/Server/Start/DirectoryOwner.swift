import Platform

/// Whose a data directory is, by the names in it.
public enum DirectoryOwner: Equatable, Sendable {
    /// Ours, or of nobody yet.
    case galgo
    /// An Iggy server's.
    case iggy
    /// Files of somebody who has nothing to do with it.
    case somebody

    /// - Parameter names: those in the directory; directories end with `/`.
    public init(names: [String]) {
        self =
            switch DataDirectory.judge(names) {
            case .fresh, .ours: .galgo
            case .refused(.iggyDirectory): .iggy
            case .refused: .somebody
            }
    }
}
