import Platform

/// What all shards of one process see alike, and the counts that they leave behind.
final class NodeFacts {
    /// The machine's boot: new after a power cut, the same after a process kill.
    var boot = BootIdentity(high: 0, low: 1)
    /// What the whole run went through.
    var passage = Passage()
    /// Marks that a fault waits for: the shard whose step hit the mark looks at them after the step.
    var recentMarks: [Mark] = []
    var watchesMarks = false
    /// Hits of `diskFullMet` that the faults were told of.
    var diskFullsSeen: UInt32 = 0
    /// By `Mutation.rawValue`: the bugs that are planted.
    var isMutated = [Bool](repeating: false, count: Mutation.allCases.count)
    var facts = HostFacts()
    /// Hits to go until the step that hits the mark fails at its next call; and the fault that wants it.
    var panicMarks: [(mark: Mark, hitsLeft: UInt32, fault: Int)] = []
    /// Faults whose panic has just been asked for.
    var panicked: [Int] = []
}
