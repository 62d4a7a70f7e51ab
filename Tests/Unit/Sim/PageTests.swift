import Primitives
import Testing

@testable import Sim

/// The page about runs, and the picture of one.
struct PageTests {
    private static func plan(_ sabotage: Sabotage?) -> Plan {
        var plan = Plan(seed: 3)
        plan.sabotage = sabotage
        plan.knobs[.durability] = 2
        plan.clients = [
            PlannedClient(
                .patient, Array(repeating: .append(partition: 0, messages: 2, payloadBytes: 10), count: 12))
        ]
        plan.faults = [Fault(.powerCut(restartIn: millisecond), when: .at(150 * millisecond))]
        return plan
    }

    private static func played(_ plan: Plan, keeps: Bool = true) throws -> (report: Report, chronicle: Chronicle?) {
        let run = try #require(Run(plan, server: Plan.galgo))
        if keeps { run.universe.keepChronicle() }
        let report = run.perform()
        return (report, run.universe.closedChronicle())
    }

    // MARK: Chronicle

    @Test func `to keep a chronicle changes nothing`() throws {
        let plan = PlanGenerator().plan(seed: 2)

        let kept = try Self.played(plan)
        let plain = try Self.played(plan, keeps: false)

        #expect(kept.report.traceHash == plain.report.traceHash)
        #expect(plain.chronicle == nil)
    }

    @Test func `a chronicle has requests, shards, calls, connections, faults and crashes`() throws {
        let (report, chronicle) = try Self.played(Self.plan(.syncSwallowed))
        let spans = try #require(chronicle).spans

        let append = try #require(spans.first { $0.errand?.batch != nil })
        #expect(append.title == "append 0 2 10")
        #expect(append.ending == .done)
        #expect(append.start < append.end)
        for lane in [Chronicle.Lane.shard(0), .network, .disk, .fault] {
            #expect(spans.contains { $0.lane == lane }, "\(lane)")
        }
        #expect(chronicle?.blows.map(\.title).contains("power cut") == true)
        #expect(chronicle?.served.isEmpty == false)
        #expect(spans.allSatisfy { $0.start <= $0.end && $0.end <= report.simulatedTime })
    }

    // MARK: Axis

    @Test func `an axis keeps the order of moments and gives a long gap little more room than a short one`() {
        let axis = TimeAxis([0, 1_000, 3_000, 40_000_000_000, 40_000_010_000], widthLeast: 100)
        let places = [0, 500, 1_000, 3_000, 20_000_000_000, 40_000_000_000, 40_000_010_000].map { axis.place($0) }

        #expect(places == places.sorted())
        #expect(places.first == 0)
        #expect(places.last == axis.width)
        #expect(axis.place(3_000) * 12 > axis.width)
        let ticks = axis.ticks(20).map(\.place)
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $1 - $0 >= 20 })
    }

    @Test(arguments: [
        (0, "0 µs"), (9_999_000, "9999 µs"), (10_000_000, "10 ms"), (123_400_000, "123.4 ms"), (12_000_000_000, "12 s"),
    ])
    func `a time is written with few digits`(time: Int64, text: String) { #expect(readable(time) == text) }

    // MARK: Page

    private static func page() throws -> String {
        var log = RunLog()
        for (seed, planted) in [(1, nil), (2, Sabotage.syncSwallowed)] as [(Int, Sabotage?)] {
            let json = try played(plan(planted)).report.json
            log.read("{\"ended_ms\":\(seed * 40),\"reproduce\":\"galgo-sim replay <\(seed)>\",\(json.dropFirst())")
        }
        log.read(#"{"summary":{"milliseconds":100,"peak_kib":20480}}"#)
        log.read(#"{"mutant":"a","family":"f<1>","sentence":"does & undoes","seeds":3,"found":true,"property":"law","seed":3}"#)
        log.read(#"{"mutant":"b","family":"f<1>","sentence":"x","seeds":9,"found":false,"property":"","seed":0}"#)
        log.read(#"{"sweep":{"scenario":"power","boundaries":4,"runs":30,"violations":0,"milliseconds":12}}"#)
        for failure in ["", "12.1+40.3"] {
            log.read(
                #"{"interleave":{"scenario":"stop","schedules":7,"redundant":1,"decisions":9,"departures":2,"whole":"#
                    + #"\#(failure.isEmpty),"cpu_us":1,"milliseconds":3,"failure":"\#(failure)"}}"#)
        }
        log.read("")
        log.read("not json")
        #expect(log.strangeLines == 1)
        #expect(log.seeds == 2)
        #expect(log.failures.count == 1)
        let pictures = try [nil, Sabotage.syncSwallowed].map { planted in
            let plan = plan(planted)
            let (report, chronicle) = try played(plan)
            return Page.Picture("p&q", plan, report, try #require(chronicle), reproduce: "galgo-sim replay 'p&q'")
        }
        return Page(log, pictures).html
    }

    @Test func `a page stands alone and says what failed`() throws {
        let html = try Self.page()

        for part in [
            "1 of 2 seeds failed", "galgo-sim replay &lt;2&gt;", "f&lt;1&gt;", "does &amp; undoes", "Inside p&amp;q", "✱ power cut",
            "✗ found here", "★", "prefers-color-scheme: dark", "<caption>", "not found",
            "Every order with", "12.1+40.3",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        for part in ["<script", "http:", "https:", "url(http", "@import", "<link"] {
            #expect(!html.contains(part), "\(part)")
        }
    }

    @Test func `every element of a page is closed where it was opened`() throws {
        let body = try #require(try Self.page().split(separator: "</style>").last)
        var open: [Substring] = ["html", "head"]

        for piece in body.split(separator: "<").dropFirst(0) {
            guard let end = piece.firstIndex(of: ">") else { continue }
            let tag = piece[..<end]
            let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
            if tag.hasPrefix("/") {
                #expect(open.last == name, "\(tag)")
                open.removeLast()
            } else if !tag.hasSuffix("/"), !tag.hasPrefix("!") {
                open.append(name)
            }
        }

        #expect(open.isEmpty)
    }

    @Test func `a log of nothing is a page all the same`() {
        #expect(Page(RunLog(), []).html.contains("No runs"))
    }
}
