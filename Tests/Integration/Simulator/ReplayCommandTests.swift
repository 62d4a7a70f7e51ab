import Foundation
import Support
import Testing

/// What `replay` shows beyond a verdict: a run that ends its process, and a run that is left on the way.
@Suite(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
struct ReplayCommandTests {
    // MARK: Traps

    /// With this planted bug the server's own code traps: a range that ends before it begins.
    private static let trap = ["--mutant", "sealBeginsInTheMiddle"]

    @Test func `a seed whose server traps has a verdict, its last events and a command to see it again`() throws {
        let directory = try TemporaryDirectory()
        let printed = try SimCommand.run(["replay", "1", "--plan"] + Self.trap)
        try Data(printed.output.utf8).write(to: URL(fileURLWithPath: directory.path("p")))

        let bySeed = try SimCommand.run(["replay", "1"] + Self.trap)
        let byPlan = try SimCommand.run(["replay", directory.path("p")])
        let lines = bySeed.output.split(separator: "\n")

        #expect(bySeed.exit == .code(13), "\(bySeed.output)")
        #expect(byPlan.exit == .code(13), "\(byPlan.output)")
        #expect(lines.contains("✗ seed 1: DIED in phase workload, signal 4, a trap"), "\(bySeed.output)")
        #expect(lines.contains { $0.hasPrefix("  at ") && $0.hasSuffix(" µs") })
        #expect(lines.contains("  the plan:"))
        #expect(lines.contains { $0.contains("µs  shard 0 ← done: write segment file") })
        #expect(lines.count <= 40)
        #expect(lines.last == "reproduce: galgo-sim replay 1 --mutant sealBeginsInTheMiddle")
        #expect(byPlan.output.hasSuffix("reproduce: galgo-sim replay \(directory.path("p"))\n"))
    }

    @Test func `a seed whose server traps is one line of JSON`() throws {
        let result = try SimCommand.run(["replay", "1", "--json"] + Self.trap)
        let line = try #require(result.output.split(separator: "\n").last { $0.hasPrefix("{") })
        let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])

        #expect(result.exit == .code(13))
        #expect(json["verdict"] as? String == "died")
        #expect(json["seed"] as? Int == 1)
        #expect((json["timeline"] as? [String])?.isEmpty == false)
    }

    @Test func `a run counts the seeds that trap and goes on with the others`() throws {
        let result = try SimCommand.run(["run", "--seeds", "1..4", "--json"] + Self.trap)
        let lines = result.output.split(separator: "\n")

        #expect(result.exit == .code(13))
        #expect(lines.count { $0.contains("\"verdict\":\"died\"") } == 4)
        #expect(result.output.contains("\"summary\":{\"seeds\":4,\"failed\":4,"))
    }

    @Test func `a scenario whose server traps has a verdict too`() throws {
        for words in [["rotation"], ["rotation", "--crash", "9999.torn"], ["rotate-poll", "--schedule", "usual"]] {
            let result = try SimCommand.run(["sweep"] + words + Self.trap)

            #expect(result.exit == .code(13), "\(words): \(result.output)")
            #expect(result.output.contains("DIED in phase "))
            #expect(result.output.contains("reproduce: galgo-sim sweep \(words[0])"))
        }
    }

    // MARK: Limits

    /// A plan whose run takes seconds.
    private static func longPlan(in directory: TemporaryDirectory) throws -> String {
        let path = directory.path("long")
        let printed = try SimCommand.run(["replay", "7", "--profile", "calm", "--plan"]).output
        let text = printed + String(repeating: "op poll 0 1\n", count: 200_000)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `a run that takes longer than the limit is told up to there`() throws {
        let directory = try TemporaryDirectory()
        let plan = try Self.longPlan(in: directory)

        let short = try SimCommand.run(["replay", plan, "--limit", "1"])
        let lines = short.output.split(separator: "\n")
        let traced = try SimCommand.run(["replay", plan, "--limit", "1", "--trace", "full"])

        #expect(short.exit == .code(13), "\(short.output)")
        #expect(lines.first?.hasSuffix(": DIED in phase workload, hung for 1000 ms") == true, "\(short.output)")
        #expect(lines.contains("  the plan:"))
        #expect(lines.contains { $0.contains(" µs  ") })
        #expect(lines.count <= 40)
        #expect(traced.exit == .code(13))
        // On a busy machine a run does not come far in a second.
        #expect(traced.output.contains(" µs  "))
    }

    // MARK: Until

    private static let seed = ["replay", "7", "--profile", "quick"]

    @Test func `a run stops at an event, the same way each time`() throws {
        let stop = Self.seed + ["--until", "400", "--dump", "state"]
        let first = try SimCommand.run(stop)
        let second = try SimCommand.run(stop)

        #expect(first.exit == .code(0), "\(first.output)")
        #expect(first.output.hasPrefix("seed 7: stopped, after event 400, "))
        #expect(first.output == second.output)
        for table in ["process", "shards", "operations", "partitions", "files", "clients", "connections", "faults"] {
            #expect(first.output.contains("\n\(table):"), "\(table)")
        }
    }

    @Test func `a run stops at a moment, and its state is JSON`() throws {
        let result = try SimCommand.run(Self.seed + ["--until", "kill.1", "--dump", "state", "--json"])
        let line = try #require(result.output.split(separator: "\n").last)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let state = try #require(json["state"] as? [String: Any])
        let process = try #require((state["process"] as? [[String: Any]])?.first)

        #expect(result.exit == .code(0))
        #expect(result.output.contains("\"verdict\":\"stopped\""))
        #expect(process["kills"] as? Int == 1)
        #expect(process["state"] as? String == "down")
        #expect((state["files"] as? [[String: Any]])?.isEmpty == false)
    }

    @Test func `a run stops before what comes later than a time, and tells nothing of it`() throws {
        let result = try SimCommand.run(Self.seed + ["--until", "12ms", "--trace", "full"])
        let stamps = result.output.split(separator: "\n").compactMap { line in
            line.contains(" µs  ") ? Int(line.drop { $0 == " " }.prefix { $0.isNumber }) : nil
        }

        #expect(result.exit == .code(0))
        #expect(stamps.count > 10)
        #expect(stamps.allSatisfy { $0 <= 12_000 })
    }

    @Test func `a point that the run does not come to is said to be none`() throws {
        let result = try SimCommand.run(Self.seed + ["--until", "kill.9999"])

        #expect(result.exit == .code(16))
        #expect(result.output.contains("does not come to kill.9999"))
    }

    @Test func `a run that traps later can be stopped before it`() throws {
        let before = try SimCommand.run(["replay", "1", "--until", "20", "--dump", "state"] + Self.trap)

        #expect(before.exit == .code(0), "\(before.output)")
        #expect(before.output.contains("stopped, after event 20, "))
    }
}
