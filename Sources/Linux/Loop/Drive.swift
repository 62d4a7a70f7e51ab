public import Platform

/// Runs a Machine until the shard ends: events in, operations out.
///
/// Generic, with the Machine a local of the caller, so that the optimiser sees through it: a boxed Machine costs
/// three times more per event.
@inlinable
public func drive<M: Machine & ~Copyable>(_ machine: inout M, _ desk: Desk) throws(MachineFailure) {
    while try desk.nextRound() {
        while let event = try desk.nextEvent() {
            unsafe try machine.handle(event, at: desk.now)
            try desk.drain()
        }
    }
}
