import Foundation

/// Everything below a directory: names, kinds, sizes, permissions, times of change and contents. Two equal
/// snapshots mean that nothing was touched.
struct TreeSnapshot: Equatable {
    struct Entry: Equatable {
        let kind: String
        let permissions: Int
        let modified: Date
        let contents: Data?
    }

    let entries: [String: Entry]

    init(of root: String) throws {
        var entries = ["": try Self.entry(at: root)]
        for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
            entries[name] = try Self.entry(at: root + "/" + name)
        }
        self.entries = entries
    }

    private static func entry(at path: String) throws -> Entry {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let kind = attributes[.type] as? FileAttributeType
        return Entry(
            kind: kind?.rawValue ?? "unknown",
            permissions: attributes[.posixPermissions] as? Int ?? -1,
            modified: attributes[.modificationDate] as? Date ?? .distantPast,
            contents: kind == .typeRegular ? FileManager.default.contents(atPath: path) : nil)
    }
}
