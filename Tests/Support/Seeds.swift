import Foundation

/// Which seeds the tests play, in the simulator and in the scenarios of `features/`: a function of the environment.
///
/// | Variable | Means |
/// |---|---|
/// | `SIM_SEED` | this seed alone; decimal, or `0x…` |
/// | `SIM_SEEDS` | `A..B`, or a number for so many from the first on |
/// | `SIM_FOR` | seconds, as `60` or `60s`: from the first seed on until they are over |
/// | `CI` | one more seed, drawn from the commit: `GALGO_COMMIT`, or what git says |
package struct Seeds: Equatable, Sendable {
    package enum Choice: Equatable, Sendable {
        case one(UInt64)
        case range(ClosedRange<UInt64>)
        case count(UInt64)
        /// What the test likes.
        case usual
    }

    package let choice: Choice
    package let seconds: Int?
    /// Drawn from the commit; nil outside of CI.
    package let ofCommit: UInt64?

    /// What is set and cannot be meant, in words; the tests fail with it rather than play something else.
    package let problem: String?

    package init(_ environment: [String: String], commit: () -> String?) {
        var problems: [String] = []
        func number(_ text: String) -> UInt64? {
            text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
        }
        var choice = Choice.usual
        if let text = environment["SIM_SEED"] {
            if let seed = number(text) { choice = .one(seed) } else { problems.append("SIM_SEED '\(text)' is no seed") }
            if environment["SIM_SEEDS"] != nil { problems.append("SIM_SEED and SIM_SEEDS contradict each other") }
        } else if let text = environment["SIM_SEEDS"] {
            let ends = text.components(separatedBy: "..").map(number)
            if ends.count == 2, let first = ends[0], let last = ends[1], first <= last {
                choice = .range(first...last)
            } else if ends.count == 1, let count = ends[0], count > 0 {
                choice = .count(count)
            } else {
                problems.append("SIM_SEEDS '\(text)' is neither A..B nor a number")
            }
        }
        var seconds: Int?
        if let text = environment["SIM_FOR"] {
            seconds = Int(text.hasSuffix("s") ? String(text.dropLast()) : text).flatMap { $0 > 0 ? $0 : nil }
            if seconds == nil { problems.append("SIM_FOR '\(text)' is no number of seconds") }
        }
        let isChosen = choice != .usual
        self.choice = choice
        self.seconds = seconds
        let isWanted = environment["CI"] != nil && !isChosen
        ofCommit = isWanted ? (environment["GALGO_COMMIT"] ?? commit()).map(Self.seed(of:)) : nil
        problem = problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    /// The environment's own.
    package static let chosen = Seeds(ProcessInfo.processInfo.environment) { headCommit }

    /// FNV-1a of the commit's name, so that another commit is another seed and everybody can say which.
    package static func seed(of commit: String) -> UInt64 {
        commit.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// What is to be played of a test whose first seed is `first` and that usually plays `count`; the commit's behind them.
    package func list(from first: UInt64, count: UInt64) -> [UInt64] {
        let listed: [UInt64] =
            switch choice {
            case .one(let seed): [seed]
            case .range(let range): Array(range)
            case .count(let count): Array(first..<first + count)
            case .usual: Array(first..<first + count)
            }
        return listed + (ofCommit.map { [$0] } ?? [])
    }

    private static var headCommit: String? {
        let git = Process()
        let output = Foundation.Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = [
            "git", "-C", URL(fileURLWithPath: #filePath).deletingLastPathComponent().path, "rev-parse", "HEAD",
        ]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        git.waitUntilExit()
        return git.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
}
