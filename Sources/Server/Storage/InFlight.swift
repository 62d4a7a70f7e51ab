import Platform

/// What an operation in flight was for; its index in the table is the detail of its route.
enum InFlight: BitwiseCopyable {
    case open(Path)
    case close(Path)
    case makeDirectory
    case syncParent
    case write
    case seal
    case trim
    case cut
    case allocate(end: Int64)
    case syncSealed(base: UInt64)
    case syncPartitionDirectory(change: UInt64)
    case syncActive(end: UInt64, base: UInt64)
    case syncCut(base: UInt64)
    case rewriteRead
    case rewriteWrite
    case index(IndexStep)
    case offsets(OffsetsStep)
    case read(task: UInt32)
    case recovery
    case removal
    case retention
}

/// The operations of one store that have not completed yet.
struct InFlightTable {
    private var entries: [InFlight?] = []
    private var free: [UInt32] = []
    private(set) var count = 0

    mutating func begin(_ operation: InFlight, slot: Int) -> Token {
        let detail: UInt32
        if let reused = free.popLast() {
            detail = reused
            entries[Int(reused)] = operation
        } else {
            detail = UInt32(entries.count)
            entries.append(operation)
        }
        count += 1
        return Route(.partition, slot: UInt32(slot), detail: detail).token
    }

    mutating func end(_ detail: UInt32) throws(MachineFailure) -> InFlight {
        guard Int(detail) < entries.count, let operation = entries[Int(detail)] else {
            throw MachineFailure("a completion belongs to an operation in flight")
        }
        entries[Int(detail)] = nil
        free.append(detail)
        count -= 1
        return operation
    }
}
