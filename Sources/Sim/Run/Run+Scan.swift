import Platform
import Wire

// What is there when nobody writes: every topic is looked for, every partition read from end to end.

extension Run {
    func scan() -> Bool {
        enter("scan")
        guard let scanned = readAll(in: 0, "the scan does not end") else { return false }
        logs = scanned
        universe.noteScan(segmentCount: segmentCountMax)
        return true
    }

    /// Looks for every topic of the owners, then reads every partition of every topic, from end to end; nil if that
    /// does not come to its end.
    func readAll(in delay: Int64, _ complaint: String) -> [WholeLog]? {
        let looks = (0..<OwnerOperation.topicCount).map { OwnerOperation.look(topic: $0) }
        let lookers = plan.owners.indices.map { index in
            make(PlannedOwner(.patient, looks), after: owners[index], insists: true)
        }
        for looker in lookers { looker.join(universe, in: delay) }
        let scanners = places.map {
            Scanner(partitions: $0.partitions, stamp: plan.stamp, oracle: oracle, path: $0.path)
        }
        for scanner in scanners { scanner.join(universe, in: delay) }
        let isRead = run(within: bounds.scan) {
            lookers.allSatisfy(\.isFinished) && scanners.allSatisfy(\.isFinished)
        }
        let states =
            lookers.filter { !$0.isFinished }.map(\.waiting) + scanners.filter { !$0.isFinished }.map(\.state)
        oracle.holds(
            .liveness, isRead || isOver, "\(complaint): \(states.first ?? "")",
            expected: "every partition read to its end within \(bounds.scan / second) s",
            seen: "a reader \(states.first ?? "")", at: universe.clock.now)
        return isRead ? scanners.flatMap(\.wholeLogs) : nil
    }

    /// All topics that must be there.
    var places: [(partitions: [UInt32], path: TopicPath)] {
        topicPlaces(
            of: Array(owners.prefix(plan.owners.count)), partitions: UInt32(plan.knobs[.partitions]), place)
    }

    /// Segments of the partition that has the most.
    private var segmentCountMax: Int {
        universe.disk.directories().filter { $0.hasPrefix("partitions/") }.map { directory in
            universe.disk.names(in: directory).count { $0.hasSuffix(".log") && $0 != "offsets.log" }
        }.max() ?? 0
    }
}

/// Every topic that must be there, the workload's first: the oracle's numbers of its partitions, and its path.
func topicPlaces(
    of owners: [OwnerClient], partitions: UInt32, _ place: TopicPathParts
) -> [(partitions: [UInt32], path: TopicPath)] {
    [(Array(0..<partitions), place.path)]
        + owners.flatMap { owner in
            owner.topics.compactMap { topic in
                guard topic.state != .absent, let path = owner.path(of: topic) else { return nil }
                return (topic.partitions, path)
            }
        }
}
