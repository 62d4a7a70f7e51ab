/// The server and its host as GetStats shows them. Times are µs, sizes bytes.
public struct StatsRecord: Equatable, Sendable {
    public var processID: UInt32 = 0
    /// Percent of one core that this process uses.
    public var cpuUsage: Float = 0
    /// Percent of one core that the host uses.
    public var totalCPUUsage: Float = 0
    public var memoryUsage: UInt64 = 0
    public var totalMemory: UInt64 = 0
    public var availableMemory: UInt64 = 0
    public var runTime: UInt64 = 0
    /// Since 1970.
    public var startTime: UInt64 = 0
    public var readByteCount: UInt64 = 0
    public var writtenByteCount: UInt64 = 0
    public var messagesByteCount: UInt64 = 0
    public var streamCount: UInt32 = 0
    public var topicCount: UInt32 = 0
    public var partitionCount: UInt32 = 0
    public var segmentCount: UInt32 = 0
    public var messageCount: UInt64 = 0
    public var clientCount: UInt32 = 0
    public var groupCount: UInt32 = 0
    public var hostname: String = ""
    public var osName: String = ""
    public var osVersion: String = ""
    public var kernelVersion: String = ""
    public var serverVersion: String = ""
    /// major × 1,000,000 + minor × 1,000 + patch; 0 is none.
    public var serverVersionNumber: UInt32 = 0
    public var caches: [CacheRecord] = []
    public var threadCount: UInt32 = 0
    public var freeDiskSpace: UInt64 = 0
    public var totalDiskSpace: UInt64 = 0

    public init() {}
}

/// How well a partition's cache of messages did.
public struct CacheRecord: Equatable, Sendable {
    public var streamID: UInt32
    public var topicID: UInt32
    public var partitionID: UInt32
    public var hits: UInt64
    public var misses: UInt64
    public var hitRatio: Float

    public init(
        streamID: UInt32, topicID: UInt32, partitionID: UInt32, hits: UInt64, misses: UInt64, hitRatio: Float
    ) {
        self.streamID = streamID
        self.topicID = topicID
        self.partitionID = partitionID
        self.hits = hits
        self.misses = misses
        self.hitRatio = hitRatio
    }
}
