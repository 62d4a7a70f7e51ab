/// What the verifier is told about the past of a directory.
public struct Options: Equatable, Sendable {
    /// How the last server that used the directory ended.
    public enum Ending: Equatable, Sendable {
        /// It was asked to stop and said that it did.
        case clean
        /// It was killed, or it trapped: the system went on, so every write that returned is there.
        case crashed
        /// It has not: it has recovered every partition and serves nobody yet. `afterLoss`: what was there before may
        /// have been more, so that a record has to say where each log ends now.
        case recovered(afterLoss: Bool)

        /// A record has to say where a log ends.
        public var asksForVouch: Bool {
            switch self {
            case .clean, .recovered(afterLoss: true): true
            case .crashed, .recovered(afterLoss: false): false
            }
        }
    }

    public var ending: Ending
    /// The machine once lost its power, or its kernel crashed: what had not been synced then may be missing in any
    /// mixture, and index files, which are never synced, may say anything.
    public var hasLostPower: Bool
    /// A server has recovered every log since: only index files may still show that the power was lost.
    public var hasRecovered: Bool
    /// Bytes of classic messages at which a segment is full; nil if not known, or if it was changed between starts.
    public var segmentByteCount: UInt64?
    /// Directories of the root that the settings gave other names than `logs` and `runtime`.
    public var strangers: [String]
    /// Temporary files that the disk refused to remove when the last server wanted to: the next start does it.
    public var unremoved: [String]
    /// Whether the verdict lists every message; otherwise it only counts them.
    public var listsMessages: Bool

    public init(
        _ ending: Ending, hasLostPower: Bool = false, hasRecovered: Bool = false, segmentByteCount: UInt64? = nil,
        strangers: [String] = [], unremoved: [String] = [], listsMessages: Bool = false
    ) {
        self.ending = ending
        self.hasLostPower = hasLostPower
        self.hasRecovered = hasRecovered
        self.segmentByteCount = segmentByteCount
        self.strangers = strangers
        self.unremoved = unremoved
        self.listsMessages = listsMessages
    }

    /// What was not synced may be missing in any mixture.
    var mayLackWrites: Bool { hasLostPower && !hasRecovered }
}
