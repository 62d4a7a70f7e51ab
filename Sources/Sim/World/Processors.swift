import Platform

/// What the processors do to the shards: each step costs time, and shards that share a core or a CPU slow each other.
struct Processors {
    struct Settings: Equatable, Sendable {
        /// The logical CPU (index into the topology) that each shard runs on.
        var placement: [Int] = []
        /// Cost of one step on a core of its own, in nanoseconds.
        var stepCost: ClosedRange<Int64> = 1_000...8_000
        /// Per cent of its speed that a CPU keeps while its sibling is busy.
        var siblingPercent: Int64 = 65
        /// What a shard waits for a CPU that another one occupies, in nanoseconds.
        var slice: ClosedRange<Int64> = 3 * millisecond...30 * millisecond
        /// CPU time of the node in each 100 ms, in nanoseconds; nil when unlimited.
        var quotaPerPeriod: Int64?
    }

    static let period: Int64 = 100 * millisecond

    var settings: Settings
    private let topology: Topology
    private var busyUntil: [Int64]
    private var periodStart: Int64 = 0
    private var periodUsed: Int64 = 0
    /// How often a step waited for another shard's slice, ran beside a busy sibling, or waited for the next period.
    private(set) var waits = 0, sharings = 0, throttles = 0
    /// Steps that waited because of the load.
    private(set) var preemptions = 0
    private var steps = 0
    /// What disturbances add to the settings; nil for nothing.
    var load: Load?

    struct Load: Equatable, Sendable {
        /// Of every step, and of every other shard's.
        var costPercent: Int64 = 100
        var remotePercent: Int64 = 100
        /// Pairs of shards share a core.
        var siblingPercent: Int64?
        /// Nanoseconds.
        var quotaPerPeriod: Int64?
        /// What one step in sixteen waits, in nanoseconds.
        var slice: Int64 = 0
    }

    init(topology: Topology, settings: Settings, shardCount: Int) {
        self.topology = topology
        self.settings = settings
        busyUntil = Array(repeating: 0, count: shardCount)
    }

    func isBusy(_ shard: Int, at now: Int64) -> Bool { busyUntil[shard] > now }
    func freeAt(_ shard: Int) -> Int64 { busyUntil[shard] }

    /// Takes CPU time for one step that wants to begin at `now`. Answers whether others made it slower or later.
    mutating func charge(_ shard: Int, at now: Int64, _ tape: inout Tape) -> Bool {
        let before = waits + sharings + throttles
        var cost = tape.latency(settings.stepCost, .schedule)
        var start = now
        for other in busyUntil.indices where other != shard && busyUntil[other] > now {
            let cpu = cpu(of: shard)
            let otherCPU = self.cpu(of: other)
            if otherCPU == cpu {
                waits += 1
                start = max(start, now + tape.latency(settings.slice, .schedule))
            } else if topology.cpus[otherCPU].core == topology.cpus[cpu].core {
                sharings += 1
                cost = cost * 100 / max(1, settings.siblingPercent)
            }
        }
        if let load { burden(shard, load, at: now, &cost, &start) }
        if let quota = least(settings.quotaPerPeriod, load?.quotaPerPeriod) {
            if start >= periodStart + Self.period {
                periodStart = start / Self.period * Self.period
                periodUsed = 0
            }
            periodUsed += cost
            if periodUsed > quota {
                throttles += 1
                start = max(start, periodStart + Self.period)
            }
        }
        busyUntil[shard] = start + cost
        return waits + sharings + throttles > before
    }

    private func least(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    private mutating func burden(
        _ shard: Int, _ load: Load, at now: Int64, _ cost: inout Int64, _ start: inout Int64
    ) {
        cost = cost * load.costPercent / 100
        if shard % 2 == 1 { cost = cost * load.remotePercent / 100 }
        let sibling = shard ^ 1
        if let percent = load.siblingPercent, sibling < busyUntil.count, busyUntil[sibling] > now {
            sharings += 1
            cost = cost * 100 / max(1, percent)
        }
        steps += 1
        if load.slice > 0, steps % 16 == 0 {
            preemptions += 1
            start += load.slice
        }
    }

    /// The shard does nothing until `time`: a stall.
    mutating func stall(_ shard: Int, until time: Int64) { busyUntil[shard] = max(busyUntil[shard], time) }

    mutating func change(shardCount: Int) { busyUntil = Array(repeating: 0, count: shardCount) }

    mutating func reset() {
        for shard in busyUntil.indices { busyUntil[shard] = 0 }
    }

    private func cpu(of shard: Int) -> Int {
        guard !settings.placement.isEmpty else { return shard % max(1, topology.cpus.count) }
        return settings.placement[shard % settings.placement.count] % topology.cpus.count
    }
}
