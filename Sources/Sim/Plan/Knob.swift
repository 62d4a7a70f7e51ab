/// A number that a plan may choose. Half of the time it is the smallest that makes sense, because small limits show
/// their boundaries; else the usual one, or any of the range.
public enum Knob: String, CaseIterable, Sendable {
    case shards
    case partitions
    /// 0 `memory`, 1 `process`, 2 `power`; of messages, and of stored offsets.
    case durability
    case offsetsDurability = "offsets-durability"
    case segmentBytes = "segment-bytes"
    case indexIntervalBytes = "index-interval-bytes"
    case indexEntriesPending = "index-entries-pending"
    case tailBytes = "tail-bytes"
    case tailBatches = "tail-batches"
    case readPieceBytes = "read-piece-bytes"
    case pieceCacheBytes = "piece-cache-bytes"
    case indexCacheBytes = "index-cache-bytes"
    case openFiles = "open-files"
    case allocateChunkBytes = "allocate-chunk-bytes"
    case writeBatches = "write-batches"
    case headersPerSlab = "headers-per-slab"
    /// Microseconds.
    case syncInterval = "sync-interval-us"
    case offsetsCompactBytes = "offsets-compact-bytes"
    case receiveBytes = "receive-bytes"
    /// What all buffers of the node may take.
    case bufferBytes = "buffer-bytes"
    /// Bytes that a direction of a connection holds.
    case windowBytes = "window-bytes"
    /// One send in so many is cut into pieces; 0 for never.
    case segmentation
    /// Microseconds.
    case networkLatency = "network-latency-us"
    case syncLatency = "sync-latency-us"
    case catalogCompactBytes = "catalog-compact-bytes"
    /// Times what a snapshot would need.
    case catalogCompactFactor = "catalog-compact-factor"
    /// Requests of sessions that one shard may have unanswered at another.
    case mailCredits = "mail-credits"

    struct Range {
        let minimum, usual, maximum: UInt64
    }

    /// What a plan that somebody wrote may say: more than is drawn, and nothing under which a server without a fault would
    /// be slower than a client waits, or short of memory from the beginning.
    public var accepted: ClosedRange<UInt64> {
        let (low, high) = (min(range.minimum, range.maximum), range.maximum)
        return switch self {
        case .shards, .partitions: 1...16
        case .durability, .offsetsDurability: 0...2
        case .segmentation, .catalogCompactFactor: 0...1_024
        case .segmentBytes: 512...1 << 30
        case .bufferBytes: low...8 * high
        case .openFiles, .networkLatency, .syncLatency, .syncInterval, .receiveBytes, .windowBytes: low / 2...2 * high
        case .indexIntervalBytes, .indexEntriesPending, .tailBytes, .tailBatches, .readPieceBytes, .pieceCacheBytes,
            .indexCacheBytes, .allocateChunkBytes, .writeBatches, .headersPerSlab, .offsetsCompactBytes,
            .catalogCompactBytes, .mailCredits:
            1...4 * high
        }
    }

    var range: Range {
        switch self {
        case .shards: Range(minimum: 1, usual: 2, maximum: 4)
        case .partitions: Range(minimum: 1, usual: 2, maximum: 4)
        case .durability, .offsetsDurability: Range(minimum: 2, usual: 1, maximum: 2)
        case .segmentBytes: Range(minimum: 600, usual: 16 << 10, maximum: 64 << 10)
        case .indexIntervalBytes: Range(minimum: 1, usual: 4 << 10, maximum: 16 << 10)
        case .indexEntriesPending: Range(minimum: 1, usual: 16, maximum: 128)
        case .tailBytes: Range(minimum: 1 << 10, usual: 1 << 20, maximum: 4 << 20)
        case .tailBatches: Range(minimum: 1, usual: 64, maximum: 1_024)
        case .readPieceBytes: Range(minimum: 1 << 10, usual: 16 << 10, maximum: 128 << 10)
        case .pieceCacheBytes: Range(minimum: 4 << 10, usual: 1 << 20, maximum: 2 << 20)
        case .indexCacheBytes: Range(minimum: 1 << 10, usual: 64 << 10, maximum: 1 << 20)
        case .openFiles: Range(minimum: 8, usual: 64, maximum: 512)
        case .allocateChunkBytes: Range(minimum: 4 << 10, usual: 64 << 10, maximum: 256 << 10)
        case .writeBatches: Range(minimum: 1, usual: 64, maximum: 512)
        case .headersPerSlab: Range(minimum: 1, usual: 32, maximum: 256)
        case .syncInterval: Range(minimum: 20_000, usual: 1_000_000, maximum: 5_000_000)
        case .offsetsCompactBytes: Range(minimum: 200, usual: 8 << 10, maximum: 64 << 10)
        case .receiveBytes: Range(minimum: 512, usual: 4 << 10, maximum: 16 << 10)
        case .bufferBytes: Range(minimum: 8 << 20, usual: 16 << 20, maximum: 32 << 20)
        case .windowBytes: Range(minimum: 2 << 10, usual: 64 << 10, maximum: 256 << 10)
        case .segmentation: Range(minimum: 2, usual: 8, maximum: 32)
        case .networkLatency: Range(minimum: 20, usual: 200, maximum: 5_000)
        case .syncLatency: Range(minimum: 100, usual: 4_000, maximum: 30_000)
        case .catalogCompactBytes: Range(minimum: 1, usual: 1 << 10, maximum: 8 << 10)
        case .catalogCompactFactor: Range(minimum: 0, usual: 1, maximum: 4)
        case .mailCredits: Range(minimum: 1, usual: 240, maximum: 240)
        }
    }
}

/// A value for each knob.
public struct Knobs: Equatable, Sendable {
    private var values: [UInt64]

    /// The usual values.
    public init() { values = Knob.allCases.map(\.range.usual) }

    public subscript(_ knob: Knob) -> UInt64 {
        get { values[knob.index] }
        set { values[knob.index] = newValue }
    }
}

extension Knob {
    /// Its place among all cases.
    fileprivate var index: Int { Self.places[rawValue] ?? 0 }

    private static let places: [String: Int] = Dictionary(
        allCases.enumerated().map { ($1.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
}
