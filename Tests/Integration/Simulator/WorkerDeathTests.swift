import Foundation
import Glibc
import Support
import Testing

/// The simulator's own workers: what happens to one is charged to its seed.
@Suite(.enabled(if: Executable.releaseSim != nil, "needs the optimised simulator: scripts/test makes one"))
struct WorkerDeathTests {
    @Test func `a worker that died before it got its next seed costs that seed, not the run`() throws {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let run = try ChildProcess(
            try #require(Executable.releaseSim),
            ["run", "--seeds", "1..20", "--jobs", "1", "--profile", "quick"],
            environment: [:], output: output)

        // The parent stands still, so that the worker finishes its seed and waits for the next one, and dies there.
        let worker = try Self.await("a worker") { try Self.children(of: run.pid).first }
        run.send(signal: SIGSTOP)
        try Self.await("a worker that waits") { Self.isAsleep(worker) ? true : nil }
        kill(worker, SIGKILL)
        // Only once it is dead nobody reads what the parent writes next.
        try Self.await("a dead worker") { Self.fields(of: worker)?.first == "Z" ? true : nil }
        run.send(signal: SIGCONT)
        let exit = run.wait(atMost: .seconds(120))

        // 13: a trap, a hang or too much memory in one of the seeds.
        #expect(exit == .code(13), "\(output.text)")
        #expect(output.text.contains("the worker died: signal 9"))
        #expect(output.text.contains("20 seeds, 1 failed"))
    }

    @Test func `what ends the process of the log writer's runs is a verdict with the seed`() throws {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let run = try ChildProcess(
            try #require(Executable.releaseSim), ["rotation", "--seeds", "1..10000000"], environment: [:],
            output: output)

        kill(try Self.awaitWork(of: run), SIGILL)
        let exit = run.wait(atMost: .seconds(60))

        #expect(exit == .code(13), "\(output.text)")
        #expect(output.text.contains("✗ --seed "), "\(output.text)")
        #expect(output.text.contains(": DIED, signal 4, a trap"))
        #expect(output.text.contains("  reproduce: galgo-sim rotation --seed "))
    }

    @Test func `with JSON that verdict is a line of it`() throws {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let run = try ChildProcess(
            try #require(Executable.releaseSim), ["rotation", "--seeds", "1..10000000", "--json"], environment: [:],
            output: output)

        kill(try Self.awaitWork(of: run), SIGILL)
        let exit = run.wait(atMost: .seconds(60))
        let results = output.text.split(separator: "\n").filter { !$0.hasPrefix("  reproduce: ") }
        let last = try #require(results.last)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any], "\(last)")

        #expect(exit == .code(13))
        #expect(json["verdict"] as? String == "died")
        #expect(json["detail"] as? String == "signal 4, a trap")
        #expect(json["seed"] as? Int ?? 0 > 0)
        #expect(results.allSatisfy { $0.hasPrefix("{") })
    }

    @Test func `a planted bug that ends its process is found, and the hunt goes on`() throws {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let run = try ChildProcess(
            try #require(Executable.releaseSim), ["rotation", "--gate", "100"], environment: [:], output: output)

        kill(try Self.awaitWork(of: run), SIGILL)
        let exit = run.wait(atMost: .seconds(120))
        let lines = output.text.split(separator: "\n")

        #expect(exit == .code(0), "\(output.text)")
        #expect(lines.count { $0.contains(": seed ") } == lines.count - 1)
        #expect(lines.count { $0.hasSuffix(", signal 4, a trap") } == 1)
        #expect(lines.last?.hasSuffix(" planted bugs found") == true)
    }

    /// The first worker, once it computes: it is at its seeds then.
    private static func awaitWork(of run: ChildProcess) throws -> pid_t {
        let worker = try Self.await("a worker") { try Self.children(of: run.pid).first }
        try Self.await("a worker at work") {
            (Self.fields(of: worker)?.dropFirst(11).first).flatMap { Int($0) } ?? 0 > 5 ? true : nil
        }
        return worker
    }

    /// The processes that this one started. A process that ends meanwhile is none.
    private static func children(of pid: pid_t) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
            .filter { fields(of: $0)?.dropFirst().first == "\(pid)" }
    }

    /// What the system says of a process behind its name: its state, its parent and more; nil when it is gone.
    private static func fields(of pid: pid_t) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: nameEnd)...].split(separator: " ")
    }

    /// Whether it sleeps at every look for a while: it computes, unless it waits for a seed.
    private static func isAsleep(_ pid: pid_t) -> Bool {
        for _ in 0..<20 {
            if fields(of: pid)?.first != "S" { return false }
            usleep(5_000)
        }
        return true
    }

    @discardableResult
    private static func await<Value>(_ what: String, _ attempt: () throws -> Value?) throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let value = try attempt() { return value }
            usleep(500)
        }
        throw HarnessError("no \(what) within a minute")
    }
}
