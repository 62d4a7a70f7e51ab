/// Everything below the core: IO, clock, memory, entropy, mail. One handle for each Machine.
///
/// The handle only appends to the Machine's submission ring; the driver drains it after `handle` returns. What
/// answers at once is what needs no kernel: bytes of a buffer, entropy, memory reservation, marks.
/// `Linux` and `Sim` are equals: nothing of the server is replaced by a stand-in, only what lies below this.
public protocol World: ~Copyable, SendableMetatype {
    /// Appends an operation without slices of its own.
    mutating func submit(_ operation: Operation) throws(MachineFailure)
    /// Appends a vectored operation with its slices (`send`, `write`, `crypt`).
    mutating func submit(_ operation: Operation, _ slices: Span<Slice>) throws(MachineFailure)

    /// A line for the log about something that has a name.
    mutating func note(_ notice: Notice, naming name: Span<UInt8>) throws(MachineFailure)

    /// A buffer of at least `byteCount` bytes, content undefined; nil when memory is used up, which is
    /// back-pressure and no failure. The core owns it until `release`.
    mutating func allocateBuffer(byteCount: Int) -> BufferID?
    /// Gives an owned buffer back. Nothing of it may be in flight or lent.
    mutating func release(_ buffer: BufferID) throws(MachineFailure)
    /// The bytes there are in an owned or lent buffer.
    func byteCount(of buffer: BufferID) throws(MachineFailure) -> Int
    /// The bytes of a slice, to read. A slice that a receive or read is filling is not readable.
    @_lifetime(borrow self) func bytes(of slice: Slice) throws(MachineFailure) -> RawSpan
    /// The bytes of a slice, to change. No byte of it may be in flight.
    @_lifetime(borrow self) func mutableBytes(of slice: Slice) throws(MachineFailure) -> MutableRawSpan

    mutating func entropy() -> UInt64
    /// The identity of the machine's boot: equal as long as the page cache can still hold what was written.
    var bootIdentity: BootIdentity { get }
    /// Facts for people: stats and the banner. Nothing is decided by them.
    func hostFacts() -> HostFacts

    /// Something worth counting happened here. Compiles to nothing in `Linux`.
    mutating func mark(_ mark: Mark)
    /// Is this bug planted? Constant false in `Linux`.
    func isMutated(_ mutation: Mutation) -> Bool
}

extension World where Self: ~Copyable {
    /// Where nobody reads lines, the name is left out.
    public mutating func note(_ notice: Notice, naming name: Span<UInt8>) throws(MachineFailure) {
        try submit(.notice(notice))
    }
}

public struct BootIdentity: BitwiseCopyable, Equatable, Sendable {
    public let high, low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// What a person wants to know about the machine. Counts in bytes, times in microseconds, percentages as such.
public struct HostFacts: Equatable, Sendable {
    public var processID: UInt32 = 0
    public var processCPUPercent: Float = 0
    public var hostCPUPercent: Float = 0
    public var processMemoryBytes: UInt64 = 0
    public var totalMemoryBytes: UInt64 = 0
    public var availableMemoryBytes: UInt64 = 0
    public var readBytes: UInt64 = 0
    public var writtenBytes: UInt64 = 0
    public var hostname = ""
    public var systemName = ""
    public var systemVersion = ""
    public var kernelVersion = ""
    public var threadCount: UInt32 = 0
    public var freeDiskBytes: UInt64 = 0
    public var totalDiskBytes: UInt64 = 0

    public init() {}
}
