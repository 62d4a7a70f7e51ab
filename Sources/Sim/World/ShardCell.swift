import Platform
import Server

/// A shard of the real server in its place.
///
/// Concrete on purpose: below `deliver` the optimiser sees the whole server specialised for this world.
final class ShardCell: Cell {
    private var shard: Shard<SimWorld>

    init(_ shard: consuming Shard<SimWorld>) {
        self.shard = shard
    }

    override func deliver(_ event: Event, at now: Instant) throws(MachineFailure) {
        try shard.handle(event, at: now)
    }

    override func checkInvariants() throws(MachineFailure) {
        try shard.checkInvariants()
    }
}
