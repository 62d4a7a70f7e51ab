import Platform
import Primitives

// Deletions that a failed shard had begun: its next Machine finishes them, since nobody else knows of them.

extension Shard where W: ~Copyable {
    /// Looks for directories that no partition has any more, unless the start itself is busy with the disk.
    mutating func lookForAbandonedIfDue() throws(MachineFailure) {
        guard startSteps.looksForAbandoned, !hasClosedStore else { return }
        startSteps.looksForAbandoned = false
        startSteps.stage = .lookingForAbandoned
        try abandonedListed(try startSteps.listing.begin(.partitions, &buffers, &world))
    }

    /// What was given out and is not in the catalog has been deleted. It may be another shard's, which has not heard of
    /// the deletion yet: then both remove it, and nobody minds what is gone already.
    mutating func abandonedListed(_ result: DirectoryLister.Result?) throws(MachineFailure) {
        switch result {
        case nil: return
        case .failed:
            startSteps.stage = .over
            startSteps.looksForAbandoned = true
        case .names(let names):
            startSteps.stage = .over
            var live: [UInt64] = []
            catalog.forEachPartition { live.append($1.incarnation) }
            live.sort()
            startSteps.abandoned += names.compactMap { DataDirectory.incarnation(named: $0) }.filter {
                $0 < catalog.nextIncarnation && !live.sortedContains($0)
            }
            try removeAbandoned()
        }
        try stopIfDone()
    }

    mutating func removeAbandoned() throws(MachineFailure) {
        guard !hasClosedStore else { return }
        while let incarnation = startSteps.abandoned.popLast() {
            _ = try store.removeAbandoned(incarnation: incarnation, ref: 0, &world, &buffers, at: now)
        }
    }
}
