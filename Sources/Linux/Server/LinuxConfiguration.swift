/// What a server needs to know of its machine. All of it comes from the executable's own configuration.
public struct LinuxConfiguration: Sendable {
    /// Made, with its parents, when it does not exist.
    public var dataDirectory: String
    public var listen: ListenAddress
    /// 1 to 65,535.
    public var shardCount: Int
    /// The CPUs that each shard should stay on; shards beyond the end of the list may run anywhere.
    public var homes: [[UInt32]] = []
    /// The bytes that buffers of all shards may take together.
    public var memoryLimitBytes = 512 << 20
    /// Free buffers that each shard keeps the pages of.
    public var spareBytesPerShard = 32 << 20
    /// Large buffers ask the kernel for huge pages.
    public var wantsHugePages = false
    /// The size of the buffer that `receiveFresh` takes: 4 KiB to 128 MiB.
    public var receiveBytes = 256 << 10
    /// Receives with room for so many bytes or more wait until the events that are ready have been handled, but no
    /// longer than a round of the loop.
    public var patientReceiveBytes = 64 << 10
    /// How long a shard that was just busy looks for more before it sleeps; 0 when shards share cores.
    public var spinNanoseconds: Int64 = 0
    /// A stop that takes longer is cut short: the process ends without waiting for its threads.
    public var drainNanoseconds: Int64 = 10_000_000_000
    /// SIGTERM and SIGINT stop the server, SIGHUP lets it read its settings again. Off where several servers live in one
    /// process.
    public var handlesSignals = true
    /// A fatal signal leaves a note in the data directory that names this version; without one none is left. For a
    /// process that is one server: handlers of signals belong to the process.
    public var crashVersion: String?
    /// For tests: SIGUSR1, sent with the number of a shard (sigqueue), lets that shard's Machine fail.
    public var failsShardsOnSignal = false

    public init(dataDirectory: String, listen: ListenAddress, shardCount: Int) {
        self.dataDirectory = dataDirectory
        self.listen = listen
        self.shardCount = shardCount
    }
}

/// A host (a name or a numeric address) and a port; port 0 lets the system choose.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
