/// What a machine grants the server, as `galgo-server doctor` found it. Bytes and nanoseconds; nil where there is no
/// limit or the machine does not tell.
public struct MachineFacts: Equatable, Sendable {
    /// What one sync of a file that grows by 4 KiB took.
    public struct Syncs: Equatable, Sendable {
        /// Ascending, at least one.
        public let nanoseconds: [UInt64]

        /// Nil for none.
        public init?(nanoseconds: [UInt64]) {
            guard !nanoseconds.isEmpty else { return nil }
            self.nanoseconds = nanoseconds.sorted()
        }

        /// What so many of 100 did not exceed.
        public func percentile(_ percent: Int) -> UInt64 {
            nanoseconds[min(max(nanoseconds.count * percent / 100, 0), nanoseconds.count - 1)]
        }
    }

    public enum SyncResult: Equatable, Sendable {
        case measured(Syncs)
        /// The directory cannot be written to.
        case failed(Errno)
    }

    public var syncs = SyncResult.failed(.other)
    /// The directory that was looked at: the data directory, or where it would be made.
    public var directory = ""
    /// The file system's name, `ext4` or in hexadecimal if it is unknown.
    public var fileSystem = ""
    public var freeBytes: UInt64 = 0
    public var totalBytes: UInt64 = 0
    public var clockSource = ""
    /// Of the hard limit, which the server takes.
    public var descriptorsMax: UInt64?
    public var lockedBytesMax: UInt64?
    public var dataBytesMax: UInt64?
    /// Thousandths of a CPU.
    public var groupMilliCPU: UInt32?
    public var groupMemoryBytes: UInt64?

    public init() {}
}
