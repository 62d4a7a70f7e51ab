/// When a catalog log is too long: it exceeds a bound, and so many times what a snapshot would need.
///
/// What a snapshot needs costs a walk over the whole catalog to learn. It is learnt when the log has grown to a length
/// at which it could be too long, and then not again before the log has outgrown what was found.
struct CatalogCompactionSchedule {
    private let bytesMin: Int64
    private let factor: Int64
    private let retryAfter: Int64
    /// Bytes of log from which on it is worth a look.
    private var lookBeyond: Int64
    /// Monotonic nanoseconds.
    private var notBefore = Int64.min
    private var isFailing = false
    /// A compaction is worth it however short the log is.
    var isWanted = false
    /// The snapshot that the files in force begin with, by its sequence.
    private(set) var snapshot: UInt64?

    init(_ limits: Limits, snapshot: UInt64?) {
        bytesMin = limits.catalogCompactBytes
        factor = limits.catalogCompactFactor
        retryAfter = limits.catalogCompactRetryAfter
        lookBeyond = bytesMin
        self.snapshot = snapshot
    }

    /// `logByteCount` in bytes, `now` in monotonic nanoseconds.
    func isWorthALook(logByteCount: Int64, at now: Int64) -> Bool {
        (isWanted || logByteCount > lookBeyond) && mayTry(at: now)
    }

    /// The last attempt succeeded, or long enough ago it did not.
    func mayTry(at now: Int64) -> Bool { now >= notBefore }

    /// Whether a log of so many bytes is too long beside a snapshot of so many.
    mutating func isTooLong(logByteCount: Int64, snapshotByteCount: Int) -> Bool {
        let (product, isOver) = Int64(snapshotByteCount).multipliedReportingOverflow(by: factor)
        lookBeyond = max(bytesMin, isOver ? .max : product)
        return isWanted || logByteCount > lookBeyond
    }

    /// The catalog goes on behind the snapshot of this sequence.
    mutating func begun(snapshot sequence: UInt64) {
        snapshot = sequence
        lookBeyond = bytesMin
        isFailing = false
        isWanted = false
    }

    /// Whether this is the first failure after a success: worth telling.
    mutating func failed(at now: Int64) -> Bool {
        notBefore = now.addingReportingOverflow(retryAfter).partialValue
        defer { isFailing = true }
        return !isFailing
    }

    /// A stop gives what is wanted a last try.
    mutating func hurry() { notBefore = .min }

    /// Files are left that could not be unlinked: they are tried again later.
    mutating func leftFiles(at now: Int64) {
        notBefore = now.addingReportingOverflow(retryAfter).partialValue
    }
}
