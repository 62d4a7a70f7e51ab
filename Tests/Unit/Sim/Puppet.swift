import Platform
import Primitives
import Sim

/// A Machine whose behaviour is a closure: what a test wants to see at the seam.
struct Puppet: Machine, ~Copyable {
    typealias Script = (inout SimWorld, Event, Instant) throws(MachineFailure) -> Void

    private var world: SimWorld
    private let script: Script

    init(_ world: consuming SimWorld, _ script: @escaping Script) {
        self.world = world
        self.script = script
    }

    mutating func handle(_ event: Event, at now: Instant) throws(MachineFailure) {
        try script(&world, event, now)
    }

    func checkInvariants() throws(MachineFailure) {}
}

/// A client whose behaviour is a closure.
final class PuppetActor: Actor {
    private let script: (ActorEvent, Universe) -> Void

    init(_ script: @escaping (ActorEvent, Universe) -> Void) { self.script = script }

    override func handle(_ event: ActorEvent, in universe: Universe) { script(event, universe) }
}

extension Universe {
    /// A universe of puppets that all follow one script, told which shard they are.
    convenience init(
        seed: UInt64 = 1, _ change: (inout UniverseSettings) -> Void = { _ in }, faults: [Fault] = [],
        script: @escaping (inout SimWorld, ShardID, Event, Instant) throws(MachineFailure) -> Void
    ) {
        var settings = UniverseSettings()
        settings.seed = seed
        change(&settings)
        self.init(settings: settings, tape: Tape(seed: seed), faults: faults) {
            (world: consuming SimWorld, shard: ShardID, _: UInt32) throws(MachineFailure) -> Cell in
            MachineCell(Puppet(world) { (world, event, now) throws(MachineFailure) in try script(&world, shard, event, now) })
        }
        startFaults()
    }
}

extension SimWorld {
    /// An owned buffer that holds these bytes, and the slice of them.
    mutating func buffer(_ bytes: [UInt8]) throws(MachineFailure) -> Slice {
        guard let buffer = allocateBuffer(byteCount: max(1, bytes.count)) else { throw MachineFailure("no memory") }
        let slice = Slice(buffer, position: 0, byteCount: UInt32(bytes.count))
        var target = try mutableBytes(of: slice)
        target.store(bytes.rawSpan, at: 0)
        return slice
    }

    mutating func write(_ file: FileID, at position: Int64, _ slice: Slice, _ token: Token) throws(MachineFailure) {
        let slices = [slice]
        try submit(.write(file, at: position, slices: 1, token), slices.span)
    }

    mutating func send(_ peer: ConnectionID, _ slice: Slice, _ token: Token) throws(MachineFailure) {
        let slices = [slice]
        try submit(.send(peer, slices: 1, token), slices.span)
    }

    func array(_ slice: Slice) throws(MachineFailure) -> [UInt8] {
        let span = try bytes(of: slice)
        return (0..<span.byteCount).map { span.load(UInt8.self, at: $0) ?? 0 }
    }
}
