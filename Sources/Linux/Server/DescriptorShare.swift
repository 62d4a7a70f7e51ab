/// What each shard may use of the descriptors that the process may have: files and connections never take from
/// each other.
public struct DescriptorShare: Equatable, Sendable {
    /// Files that the core should keep open at a time.
    public let filesPerShard: Int
    public let connectionsPerShard: Int

    /// Descriptors that no shard has: standard streams, the data directory, and one for each worker's slow call.
    private static let common = 32
    /// A shard's listener, its spare, its poller and its waker, with as many for changing them.
    private static let fixedPerShard = 8
    private static let filesMax = 1_024
    /// Fewer of either are no server. Below that the kernel refuses, and the refusals are answered.
    private static let least = 8

    /// `limit` is the process's (RLIMIT_NOFILE).
    init(limit: Int64, shardCount: Int) {
        let free = Int(clamping: limit) - Self.common - shardCount * Self.fixedPerShard
        let perShard = max(free, 0) / shardCount
        filesPerShard = min(max(perShard / 2, Self.least), Self.filesMax)
        connectionsPerShard = max(perShard - filesPerShard, Self.least)
    }
}
