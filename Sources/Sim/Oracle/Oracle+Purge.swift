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

    /// Does it to all that the partition may be or may become; it has to fit one of them.
    func oneOf(
        _ partition: UInt32, _ body: (inout PartitionOracle) throws(Violation) -> Void
    ) throws(Violation) {
        guard isEmptying(partition) else { return try body(&partitions[Int(partition)]) }
        var first: Violation?
        var fits = false
        func attempt(_ log: inout PartitionOracle) {
            var changed = log
            do throws(Violation) {
                try body(&changed)
                log = changed
                fits = true
            } catch {
                first = first ?? error
            }
        }
        attempt(&partitions[Int(partition)])
        for rival in rivals[Int(partition)].indices { attempt(&rivals[Int(partition)][rival]) }
        if !fits, let first { throw first }
    }

    func eachRival(of partition: UInt32, _ body: (inout PartitionOracle) -> Void) {
        guard isEmptying(partition) else { return }
        for rival in rivals[Int(partition)].indices { body(&rivals[Int(partition)][rival]) }
    }
}
