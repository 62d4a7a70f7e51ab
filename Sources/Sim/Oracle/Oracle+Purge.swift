// A purge of the topic that clients share, while they append and read.
//
// From the moment it is asked for, a partition is the old log or an empty one, and nobody can tell which: whatever is
// seen has to fit one of them. The answer settles it: what was answered before it was asked for is gone for ever, and
// what is asked for from now on stays. Appends that were under way meanwhile came before or behind it.

extension Oracle {
    /// Partitions of the shared topic may be empty from now on.
    func purgeInvoked() {
        if rivals.isEmpty { rivals = Array(repeating: [], count: sharedCount) }
        for partition in rivals.indices { rivals[partition].append(partitions[partition].emptied()) }
    }

    func purgeEnded(_ outcome: RequestOutcome) {
        ended(outcome)
        switch outcome {
        case .ok:
            // The last one asked for: what came before it is gone.
            for partition in rivals.indices {
                if let emptied = rivals[partition].last { partitions[partition] = emptied }
            }
            rivals = []
            life += 1
        case .refused, .unknown:
            // It may have been done all the same, or be done yet.
            break
        }
    }

    /// Nobody knows whether it was emptied.
    func isEmptying(_ partition: UInt32) -> Bool { Int(partition) < rivals.count }

    /// Judges what was seen of the partition: it has to fit what it was, or an empty one.
    ///
    /// Of an empty one nothing is learnt: it may have been emptied after what was seen now, too.
    func oneOf(
        _ partition: UInt32, _ body: (inout PartitionOracle) throws(Violation) -> Void
    ) throws(Violation) {
        guard isEmptying(partition) else { return try body(&partitions[Int(partition)]) }
        var log = partitions[Int(partition)]
        do throws(Violation) {
            try body(&log)
            partitions[Int(partition)] = log
        } catch {
            guard rivals[Int(partition)].contains(where: { fits($0, body) }) else { throw error }
        }
    }

    private func fits(_ rival: PartitionOracle, _ body: (inout PartitionOracle) throws(Violation) -> Void) -> Bool {
        var log = rival
        do throws(Violation) { try body(&log) } catch { return false }
        return true
    }

    func eachRival<Failure: Error>(
        of partition: UInt32, _ body: (inout PartitionOracle) throws(Failure) -> Void
    ) throws(Failure) {
        guard isEmptying(partition) else { return }
        for rival in rivals[Int(partition)].indices { try body(&rivals[Int(partition)][rival]) }
    }
}
