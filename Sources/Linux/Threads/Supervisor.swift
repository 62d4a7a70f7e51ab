import CLinux
import Platform
import Synchronization

/// When a Machine that failed may be built again: after a pause that grows, and not for ever.
struct Backoff {
    private var failures: [Int64] = []
    private var pause = pauseMin

    private static let pauseMin: Int64 = 100_000_000
    private static let pauseMax: Int64 = 5_000_000_000
    /// Rebuilds within the window that may still be a cure.
    private static let rebuildsMax = 10
    private static let window: Int64 = 300_000_000_000

    /// The nanoseconds to wait before the next life, or nil when there should be none.
    mutating func pauseAfterFailure(at now: Int64) -> Int64? {
        failures.removeAll { $0 <= now - Self.window }
        if failures.isEmpty { pause = Self.pauseMin }
        failures.append(now)
        guard failures.count <= Self.rebuildsMax else { return nil }
        defer { pause = min(pause * 2, Self.pauseMax) }
        return pause
    }
}

extension Desk {
    /// How long the end waits for peers to take their last answers.
    private static let farewellNanoseconds: Int64 = 200_000_000

    /// Makes ready for a new Machine: the first event it gets.
    func beginLife() {
        unsafe roundLeft = 0
        ready.append(.started)
    }

    /// The Machine is gone. Nothing that it asked for goes on afterwards: a late write must not hit a file of the
    /// next life.
    func endLife() {
        operations.removeAll()
        slices.removeAll()
        closeConnections()
        while pending.count > 0 { awaitFinished() }
        for descriptor in files.removeAll() { _ = galgo_close(descriptor) }
        // What the dead Machine was not told is not for the next one, except what became of the others: that one
        // writes to their new lives from its first letter on.
        while let event = ready.take() {
            if case .shardLost(let lost, let generation) = event { learnLoss(lost, generation) }
        }
        wakeAt = nil
    }

    /// Tells everybody that this shard's Machine failed, and begins the next generation.
    func announceLoss() {
        discardMail()
        let next = generation &+ 1
        let lent = pool.orphanAll()
        if !lent.isEmpty { orphans.append((next, lent)) }
        port.generation.store(next, ordering: .releasing)
        let news = Envelope(content: .lost(next), senderGeneration: next, receiverGeneration: 0)
        for other in exchange.ports where other.shard != shard {
            precondition(
                exchange.mailbox(from: shard, to: other.shard).append(news),
                "a mailbox has room for the news of its sender's death")
            other.wake()
        }
        freeOrphans()
    }

    /// What the dead Machine did not read is not for the next one, except what became of the others.
    private func discardMail() {
        for other in exchange.ports where other.shard != shard {
            let box = exchange.mailbox(from: other.shard, to: shard)
            while let envelope = box.take() {
                if case .lost(let next) = envelope.content { knownGenerations[Int(other.shard.number)] = next }
            }
            box.released.store(knownGenerations[Int(other.shard.number)], ordering: .releasing)
        }
        unreleased = []
        unsafe lossesQueued = 0
    }

    /// Sleeps, unless the server ends or stops meanwhile.
    func rest(nanoseconds: Int64) {
        let end = Clock.monotonic() + nanoseconds
        while Clock.monotonic() < end, !exchange.control.isEnding.load(ordering: .acquiring),
            !exchange.control.isStopRequested.load(ordering: .acquiring)
        {
            if !orphans.isEmpty { freeOrphans() }
            answerProbe()
            _ = galgo_wait_readable(-1, -1, 10)
        }
    }

    private func awaitFinished() {
        // Not for the waker: it is never read, so it would be readable at once, for ever.
        if !port.hasFinished { _ = galgo_wait_readable(-1, -1, 1) }
        port.takeFinished(&takenFinished)
        for finished in takenFinished {
            guard let ended = end(finished) else { continue }
            // Opened for a Machine that is no more.
            if case .opened = ended.answer, finished.result >= 0 {
                _ = galgo_close(Int32(truncatingIfNeeded: finished.second))
            }
        }
        takenFinished.removeAll(keepingCapacity: true)
    }

    /// Lets the last answers arrive. The thread ends.
    func endShard() {
        let end = Clock.monotonic() + Self.farewellNanoseconds
        while lingering.lookAt != nil, Clock.monotonic() < end {
            _ = galgo_wait_readable(-1, -1, 5)
            lingering.look(now: Clock.monotonic())
        }
        lingering.closeAll()
    }
}
