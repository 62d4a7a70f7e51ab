/// Of which keys nobody can tell what was meant, since something that sets them could not be read: a default that stands
/// there instead is not held against another key.
struct Doubts: Sendable {
    /// Paths in the file of what was not read: keys, what stands in a value, tables; empty for anything.
    private var unread: [String] = []
    /// Keys whose variable cannot be read.
    private var variables: [String] = []

    mutating func addUnread(_ path: String) { unread.append(path) }
    mutating func addVariable(of key: String) { variables.append(key) }

    func cover(_ entry: Effective.Entry) -> Bool {
        if variables.contains(entry.key) { return true }
        switch entry.source {
        case .variable, .argument: return false
        case .file, .standard: break
        }
        return unread.contains { path in
            // A table that was read in part may set what nothing else has set.
            Self.leads(entry.key, to: path) || entry.source == .standard && Self.leads(path, to: entry.key)
        }
    }

    /// Something at the path, or in one of the tables that it stands in, was not read.
    func mention(_ path: String) -> Bool { unread.contains { Self.leads($0, to: path) } }

    /// A path is another's beginning, or both are the same.
    private static func leads(_ beginning: String, to path: String) -> Bool {
        guard path.hasPrefix(beginning), !beginning.isEmpty else { return beginning.isEmpty }
        let rest = path.dropFirst(beginning.count)
        return rest.isEmpty || rest.first == "." || rest.first == "["
    }
}
