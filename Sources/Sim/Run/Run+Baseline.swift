import Platform
import Wire

// What was held is given back: when the server has stopped, and when everything that it kept has been deleted.

extension Run {
    /// A stopped shard has closed every file and connection and waits for nothing. It owns its page of statuses and its
    /// reserve of memory; the first one leaves the log of the catalog to the end of the process.
    func judgeHoldingsAtStop() {
        for (shard, held) in universe.process.heldAtStop.enumerated() {
            guard let holdings = held else { continue }
            var returned = Holdings()
            returned.files = shard == 0 ? min(1, holdings.files) : 0
            // What a letter lends to one that stops before it reads it never comes back, and ends with the process.
            returned.buffers = holdings.letters > 0 ? holdings.buffers : min(2, holdings.buffers)
            returned.bytes = holdings.bytes
            returned.operations = min(Self.questionsMax, holdings.operations)
            // What it wrote last to one that had stopped before is read by nobody.
            returned.letters = holdings.letters
            oracle.holds(
                .resourceBaseline, holdings == returned, "shard \(shard) has stopped and holds \(holdings)",
                law: "stopped", at: universe.clock.now)
        }
    }

    /// Clients come once more and break their connections off, then the stream is deleted: the server holds what one
    /// holds that has just started and has nothing, and no file is left of any partition.
    func deleteEverything() -> Bool {
        // A harmed log refuses to be deleted as it refuses everything.
        guard !hasRotted else { return true }
        enter("deletion")
        let visitors = plan.clients.prefix(2).map {
            add(PlannedClient(.impatient, Array($0.operations.prefix(12))), insists: false)
        }
        let remover = Remover(stream: place.stream)
        guard run(within: bounds.recovery, until: { visitors.allSatisfy(\.isFinished) }) else { return false }
        remover.join(universe, in: 0)
        let isDeleted = run(within: bounds.recovery) { remover.isFinished && universe.openPeerCount == 0 }
        oracle.holds(
            .liveness, isDeleted || isOver, "the stream is not deleted after \(bounds.recovery / second) s: "
                + "\(remover.lastRefusal.map { "\($0)" } ?? "no answer")", at: universe.clock.now)
        guard isDeleted else { return false }
        _ = run(within: Self.quietTime) { false }
        guard !isOver else { return false }
        let left = universe.disk.directories().first { $0.hasPrefix("partitions/") || $0.hasPrefix("orphans/") }
        oracle.holds(
            .resourceBaseline, left == nil, "everything is deleted, and \(left ?? "") is left on disk",
            law: "deleted from disk", at: universe.clock.now)
        let held = universe.holdings
        universe.killProcess(restartIn: millisecond)
        guard run(within: bounds.recovery, until: { universe.isServing }) else { return false }
        _ = run(within: Self.quietTime) { false }
        for (shard, (before, fresh)) in zip(held, universe.holdings).enumerated() {
            var returned = fresh
            returned.operations = before.operations <= Self.questionsMax ? before.operations : fresh.operations
            // Blocks for headers in flight are kept for the next ones.
            returned.buffers = min(before.buffers, fresh.buffers + Self.headersInFlightMax)
            returned.bytes = min(before.bytes, fresh.bytes + headerBytesMax)
            oracle.holds(
                .resourceBaseline, before == returned,
                "everything is deleted, and shard \(shard) holds \(before); one that has just started \(fresh)",
                law: "deleted from memory", at: universe.clock.now)
        }
        return !isOver
    }

    /// Now and then a shard asks how much room the volume has.
    private static let questionsMax = 1

    /// More headers than two clients can make a shard write at once.
    private static let headersInFlightMax = 16

    /// What they take, in whole buffers of so many headers as the plan says.
    private var headerBytesMax: Int {
        let each = max(1, Int(clamping: plan.knobs[.headersPerSlab]))
        var buffer = 64
        while buffer < each * 96 { buffer *= 2 }
        return (Self.headersInFlightMax + each - 1) / each * buffer
    }

    /// Simulated time in which everything that goes on by the clock has ended.
    private static let quietTime: Int64 = 12 * second
}

/// Deletes the stream, and asks until it is gone.
final class Remover: ClassicActor {
    private let stream: Name
    private(set) var lastRefusal: ErrorCode?

    init(stream: Name) {
        self.stream = stream
        super.init(.patient)
    }

    override func ready(in universe: any Surroundings) { ask(.deleteStream(.name(stream)), in: universe) }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        switch refusal {
        case nil, .streamIdNotFound, .streamNameNotFound: finish(in: universe)
        default:
            lastRefusal = refusal
            pause(50 * millisecond, in: universe)
        }
    }
}
