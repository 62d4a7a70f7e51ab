/// A machine that a server is started on.
struct MachineDescription: Equatable, Sendable {
    let cores: UInt32
    let threadsPerCore: UInt32
    /// What the process may have.
    let memoryBytes: UInt64
    /// What it may keep out of swap, which rings of io_uring are counted against.
    let lockableBytes: UInt64
}

/// What a server says of its shards.
struct ServedShards: Equatable, Sendable {
    let count: Int
    let reason: String
}
