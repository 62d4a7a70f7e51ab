import Foundation
import Platform
import Primitives
import Sim
import Testing

/// A plan is a file that anybody may have written: whatever it says, nothing traps.
@Suite struct PlanObjectionTests {
    /// A line that is wrong for its own reason behind two that are right, and what is said of it.
    static let refused: [(line: String, said: String)] = [
        ("knob shards 0", "impossible 1 to 16"),
        ("knob partitions 18446744073709551615", "impossible 1 to 16"),
        ("knob network-latency-us 9223372036854775807", "impossible 10 to 10000"),
        ("knob shards -1", "line"),
        ("knob shards 18446744073709551616", "line"),
        ("knob fishes 3", "unknown knob fishes"),
        ("topology 4294967295 8 none", "line"),
        ("topology 4 2 some", "line"),
        ("schedule sometimes", "line"),
        ("metadata upside-down", "unknown order of metadata upside-down"),
        ("mutation eatEveryBatch", "unknown planted bug eatEveryBatch"),
        ("sabotage everything", "unknown broken promise everything"),
        ("family frogs", "unknown family of faults frogs"),
        ("tape fate 1", "unknown lane fate"),
        ("last-crash flood", "unknown crash flood"),
        ("fault frogs when at 5us for 0us", "unknown fault frogs"),
        ("fault when at 5us for 0us", "line"),
        ("fault power-cut 5us when mark noonReached 1 for 0us", "unknown mark noonReached"),
        ("fault power-cut 5us when io papyrus write 1 for 0us", "unknown class of files papyrus"),
        ("fault power-cut 5us when io segment carve 1 for 0us", "unknown kind of IO carve"),
        ("fault sync-fails papyrus 1 when at 5us for 0us", "unknown class of files papyrus"),
        ("fault disk-error.write 1 papyrus when at 5us for 0us", "unknown class of files papyrus"),
        ("fault power-cut -9223372036854775808us when at 5us for 0us", "line"),
        ("fault power-cut -5us when at 5us for 0us", "impossible 0 to 10000000us"),
        ("fault power-cut 5us when at 9223372036854775us for 0us", "line"),
        ("fault power-cut 5us when at 9000000000000us for 0us", "impossible 0 to 3600000000us"),
        ("fault slow-io 9223372036854775807 when at 5us for 20us", "impossible 1 to 100 times"),
        ("fault slow-io 2 when at 5us for -20us", "impossible 0 to 10000000us"),
        ("fault shard-stall 2 when at 5us for 20us", "impossible 2 shards"),
        ("fault shard-panic 65535 when at 5us for 0us", "impossible 2 shards"),
        ("fault shard-panic here when event 7 1 for 0us", "impossible 2 shards"),
        ("fault disk-full blocks -9223372036854775808 when at 5us for 20us", "impossible blocks are free"),
        ("fault clock-step -9223372036854775807us when at 5us for 0us", "line"),
        ("fault clock-step 9000000000000000us when at 5us for 0us", "impossible a year"),
        ("fault smt-oversubscription 0 none when at 5us for 20us", "line"),
        ("fault smt-oversubscription 900 none when at 5us for 20us", "impossible 1 to 100 per cent"),
        ("fault network.together 0 0 when at 5us for 20us", "impossible its strength is"),
        ("fault memory.squeeze 9223372036854775807 0 when at 5us for 20us", "impossible its strength is"),
        ("fault crash.two-panics 2 9 when at 5us for 0us", "impossible 2 shards"),
        ("crash 0.torn", "line"),
        ("op fetch 0", "line"),
        ("write fetch 0", "line"),
        ("client patient\nop append 2 1 1", "impossible 2 partitions"),
        ("client patient\nop rewind 4294967295", "impossible 2 partitions"),
        ("client patient\nop append 0 4294967295 4294967295", "impossible so many messages"),
        ("client patient\nop append 0 1 4294967295", "impossible one append"),
        ("client patient\nop poll 0 0", "impossible so many messages"),
        ("client patient\nop pause 4294967295", "impossible pause 300 s"),
        ("client patient\nop pray", "unknown operation pray"),
        ("client moody", "line"),
        ("owner patient\ndo make 4 1", "line"),
        ("owner patient\ndo make 0 4294967295", "impossible 64 partitions"),
        ("owner patient\ndo append 0 4294967295 1 2000000", "impossible one append"),
        ("last-writes 1\nwriter patient\nwrite fetch 2", "impossible 2 partitions"),
        ("last-writes -1", "line"),
    ]

