import Glibc

/// What a call answers.
enum Outcome: Equatable {
    case done
    case count(Int)
    case bytes([UInt8])
    /// The error's number.
    case failed(Int32)
    case noSuchHandle

    /// As the table of outcomes has it.
    var name: String {
        switch self {
        case .done, .count, .bytes: "ok"
        case .noSuchHandle: "no-handle"
        case .failed(let code): Self.names.first { $0.0 == code }?.1 ?? "errno-\(code)"
        }
    }

    private static let names: [(Int32, String)] = [
        (ENOENT, "ENOENT"), (EEXIST, "EEXIST"), (ENOTEMPTY, "ENOTEMPTY"), (EBADF, "EBADF"), (EINVAL, "EINVAL"),
        (EFBIG, "EFBIG"), (ENOSPC, "ENOSPC"), (EISDIR, "EISDIR"), (ENOTDIR, "ENOTDIR"), (EMFILE, "EMFILE"),
    ]
}

extension Outcome: CustomStringConvertible {
    var description: String {
        switch self {
        case .done, .noSuchHandle, .failed: name
        case .count(let count): "\(count)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        }
    }
}

/// Where calls are compared.
package enum Volume: String, CaseIterable, Sendable {
    /// A directory of a volume with more room than the calls take.
    case roomy
    /// A volume of a few blocks, so that calls find no space.
    case small

    /// Blocks of 4 KiB; nil for as many as there are.
    var blocks: Int? { self == .small ? 6 : nil }
}

/// Every call and every outcome that it can have: each must be reached and nothing beside it, or a comparison proves
/// less than it says.
package struct OutcomeTable: Equatable {
    package let rows: [(call: String, outcomes: [String])]

    package init(_ volume: Volume) {
        let space = volume == .small ? ["ENOSPC"] : []
        rows = [
            ("make-directory", ["ok", "ENOENT", "EEXIST"]),
            ("remove-directory", ["ok", "ENOENT", "ENOTEMPTY"]),
            ("move-directory", ["ok", "ENOENT", "ENOTEMPTY", "EINVAL"]),
            ("list", ["ok", "ENOENT"]),
            ("sync-directory", ["ok", "ENOENT"]),
            ("open-read", ["ok", "ENOENT"]),
            ("open-readWrite", ["ok", "ENOENT"]),
            ("open-create", ["ok", "ENOENT", "EEXIST"]),
            ("open-replace", ["ok", "ENOENT"]),
            ("unlink", ["ok", "ENOENT"]),
            ("rename", ["ok", "ENOENT"]),
            ("close", ["ok", "no-handle"]),
            ("read", ["ok", "EINVAL", "no-handle"]),
            ("write", ["ok", "EBADF", "EINVAL"] + space + ["no-handle"]),
            ("allocate", ["ok", "EBADF", "EINVAL"] + space + ["no-handle"]),
            ("truncate", ["ok", "EINVAL", "no-handle"]),
            ("sync", ["ok", "no-handle"]),
            ("length", ["ok", "no-handle"]),
        ]
    }

    package static func == (left: OutcomeTable, right: OutcomeTable) -> Bool { left.text == right.text }

    /// A line for each call.
    package var text: String {
        rows.map { "\($0.call): \($0.outcomes.joined(separator: " "))\n" }.joined()
    }

    /// What is reached is `call outcome`, a line each; in words what the table has and nobody reached, and what
    /// somebody reached that it has not.
    package func shortfalls(of reached: [String]) -> [String] {
        let cells = rows.flatMap { row in row.outcomes.map { "\(row.call) \($0)" } }
        return reached.filter { !cells.contains($0) }.sorted().map { "the table has no outcome \($0)" }
            + cells.filter { !reached.contains($0) }.map { "no call reached \($0)" }
    }
}
