// What clients asked and were told, in the words that the checkers use. Nothing here knows the server.

/// One message of the workload. Its payload says so, hence every read names the write it came from.
public struct MessageID: Equatable, Hashable, Sendable, CustomStringConvertible {
    public let batch: BatchID
    /// Its place in the batch.
    public let index: UInt32

    public init(_ batch: BatchID, index: UInt32) {
        self.batch = batch
        self.index = index
    }

    public var description: String { "\(batch)[\(index)]" }
}

/// One append of the workload: the client's nth.
public struct BatchID: Equatable, Hashable, Sendable, CustomStringConvertible {
    public let client: UInt32
    public let number: UInt32

    public init(client: UInt32, number: UInt32) {
        self.client = client
        self.number = number
    }

    public var description: String { "client \(client) batch \(number)" }
}

/// What a client knows of a request in the end.
public enum RequestOutcome: String, Sendable {
    case ok
    /// The server said no: it has no effect, now and for ever.
    case refused
    /// The connection was lost first: it may have happened, or may happen yet.
    case unknown
}

/// What ended, and with it which promises.
public enum CrashKind: String, Sendable {
    case shardPanic = "shard-panic"
    case processKill = "process-kill"
    case powerCut = "power-cut"
}

/// What an acknowledgement promises, as the oracle needs it.
public enum PromisedLevel: UInt8, Sendable, Comparable {
    case memory, process, power

    public static func < (left: PromisedLevel, right: PromisedLevel) -> Bool { left.rawValue < right.rawValue }

    func survives(_ crash: CrashKind) -> Bool {
        switch crash {
        case .shardPanic, .processKill: self >= .process
        case .powerCut: self == .power
        }
    }
}

/// A message as a poll returned it.
public struct SeenMessage: Equatable, Sendable {
    public let offset: UInt64
    /// nil when the payload is none of the workload's.
    public let id: MessageID?
    /// Microseconds since 1970.
    public let timestamp: UInt64
    /// By the client's clock, as it came back.
    let origin: UInt64
    /// The number that the server gave it; 0 where that is not known.
    let number: UInt128
    /// On the classic wire.
    let byteCount: Int

    init(
        offset: UInt64, id: MessageID?, timestamp: UInt64, origin: UInt64 = 0, number: UInt128 = 0, byteCount: Int = 0
    ) {
        self.offset = offset
        self.id = id
        self.timestamp = timestamp
        self.origin = origin
        self.number = number
        self.byteCount = byteCount
    }
}

/// The properties that are checked; each counts the facts that it compared.
public enum Property: String, CaseIterable, Sendable {
    case lostWrite = "lost-write"
    case durabilityByClass = "durability-by-class"
    case inconsistentOffset = "inconsistent-offset"
    case denseOffsets = "dense-offsets"
    case duplicate
    case abortedRead = "aborted-read"
    case pollSkip = "poll-skip"
    case endRegress = "end-regress"
    case batchAtomicity = "batch-atomicity"
    case foreignMessage = "foreign-message"
    case timestampOrder = "timestamp-order"
    case consumerOffset = "consumer-offset"
    /// A topic that was made is there, one that was deleted is not.
    case catalog
    case finalScan = "final-scan"
    /// A second recovery of the same directory changes nothing.
    case recoveryIdempotence = "recovery-idempotence"
    case liveness
    case resourceBaseline = "resource-baseline"
    /// Who is not logged in, or no longer, is refused everything but a login.
    case access
    /// Where nobody else is, every answer is what it must be, to the last field.
    case answers
    /// What a medium has changed is refused and kept; everything else is served.
    case damage
    /// The files of a server that has ended, judged by their formats alone.
    case onDisk = "on-disk"
    /// A law inside the server or at the seam.
    case law

    /// The part of a run in which it is judged, if not everywhere.
    public var chapter: Chapter? { self == .damage ? .rot : nil }

    /// What its violation is: something wrong was seen, or nothing was.
    public var isLiveness: Bool { self == .liveness }
}

/// A property that did not hold.
public struct Violation: Error, Equatable, Sendable, CustomStringConvertible {
    public let property: Property
    public let text: String
    /// Nanoseconds since the run began.
    public let time: Int64
    /// Which of the property's laws it breaks, if it has several: no numbers, the same for every run.
    public let law: String
    /// What the checker wanted and what it was shown, where it can say so; else empty.
    public let expected, seen: String
    public let subject: Subject

    /// What it is about, as far as the checker knows.
    public struct Subject: Equatable, Sendable {
        /// The oracle's number.
        public var partition: UInt32?
        public var batch: BatchID?
        /// Of a client, as the history numbers them.
        public var client: UInt32?
        public var offset: UInt64?
        /// A file of the server, from its directory on.
        public var path: String?

        public init(
            partition: UInt32? = nil, batch: BatchID? = nil, client: UInt32? = nil, offset: UInt64? = nil,
            path: String? = nil
        ) {
            self.partition = partition
            self.batch = batch
            self.client = client ?? batch?.client
            self.offset = offset
            self.path = path
        }
    }

    public init(
        _ property: Property, _ text: String, law: String = "", expected: String = "", seen: String = "",
        about subject: Subject = Subject(), at time: Int64
    ) {
        self.property = property
        self.text = text
        self.time = time
        self.law = law
        self.expected = expected
        self.seen = seen
        self.subject = subject
    }

    public var description: String { "\(property.rawValue): \(text)" }
}