    @Test(arguments: refused)
    func `what no run can be made of is refused, with its line and the reason`(line: String, said: String) throws {
        let head = "galgo plan 1\n# a comment\nknob partitions 2\n"
        let number = 3 + line.split(separator: "\n").count
        let last = String(line.split(separator: "\n").last ?? "")

        let problem = #expect(throws: Plan.Malformed.self) { try Plan(text: head + line + "\n") }

        switch problem {
        case .line(number, last): #expect(said == "line")
        case .unknown(number, let name): #expect(said == "unknown \(name.sort) \(name.name)")
        case .impossible(number, last, let why):
            #expect(said.hasPrefix("impossible ") && why.contains(said.dropFirst("impossible ".count)), "\(why)")
        default: Issue.record("\(problem.map { "\($0)" } ?? "nothing") of line \(number)")
        }
    }

    @Test func `a knob that is set twice is judged by its last line`() {
        #expect(throws: Plan.Malformed.impossible(line: 3, "knob shards 99", why: "it is 1 to 16")) {
            try Plan(text: "galgo plan 1\nknob shards 2\nknob shards 99\n")
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `what is drawn is never refused`(seed: UInt64) {
        for profile in PlanGenerator.Profile.allCases {
            var generator = PlanGenerator()
            generator.profile = profile
            #expect(generator.plan(seed: seed).objection == nil)
        }
    }

    /// Words of plans that can be run replaced by numbers and words from elsewhere, lines left out, doubled and moved.
    @Test func `a plan in which something was changed at random is refused with its line, or runs`() throws {
        var dice = PRNG(seed: 1, label: "mutated plans")
        let plans = (1...4 as ClosedRange<UInt64>).map { seed in
            var generator = PlanGenerator()
            generator.profile = .quick
            generator.onlyKinds = Fault.catalogue.map(\.id)
            var plan = generator.plan(seed: seed)
            plan.lastWrites = plan.writesAtLastCrash
            return plan.text.split(separator: "\n").map { String($0) }
        }
        var refusedCount = 0, runCount = 0
        for _ in 0..<6_000 {
            let lines = Self.changed(plans[dice.next(below: plans.count)], plans.joined(), &dice)
            do throws(Plan.Malformed) {
                let plan = try Plan(text: lines.joined(separator: "\n"))
                // A debug build is slow: a few of them run.
                guard runCount < 40, dice.chance(1, in: 20) else { continue }
                runCount += 1
                _ = Run(plan, server: Plan.galgo)?.perform()
            } catch {
                refusedCount += 1
                switch error {
                case .notAPlan, .otherFormat: #expect(lines.first != "galgo plan 1")
                case .line(let number, let line), .impossible(let number, let line, why: _):
                    #expect(lines[number - 1] == line)
                case .unknown(let number, let name): #expect(lines[number - 1].contains(name.name))
                }
            }
        }

        #expect(refusedCount > 1_000)
        #expect(runCount == 40)
    }

    private static let strangers = [
        "0", "1", "3", "63", "64", "65", "255", "256", "65535", "65536", "1000000", "4294967295", "4294967296",
        "9223372036854775807", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "-1", "1us",
        "-1us", "0us", "9223372036854775us", "x", "", "none", "here", "é", "segment", "write", "rotationSealed", "when",
    ]

    private static func changed(
        _ lines: [String], _ all: FlattenSequence<[[String]]>, _ dice: inout PRNG
    ) -> [String] {
        var lines = lines
        for _ in 0...dice.next(below: 3) {
            let index = dice.next(below: lines.count)
            switch dice.next(below: 8) {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: dice.next(below: lines.count))
            case 2: lines.swapAt(index, dice.next(below: lines.count))
            case 3:
                let others = Array(all)
                lines.insert(others[dice.next(below: others.count)], at: index)
            default:
                var words = lines[index].split(separator: " ").map { String($0) }
                guard !words.isEmpty else { continue }
                words[dice.next(below: words.count)] = strangers[dice.next(below: strangers.count)]
                lines[index] = words.joined(separator: " ")
            }
            if lines.isEmpty { return ["galgo plan 1"] }
        }
        return lines
    }

    /// What the shrinker proposes is read by its workers.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `what a shrinker proposes can be run`(seed: UInt64) throws {
        var generator = PlanGenerator()
        generator.profile = seed == 1 ? .std : .quick
        var shrinker = Shrinker(
            generator.plan(seed: seed), Shrinker.Evidence(tape: PlannedTape(), begun: []))
        var dice = PRNG(seed: seed, label: "shrinker")
        var proposedCount = 0
        while !shrinker.isFinished, proposedCount < 400 {
            let numbers = (0..<8).map { _ in dice.next(below: shrinker.proposalCount) }
            let proposed = numbers.compactMap { number in shrinker.proposal(number).map { (number, $0) } }
            for (_, plan) in proposed { #expect(plan.objection == nil, "\(plan.objection.map { "\($0)" } ?? "")") }
            proposedCount += proposed.count
            let taken = dice.chance(1, in: 3) ? proposed.first : nil
            shrinker.settle(taken.map { ($0.0, Shrinker.Evidence(tape: $0.1.tape, begun: [])) })
        }
    }
}
