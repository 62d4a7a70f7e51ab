/// Every bound of the log, with the values a server ships with. Tests and plans make them small.
public struct StorageSettings: Sendable {
    /// A segment is full when the classic sizes of its batches reach this. Bytes.
    public var segmentBytes: UInt64 = 1 << 30
    /// An index entry is made when at least this much log lies behind the one before it. Bytes.
    public var indexIntervalBytes: Int64 = 64 << 10
    /// Index entries that wait for their write to the index file, at most, before the next tick.
    public var indexEntriesPendingMax = 128
    /// Indexes of sealed segments kept in memory, all partitions of the shard together. Bytes.
    public var indexCacheBytesMax = 4 << 20
    /// Appended batches kept in their buffers for readers, all partitions of the shard together. Bytes.
    public var tailBytesMax = 16 << 20
    /// Bytes that a partition takes without being read once, before it stops keeping batches for readers: buffers that
    /// are used again at once stay in the cache.
    public var tailUnreadBytesMax: Int64 = 4 << 20
    /// The most batches that one partition keeps.
    public var tailBatchesMax = 4_096
    /// Batches of one partition that wait for their write, at most; more are refused as busy.
    public var batchesPendingMax = 65_536
    /// What one read from a segment asks for, unless a batch is larger. Fits the second-level cache. Bytes.
    public var readPieceBytes = 128 << 10
    /// What one read asks for when recovery only hops from header to header of large batches. Bytes.
    public var hopBytes = 4 << 10
    /// Pieces read and verified twice that stay for the next reader, all partitions of the shard together. Bytes.
    public var pieceCacheBytesMax = 32 << 20
    /// The same for pieces read once, as far as they stay in the processor's cache. Bytes.
    public var freshPieceBytesMax = 1 << 20
    /// Lists of pieces kept for the polls to come, and the most pieces that one of them may have room for.
    public var sparePiecesMax = 64
    public var sparePiecesEach = 64
    /// Files of the shard open at once. Files in use stay open beyond it only if nothing can be closed.
    public var openFilesMax = 1_024
    /// At `power` a segment grows by so many zero-filled bytes, ahead of need.
    public var allocateChunkBytes: Int64 = 4 << 20
    /// Batches of one vectored write: two slices each, and the kernel takes 1,024.
    public var writeBatchesMax = 512
    /// Bytes of one vectored write, unless a batch is larger.
    public var writeBytesMax = 8 << 20
    /// Batch headers in one buffer of the slab.
    public var headersPerSlab = 512
    /// The largest body a batch header may claim. Bytes.
    public var bodyBytesMax: UInt64 = 1 << 30
    /// At `process`, how often what was written is synced in the background. Nanoseconds.
    public var syncInterval: Int64 = 1_000_000_000
    /// The same, for a log that grows by more in less time. Bytes.
    public var syncBytesMax: Int64 = 64 << 20
    /// Bytes that a log takes without being read once, before only so many at the end of its writable segment are worth
    /// a place in the page cache.
    public var cachedUnreadBytesMax: Int64 = 128 << 20
    /// How long what found no memory or no room waits before it tries again. Nanoseconds.
    public var retryInterval: Int64 = 100_000_000
    /// `offsets.log` is rewritten when it is longer than this and than four times what it would shrink to. Bytes.
    public var offsetsCompactBytes: Int64 = 256 << 10
    /// Partitions that recover at the same time.
    public var recoveriesMax = 8
    /// Level of stored offsets; at `power` a partition of level `power` or this one syncs before answering.
    public var offsetsLevel: Durability = .process

    public init() {}
}

/// What an acknowledgement promises. Ordered: the stronger of two wins.
public enum Durability: UInt8, BitwiseCopyable, Comparable, Sendable, CaseIterable {
    /// Copied into the batch buffer. Survives nothing.
    case memory
    /// The write of the whole batch returned. Survives the end of the process.
    case process
    /// A data sync covering it returned. Survives a power cut.
    case power

    public static func < (left: Durability, right: Durability) -> Bool { left.rawValue < right.rawValue }
}
