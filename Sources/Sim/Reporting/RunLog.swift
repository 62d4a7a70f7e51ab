import Primitives

/// What lines of JSON of other commands say together: of `run`, `sweep` and `mutants`, in any order.
public struct RunLog: Sendable {
    public private(set) var seeds = 0
    public private(set) var failedSeeds = 0
    /// Of seeds, and of crashes of sweeps.
    public private(set) var failures: [Failed] = []
    /// By when they ended, in milliseconds since their run began.
    public private(set) var ends: [(milliseconds: Int, failed: Bool)] = []
    public private(set) var sums: [(name: String, sum: Int)] = []
    /// In seeds of the catalogue's kinds.
    public private(set) var kinds: [Kind] = []
    /// Seeds that hit each mark, and hits.
    public private(set) var marks: [(name: String, seeds: Int, hits: Int)] = []
    /// Facts that each checker compared.
    public private(set) var facts: [(name: String, sum: Int)] = []
    public private(set) var mutants: [MutantLine] = []
    public private(set) var sweeps: [SweepLine] = []
    public private(set) var orders: [OrderLine] = []
    /// Of the last summary.
    public private(set) var milliseconds: Int?
    public private(set) var peakKiB: Int?
    public private(set) var versions: String?
    /// Lines that are none of these.
    public private(set) var strangeLines = 0
    private var lines = 0
    /// Nothing was read that means anything.
    public var isEmpty: Bool { lines == strangeLines }

    public struct Failed: Sendable {
        public let failure: Failure
        public let reproduce: String?
    }

    public struct Kind: Equatable, Sendable {
        public let id: String
        public fileprivate(set) var drew = 0, met = 0, survived = 0
    }

    public struct MutantLine: Equatable, Sendable {
        public let id, family, sentence: String
        /// nil for none.
        public let checker: String?
        public let seed: UInt64
        public let tried: Int
    }

    public struct SweepLine: Equatable, Sendable {
        public let scenario: String
        public let boundaries, runs, violations, milliseconds: Int
    }

    /// Of `sweep --interleave`.
    public struct OrderLine: Equatable, Sendable {
        public let scenario: String
        /// Runs, and those that were left because another shows the same.
        public let schedules, redundant: Int
        /// Of all orders with at most so many departures; nil for all there are.
        public let departures: Int?
        public let milliseconds: Int
        /// The order that fails; nil for none.
        public let failure: String?
    }

    /// Members of a seed's line that are added up.
    private static let summed = [
        "asked", "ok", "refused", "unknown", "steps", "felt_faults", "kills", "power_cuts", "panics", "restarts",
        "simulated_us",
    ]

    public init() { sums = Self.summed.map { ($0, 0) } }

    public func sum(_ name: String) -> Int { sums.first { $0.name == name }?.sum ?? 0 }

    // MARK: Reading

    /// One line; an empty one says nothing.
    public mutating func read(_ line: some StringProtocol) {
        guard line.contains(where: { !$0.isWhitespace }) else { return }
        lines += 1
        do throws(JSONError) {
            take(try JSON(parsing: String(line)))
        } catch {
            strangeLines += 1
        }
    }

