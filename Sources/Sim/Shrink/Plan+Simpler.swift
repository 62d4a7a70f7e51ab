import Platform

/// What can be made simpler in a plan without being taken out. Each is a list of things, each with its own choices.
enum Aspect {
    /// Shards, partitions, processors, and the order of things.
    case topology
    /// Two clients, which could be one.
    case parties
    case operations
    case faults

    func count(in plan: Plan) -> Int {
        switch self {
        case .topology: Plan.topologyAspects.count
        case .parties: max(0, plan.clients.count - 1)
        case .operations: plan.operationCount + 1
        case .faults: plan.faults.count + plan.diskPoints.count
        }
    }

    /// The plans in which this thing is simpler, the simplest first.
    func simpler(_ item: Int, in plan: Plan) -> [Plan] {
        switch self {
        case .topology: Plan.topologyAspects[item](plan)
        case .parties: plan.withMergedClients(item)
        case .operations: plan.withSimplerOperation(item)
        case .faults: plan.withSimplerFault(item)
        }
    }
}

extension Plan {
    fileprivate static let topologyAspects: [@Sendable (Plan) -> [Plan]] = [
        { plan in
            guard let sabotage = plan.sabotage else { return [] }
            return (plan.sabotagePeriod ?? sabotage.usualPeriod).smaller(than: 1).map { period in
                var often = plan
                often.sabotagePeriod = period
                return often
            }
        },
        { plan in plan.knobs[.shards].smaller(than: 1).map { plan.with(.shards, $0).withinShards } },
        { plan in plan.knobs[.partitions].smaller(than: 1).map { plan.with(.partitions, $0).withinPartitions } },
        { plan in
            var simple = plan
            simple.topology = PlannedTopology()
            return simple.topology == plan.topology ? [] : [simple]
        },
        { plan in
            plan.schedule.simpler.map {
                var simple = plan
                simple.schedule = $0
                return simple
            }
        },
        { plan in
            var simple = plan
            simple.metadataOrder = .ordered
            return plan.metadataOrder == .ordered ? [] : [simple]
        },
        { plan in
            var simple = plan
            for index in plan.clients.indices { simple.clients[index].behaviour = .patient }
            for index in plan.owners.indices { simple.owners[index].behaviour = .patient }
            return simple == plan ? [] : [simple]
        },
        { plan in
            var simple = plan
            simple.chapters = []
            let singles = plan.chapters.indices.map { index in
                var single = plan
                single.chapters.remove(at: index)
                return single
            }
            return plan.chapters.isEmpty ? [] : [simple] + (singles.count > 1 ? singles : [])
        },
    ]

    private func with(_ knob: Knob, _ value: UInt64) -> Plan {
        var plan = self
        plan.knobs[knob] = value
        return plan
    }

    /// Faults of shards that are gone are those of others, as they would be without saying so.
    private var withinShards: Plan {
        var plan = self
        let shards = UInt16(clamping: max(1, knobs[.shards]))
        plan.faults = faults.map { $0.within(shards) }
        return plan
    }

    private var withinPartitions: Plan {
        var plan = self
        let partitions = UInt32(max(1, knobs[.partitions]))
        for client in clients.indices {
            plan.clients[client].operations = clients[client].operations.map { $0.within(partitions) }
        }
        if let writes = lastWrites {
            plan.lastWrites?.writers = writes.writers.map {
                PlannedClient($0.behaviour, $0.operations.map { $0.within(partitions) })
            }
        }
        return plan
    }

    /// This client does what the next one did as well: before its own, behind it, or by turns.
    fileprivate func withMergedClients(_ item: Int) -> [Plan] {
        let (own, other) = (clients[item].operations, clients[item + 1].operations)
        let turns = (0..<max(own.count, other.count)).flatMap { place in
            [own, other].flatMap { $0.dropFirst(place).prefix(1) }
        }
        return [turns, own + other, other + own].map {
            var plan = self
            plan.clients[item].operations = $0
            plan.clients.remove(at: item + 1)
            return plan
        }
    }

    /// By the number of the operation among all; the number behind them is the count that the last crash waits for.
    fileprivate func withSimplerOperation(_ item: Int) -> [Plan] {
        var rest = item
        for client in clients.indices {
            if let plans = simpler(\.clients[client].operations, \.simpler, &rest) { return plans }
        }
        for owner in owners.indices {
            if let plans = simpler(\.owners[owner].operations, \.simpler, &rest) { return plans }
        }
        guard let writes = lastWrites else { return [] }
        for writer in writes.writers.indices {
            if rest < writes.writers[writer].operations.count {
                return writes.writers[writer].operations[rest].simpler.map {
                    var plan = self
                    plan.lastWrites?.writers[writer].operations[rest] = $0
                    return plan
                }
            }
            rest -= writes.writers[writer].operations.count
        }
        return writes.acknowledgedCount.smaller().map {
            var plan = self
            plan.lastWrites?.acknowledgedCount = $0
            return plan
        }
    }

    /// With the operation number `rest` of one list made simpler; nil, and the number counted on, if it is behind it.
    private func simpler<Operation>(
        _ list: WritableKeyPath<Plan, [Operation]>, _ choices: KeyPath<Operation, [Operation]>, _ rest: inout Int
    ) -> [Plan]? {
        let operations = self[keyPath: list]
        let place = rest
        guard place < operations.count else {
            rest -= operations.count
            return nil
        }
        return operations[place][keyPath: choices].map {
            var plan = self
            plan[keyPath: list][place] = $0
            return plan
        }
    }

    fileprivate func withSimplerFault(_ item: Int) -> [Plan] {
        if item < faults.count {
            return faults[item].simpler.map {
                var plan = self
                plan.faults[item] = $0
                return plan
            }
        }
        let point = item - faults.count
        guard point < diskPoints.count else { return [] }
        return diskPoints[point].boundary.smaller(than: 1).map {
            var plan = self
            plan.diskPoints[point] = DiskPoint($0, diskPoints[point].deed)
            return plan
        }
    }
}
