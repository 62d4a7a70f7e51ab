public import Platform

/// Which shard owns a partition: a pure function, equal on every shard and across purges.
///
/// Neighbouring partitions of a topic go to different shards, and the first partitions of different topics do not
/// all meet on shard 0.
public enum Assignment {
    public static func owner(of address: PartitionAddress, shardCount: UInt16) -> ShardID {
        guard shardCount > 1 else { return ShardID(0) }
        // Odd factors keep low ids apart; overflow wraps and harms nothing.
        let mixed = UInt64(address.stream) &* 31 &+ UInt64(address.topic) &* 7 &+ UInt64(address.partition)
        return ShardID(UInt16(truncatingIfNeeded: mixed % UInt64(shardCount)))
    }
}
