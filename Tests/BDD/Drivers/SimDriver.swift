import Foundation
import Platform
import Primitives
import Server
import Sim

/// The server inside the simulator: one seed decides everything that is left to chance, and time passes only while
/// somebody waits for something.
final class SimDriver: ServerDriver {
    private let seed: UInt64
    private let bug: PlantedBug?
    /// nil for scenarios that bring about a fault of their own.
    private var trouble: Trouble?
    private var setup = ServerSetup()
    private var world: Universe?
    private var clients: [SimClient] = []
    /// The full disk, while it is full.
    private var fullness: Int?
    private(set) var startCount = 0

    /// - Parameters:
    ///   - fault: what the scenario brings about itself; nil to have trouble in the background.
    ///   - bug: what is wrong with the world or the server, to see whether a scenario would notice.
    init(seed: UInt64, fault: String?, bug: PlantedBug? = nil) {
        self.seed = seed
        self.bug = bug
        trouble = fault == nil ? Trouble(seed: seed) : nil
    }

    var variety: UInt64 { seed }

    /// How often a fault changed what would have happened.
    var hitCount: Int { world?.faults.effects.reduce(0, +) ?? 0 }

    /// Equal for runs in which the same happened.
    var trace: TraceHash? { world?.trace }

    /// The last things that happened, for a report.
    var lastLines: String { (world?.narrator.lines(last: 15) ?? []).joined(separator: "\n") }

    private func universe() throws -> Universe {
        guard let world else { throw DriverError.notServing("it was not started") }
        if let finding = world.finding { throw DriverError.found("\(finding)") }
        return world
    }

    // MARK: Life

    func start(_ setup: ServerSetup) throws {
        var setup = setup
        setup.shardCount += Int(seed % 3)
        try launch(setup, on: Self.machine)
    }

    func start(_ setup: ServerSetup, on machine: MachineDescription, cpuAllocation: String) throws -> ServedShards {
        let topology = machine.topology
        let placement = try Placement(
            CPUAllocation(parsing: cpuAllocation), on: topology,
            within: Placement.Bounds(
                memoryBytes: MemoryPlan.limit(configured: nil, memoryBytes: topology.memoryBytes)))
        var setup = setup
        setup.shardCount = placement.shards.count
        try launch(setup, on: topology, cpus: placement.shards.compactMap { $0.cpu.map(Int.init) })
        return ServedShards(count: try universe().settings.shardCount, reason: "\(placement.reason)")
    }

    /// - Parameter cpus: the logical CPU of each shard; empty for one after the other.
    func launch(_ setup: ServerSetup, on topology: Topology, cpus: [Int] = []) throws {
        self.setup = setup
        var settings = UniverseSettings()
        settings.seed = seed
        settings.shardCount = setup.shardCount
        settings.topology = topology
        settings.placement = cpus
        settings.bytesPerShard = topology == Self.machine ? 0 : 32 << 20
        settings.network.segmentation = seed.isMultiple(of: 2) ? 2 : 8
        switch bug {
        case .sabotage(let sabotage): settings.sabotage = sabotage
        case .mutation(let mutation): settings.mutations = [mutation]
        case nil: break
        }
        world = Universe(settings: settings, tape: Tape(seed: seed)) {
            [unowned self] (world: consuming SimWorld, shard: ShardID, generation: UInt32) throws(MachineFailure) in
            // A plan says how the server is set up, and each start may be set up differently.
            try Plan.galgo(self.plan)(world, shard, generation)
        }
        if ProcessInfo.processInfo.environment["SIM_TRACE"] != nil { world?.narrate { print($0) } }
        try awaitServing()
    }

    private var plan: Plan {
        var plan = Plan(seed: seed)
        plan.knobs[.shards] = UInt64(setup.shardCount)
        plan.knobs[.segmentBytes] = UInt64(setup.segmentBytes)
        plan.knobs[.durability] = setup.syncsBeforeAcknowledging ? 2 : 1
        return plan
    }

    /// Four logical CPUs on two cores.
    private static let machine = Topology(
        cpus: (0..<4).map { Topology.LogicalCPU(number: $0, core: $0 / 2, node: 0, isAllowed: true) },
        quotaMilliCPU: nil, memoryBytes: 64 << 20)

    /// Returns when a connection is accepted: shards accept once all of them are ready.
    private func awaitServing() throws {
        let client = try openConnection()
        client.close(in: try universe())
        startCount = Int(try universe().process.generation)
    }

    func stepBegins() throws {
        guard let world else { return }
        _ = try universe()
        if let kind = trouble?.next(shardCount: world.settings.shardCount) { try befall(kind, in: world) }
    }

