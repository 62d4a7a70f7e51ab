/// How the one limit on memory is divided: a pure function of the limit and the number of shards.
///
/// The limit holds for buffers: whatever is received, written, read, lent, sent or kept for readers. Caches have small
/// shares, and nothing is taken before it is there: who gets no buffer waits. Beside the limit the process needs what its code, its
/// stacks and its catalog take, a few dozen MiB. All shares together are three quarters of the limit.
public struct MemoryPlan: Equatable, Sendable {
    /// Bytes that buffers of all shards take together at most.
    public let limitBytes: UInt64
    public let shardCount: Int

    /// Nothing serves with less.
    public static let limitBytesMin: UInt64 = 64 << 20
    /// What a shard has to get of the limit to be worth its place: below this it would wait for memory at every batch.
    public static let bytesPerShardMin: UInt64 = 16 << 20

    public init(limitBytes: UInt64, shardCount: Int) {
        self.limitBytes = limitBytes
        self.shardCount = max(1, shardCount)
    }

    /// As set, or half of what the process may have: the other half is the page cache's and the catalog's.
    public static func limit(configured: UInt64?, memoryBytes: UInt64) -> UInt64 {
        configured ?? max(memoryBytes / 2, limitBytesMin)
    }

    /// What is wrong with a limit that this machine cannot keep, for people; nil if nothing is.
    public static func excess(configured: UInt64?, memoryBytes: UInt64) -> String? {
        guard let configured, configured > memoryBytes else { return nil }
        return "galgo.memory_limit is \(ByteSize(bytes: configured).binary), and this process may have "
            + "\(ByteSize(bytes: memoryBytes).binary): the limit protects from nothing"
    }

    /// The largest frame that is taken, in bytes: its buffer, a power of two, is at most half of the limit.
    public func frameBytesMax(of usual: UInt32) -> UInt32 {
        UInt32(clamping: min(UInt64(usual), limitBytes / 32 * 9))
    }

    /// A larger frame waits for room among the others: 4 MiB of the smallest limit.
    public var largeFrameBytes: Int { Int(clamping: limitBytes / 16) }

    /// What the limit is spent on by a share of its own. The rest is for batches and reads under way.
    public enum Pool: CaseIterable, Sendable {
        /// Requests that are being received.
        case receiving
        /// Frames of many megabytes among them. All shards have them together.
        case largeFrames
        /// Replies that their clients have not taken yet.
        case replies
        /// The newest messages of partitions that somebody reads.
        case newest
        /// What was read from disk and verified, for the next reader.
        case read
        /// Free buffers whose pages are kept.
        case spare

        public var name: String {
            switch self {
            case .receiving: "requests"
            case .largeFrames: "large ones"
            case .replies: "replies"
            case .newest: "newest messages"
            case .read: "messages read again"
            case .spare: "spare buffers"
            }
        }
    }

    /// The most that all shards together spend on it, in bytes.
    public func bytes(_ pool: Pool) -> Int { bytesPerShard(pool) * shardCount }

    /// The most that a shard spends on it, in bytes.
    public func bytesPerShard(_ pool: Pool) -> Int {
        let share = Int(clamping: limitBytes) / shardCount
        return switch pool {
        case .receiving: share / 16
        case .largeFrames: share * 3 / 8
        case .replies: share / 8
        case .newest: min(share / 16, 16 << 20)
        case .read: share / 16
        case .spare: min(share / 16, 64 << 20)
        }
    }
}
