public import Platform

/// One Machine in its place. The driver knows cells; a concrete subclass knows which Machine it holds, so that the
/// optimiser sees through everything below `deliver`.
open class Cell {
    public init() {}
    open func deliver(_ event: Event, at now: Instant) throws(MachineFailure) {}
    open func checkInvariants() throws(MachineFailure) {}
}

/// A cell for any Machine. It calls through the Machine's witness table: good for tests, slow for sweeps.
public final class MachineCell<M: Machine & ~Copyable>: Cell {
    public private(set) var machine: M

    public init(_ machine: consuming M) {
        self.machine = machine
    }

    public override func deliver(_ event: Event, at now: Instant) throws(MachineFailure) {
        try machine.handle(event, at: now)
    }

    public override func checkInvariants() throws(MachineFailure) {
        try machine.checkInvariants()
    }
}

/// Makes a shard's Machine: at the start of the process (generation 0) and after each failure.
public typealias CellFactory =
    (_ world: consuming SimWorld, _ shard: ShardID, _ generation: UInt32) throws(MachineFailure) -> Cell