    private func befall(_ kind: Fault.Kind, in world: Universe) throws {
        let duration = trouble?.duration() ?? 0
        world.inject(Fault(kind, when: .at(0), for: duration))
        // Long enough for the news of a broken connection to arrive, so that no request is caught by it halfway.
        world.run(until: world.clock.now + 2 * millisecond)
        if case .processKill = kind {
            for client in clients { client.loseConnection() }
            try awaitServing()
        }
    }

    func pause(milliseconds: Int) {
        guard let world else { return }
        world.run(until: world.clock.now + Int64(milliseconds) * millisecond)
    }

    // MARK: Conversation

    func connect() throws -> ClientID {
        clients.append(try openConnection())
        return ClientID(number: clients.count - 1)
    }

    /// Tries until a connection is accepted, as long as anyone waits for a server to start.
    private func openConnection() throws -> SimClient {
        let world = try universe()
        let limit = world.clock.now + Self.patience
        while world.clock.now < limit {
            let client = SimClient()
            client.connect(in: world)
            _ = world.run(until: limit) { client.isConnected || client.isOver }
            _ = try universe()
            if client.isConnected, !client.isOver { return client }
            world.run(until: world.clock.now + 5 * millisecond)
        }
        throw DriverError.notServing("no connection is accepted within \(Self.patience / second) seconds")
    }

    func isConnected(_ client: ClientID) -> Bool { !clients[client.number].isOver }

    func send(_ frame: [UInt8], from client: ClientID) throws {
        clients[client.number].send(frame, in: try universe())
    }

    func receive(_ client: ClientID) throws -> Answer {
        let world = try universe()
        let client = clients[client.number]
        _ = world.run(until: world.clock.now + Self.patience) { client.hasAnswer || client.isOver }
        if let answer = client.takeAnswer() { return answer }
        _ = try universe()
        throw client.isOver ? DriverError.connectionLost : DriverError.noAnswer
    }

    /// Nanoseconds of the simulated time.
    private static let patience = 60 * second

    // MARK: What befalls the server

    func killAndRestart(_ setup: ServerSetup) throws {
        self.setup = setup
        try universe().killProcess(restartIn: 100 * millisecond)
        for client in clients { client.loseConnection() }
        try awaitServing()
    }

    func cutPowerAndRestart(_ setup: ServerSetup) throws {
        self.setup = setup
        try inject(.powerCut(restartIn: second))
        for client in clients { client.loseConnection() }
        try awaitServing()
    }

    func fillDisk() throws {
        let modes: [Fault.FullMode] = [.blocks, .quota, .names]
        fullness = try inject(.diskFull(modes[Int(seed % 3)], freeBlocks: Int(seed % 5)), for: 3_600 * second)
    }

    func freeDisk() throws {
        if let fullness { try universe().lift(fullness) }
        fullness = nil
    }

    func failShard(owning partition: PartitionPlace) throws {
        let world = try universe()
        let owner = ownerOfPartition(
            partition.partition, topic: partition.topic, stream: partition.stream, shardCount: world.settings.shardCount
        )
        let before = world.counts.panics
        try inject(.shardPanic(owner))
        // It fails at its next event, which may be as far away as its next look at the clock.
        _ = world.run(until: world.clock.now + Self.patience) { world.counts.panics > before }
        try expect(try universe().counts.panics > before, "the shard lives on")
    }

    func raceRotations() throws {
        let trigger = Fault.Trigger.mark(.rotationDecided, nth: 1 + UInt32(seed % 8))
        try universe().inject(Fault(.rotationRace(.stall), when: trigger))
    }

    /// Every simulated machine of this driver has sibling CPUs.
    func useSiblingCores() throws {}

    /// All shards on the two siblings of one core, and not even the whole of its time.
    func oversubscribeCores() throws {
        let quota = seed.isMultiple(of: 2) ? 60 * millisecond : nil
        try inject(.smtOversubscription(siblingPercent: 50, quotaPerPeriod: quota), for: 3_600 * second)
    }

    @discardableResult
    private func inject(_ kind: Fault.Kind, for duration: Int64 = 0) throws -> Int {
        let world = try universe()
        return world.inject(Fault(kind, when: .at(0), for: duration))
    }

    func failedShardCount() throws -> Int { try universe().counts.panics }
}

/// A bug put there on purpose.
enum PlantedBug: Sendable {
    /// The world breaks a promise of its own.
    case sabotage(Sabotage)
    /// The server does.
    case mutation(Mutation)
}

extension MachineDescription {
    /// Sibling CPUs have numbers side by side.
    var topology: Topology {
        Topology(
            cpus: (0..<cores * threadsPerCore).map {
                Topology.LogicalCPU(number: $0, core: $0 / threadsPerCore, node: nil, isAllowed: true)
            }, quotaMilliCPU: nil, memoryBytes: memoryBytes)
    }
}
