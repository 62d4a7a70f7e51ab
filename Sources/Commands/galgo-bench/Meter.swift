import Client
import Synchronization

/// What one connection has done so far. Its thread writes, the progress line reads.
final class Meter: Sendable {
    private let messageCount = Atomic<UInt64>(0)
    private let byteCount = Atomic<UInt64>(0)

    func add(messageCount messages: Int, byteCount bytes: Int) {
        messageCount.wrappingAdd(UInt64(messages), ordering: .relaxed)
        byteCount.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    }

    var reading: Reading {
        Reading(messageCount: messageCount.load(ordering: .relaxed), byteCount: byteCount.load(ordering: .relaxed))
    }

    /// Messages and their payload bytes.
    struct Reading {
        var messageCount: UInt64 = 0
        var byteCount: UInt64 = 0

        static func + (left: Reading, right: Reading) -> Reading {
            Reading(
                messageCount: left.messageCount + right.messageCount, byteCount: left.byteCount + right.byteCount)
        }

        static func - (left: Reading, right: Reading) -> Reading {
            Reading(
                messageCount: left.messageCount - right.messageCount, byteCount: left.byteCount - right.byteCount)
        }
    }
}

/// When the run is measured and when it ends, shared by all threads.
final class Schedule: Sendable {
    let measuredFrom: ContinuousClock.Instant
    let measuredUntil: ContinuousClock.Instant
    private let aborted = Atomic<Bool>(false)

    init(warmupSeconds: Int, seconds: Int) {
        measuredFrom = ContinuousClock.now + .seconds(warmupSeconds)
        measuredUntil = measuredFrom + .seconds(seconds)
    }

    func isMeasured(_ instant: ContinuousClock.Instant) -> Bool {
        instant >= measuredFrom && instant < measuredUntil
    }

    /// Whether a thread should send no further request at `instant`.
    func isOver(_ instant: ContinuousClock.Instant) -> Bool {
        instant >= measuredUntil || aborted.load(ordering: .relaxed)
    }

    /// One thread failed: the others need not go on.
    func abort() { aborted.store(true, ordering: .relaxed) }
}

/// What one thread brings home: the measured part of the run only.
struct Tally: Sendable {
    var requestCount: UInt64 = 0
    var messageCount: UInt64 = 0
    var byteCount: UInt64 = 0
    /// Nanoseconds from before a request was sent until its reply was read.
    var latency = Histogram()
    /// When the last measured reply was read; a consumer may be done before the time is up.
    var lastReply: ContinuousClock.Instant?
    /// Messages a consumer read, measured or not.
    var readCount: UInt64 = 0
    /// What a consumer found wrong with what it read.
    var violation: String?

    mutating func record(
        messageCount messages: Int, byteCount bytes: Int, sentAt: ContinuousClock.Instant,
        repliedAt: ContinuousClock.Instant
    ) {
        requestCount += 1
        messageCount += UInt64(messages)
        byteCount += UInt64(bytes)
        latency.record((repliedAt - sentAt).nanoseconds)
        lastReply = repliedAt
    }

    mutating func merge(_ other: Tally) {
        requestCount += other.requestCount
        messageCount += other.messageCount
        byteCount += other.byteCount
        latency.merge(other.latency)
        readCount += other.readCount
        violation = violation ?? other.violation
        lastReply = [lastReply, other.lastReply].compactMap(\.self).max()
    }
}

extension Duration {
    /// Whole nanoseconds; 0 for a negative duration.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