    private mutating func take(_ json: JSON) {
        if let summary = json["summary"] {
            milliseconds = summary["milliseconds"]?.integer() ?? milliseconds
            peakKiB = max(peakKiB ?? 0, summary["peak_kib"]?.integer() ?? 0)
        } else if let id = json["mutant"]?.string {
            let isFound = json["found"]?.boolean ?? false
            mutants.append(
                MutantLine(
                    id: id, family: json["family"]?.string ?? "", sentence: json["sentence"]?.string ?? "",
                    checker: isFound ? json["property"]?.string : nil, seed: json["seed"]?.integer() ?? 0,
                    tried: json["seeds"]?.integer() ?? 0))
        } else if let sweep = json["sweep"] {
            func number(_ name: String) -> Int { sweep[name]?.integer() ?? 0 }
            sweeps.append(
                SweepLine(
                    scenario: sweep["scenario"]?.string ?? "", boundaries: number("boundaries"), runs: number("runs"),
                    violations: number("violations"), milliseconds: number("milliseconds")))
        } else if let orders = json["interleave"] {
            func number(_ name: String) -> Int { orders[name]?.integer() ?? 0 }
            let failure = orders["failure"]?.string ?? ""
            self.orders.append(
                OrderLine(
                    scenario: orders["scenario"]?.string ?? "", schedules: number("schedules"),
                    redundant: number("redundant"),
                    departures: orders["whole"]?.boolean == true ? nil : number("departures"),
                    milliseconds: number("milliseconds"), failure: failure.isEmpty ? nil : failure))
        } else if let failure = Failure(json) {
            add(failure, json)
        } else if let run = json["run"], let failure = Failure(run) {
            // A crash of a sweep: its seed means nothing.
            failures.append(
                Failed(
                    failure: failure,
                    reproduce: json["scenario"]?.string.flatMap { scenario in
                        json["crash"]?.string.map { "galgo-sim sweep \(scenario) --crash \($0)" }
                    }))
        } else {
            strangeLines += 1
        }
    }

    private mutating func add(_ failure: Failure, _ json: JSON) {
        seeds += 1
        let isFailure = failure.verdict != "held"
        if isFailure {
            failedSeeds += 1
            failures.append(Failed(failure: failure, reproduce: json["reproduce"]?.string))
        }
        if let end: Int = json["ended_ms"]?.integer() { ends.append((end, isFailure)) }
        if let generator: Int = json["generator"]?.integer(), let streams: Int = json["streams"]?.integer() {
            versions = "plan generator \(generator), random streams \(streams)"
                + (json["toolchain"]?.string.map { ", \($0)" } ?? "") + (json["commit"]?.string.map { ", commit \($0)" } ?? "")
        }
        for place in sums.indices { sums[place].sum &+= json[sums[place].name]?.integer() ?? 0 }
        for member in json["kinds"]?.object ?? [] {
            let numbers = (member.value.array ?? []).compactMap { $0.integer(Int.self) }
            guard numbers.count == 3 else { continue }
            let place = kinds.firstIndex { $0.id == member.name } ?? kinds.count
            if place == kinds.count { kinds.append(Kind(id: member.name)) }
            kinds[place].drew += 1
            if numbers[1] > 0 { kinds[place].met += 1 }
            if numbers[1] > 0, numbers[1] == numbers[2] { kinds[place].survived += 1 }
        }
        for member in json["marks"]?.object ?? [] {
            let place = marks.firstIndex { $0.name == member.name } ?? marks.count
            if place == marks.count { marks.append((member.name, 0, 0)) }
            marks[place].seeds += 1
            marks[place].hits &+= member.value.integer() ?? 0
        }
        for member in json["facts"]?.object ?? [] {
            let place = facts.firstIndex { $0.name == member.name } ?? facts.count
            if place == facts.count { facts.append((member.name, 0)) }
            facts[place].sum &+= member.value.integer() ?? 0
        }
    }

    // MARK: Kill matrix

    /// The checkers that found anything, the most useful first.
    public var killers: [String] {
        var counts: [(name: String, count: Int)] = []
        for checker in mutants.compactMap(\.checker) {
            let place = counts.firstIndex { $0.name == checker } ?? counts.count
            if place == counts.count { counts.append((checker, 0)) }
            counts[place].count += 1
        }
        return counts.sorted { ($1.count, $0.name) < ($0.count, $1.name) }.map(\.name)
    }

    /// In the order in which they come.
    public var mutantFamilies: [String] {
        mutants.reduce(into: []) { families, mutant in
            if !families.contains(mutant.family) { families.append(mutant.family) }
        }
    }
}
