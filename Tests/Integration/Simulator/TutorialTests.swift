import Foundation
import Support
import Testing

/// What `docs/simulation.md` teaches a newcomer is what the tool prints: its commands are run in their order, and the lines
/// that stand below each have to come.
@Suite(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
struct TutorialTests {
    @Test func `the commands of the tutorial print what the tutorial shows`() throws {
        let sessions = try Self.sessions()
        let directory = try TemporaryDirectory()
        let programs = try TemporaryDirectory()
        let sim = try #require(Executable.releaseSim)
        try FileManager.default.createSymbolicLink(atPath: programs.path("galgo-sim"), withDestinationPath: sim)
        let hasServer = FileManager.default.isExecutableFile(
            atPath: URL(fileURLWithPath: sim).deletingLastPathComponent().appendingPathComponent("galgo-server").path)

        #expect(sessions.count >= 8)
        for session in sessions where hasServer || !session.command.contains("--binary") {
            let output = try Self.run(session.command, in: directory, programs)
            var rest = output.split(separator: "\n", omittingEmptySubsequences: false)[...]
            for line in session.lines {
                guard let place = rest.firstIndex(where: { Self.matches($0, line) }) else {
                    Issue.record("$ \(session.command)\nprints no line (or none so late) like\n\(line)\nbut\n\(output)")
                    break
                }
                rest = rest[(place + 1)...]
            }
        }
    }

    // MARK: Details

    private struct Session {
        let command: String
        var lines: [String] = []
    }

    /// The commands behind `$` in the two sections about a failure, with the lines that they are shown to print. A line `…`
    /// stands for any number of lines.
    private static func sessions() throws -> [Session] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/simulation.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let begin = try #require(text.range(of: "## A failure in ten minutes"))
        let end = try #require(text.range(of: "### Looking at the world"))
        var sessions: [Session] = []
        var isInside = false
        for line in text[begin.upperBound..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside.toggle()
            } else if isInside, line.hasPrefix("$ ") {
                sessions.append(Session(command: String(line.dropFirst(2))))
            } else if isInside, !sessions.isEmpty, line.contains(where: { $0 != " " && $0 != "…" }) {
                sessions[sessions.count - 1].lines.append(String(line))
            }
        }
        return sessions
    }

    /// `…` in a line of the page stands for anything.
    private static func matches(_ line: Substring, _ shown: String) -> Bool {
        let parts = shown.split(separator: "…", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, line.hasPrefix(first) else { return false }
        var rest = line.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return parts.count == 1 ? rest.isEmpty : rest.hasSuffix(last)
    }

    private static func run(
        _ command: String, in directory: TemporaryDirectory, _ programs: TemporaryDirectory
    ) throws -> String {
        let output = Output(copiedTo: programs.path("output"))
        var environment = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        environment["PATH"] = "\(programs.path):/usr/bin:/bin"
        let process = try ChildProcess(
            "/bin/sh", ["-c", "cd '\(directory.path)' && \(command)"], environment: environment, output: output)
        guard process.wait(atMost: .seconds(120)) != nil else { throw HarnessError("\(command) does not end") }
        return output.text
    }
}
