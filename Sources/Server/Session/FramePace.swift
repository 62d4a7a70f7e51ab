import Platform

/// How fast a frame comes: whoever sends one may not hold its memory for ever.
///
/// It has to grow in every window by what the slowest peer may take, and to be whole after a time that no rate extends.
/// Only time counts in which the server was ready to receive: it may have been short of memory itself.
struct FramePace {
    private var began: Int64
    private var windowBegan: Int64
    private var windowByteCount = 0
    /// Since when nothing could come, because nothing was asked for; nil while something is.
    private var pausedAt: Int64?

    init(at now: Instant, isReceiving: Bool) {
        began = now.nanoseconds
        windowBegan = began
        pausedAt = isReceiving ? nil : began
    }

    /// A receive is asked for.
    mutating func resume(at now: Instant) {
        guard let pausedAt else { return }
        began += now.nanoseconds - pausedAt
        windowBegan += now.nanoseconds - pausedAt
        self.pausedAt = nil
    }

    /// A receive has ended.
    mutating func received(byteCount: Int, at now: Instant) {
        windowByteCount += byteCount
        pausedAt = pausedAt ?? now.nanoseconds
    }

    /// Whether the frame is too slow. To be asked at least once in every window.
    mutating func isLate(at now: Instant, _ limits: Limits) -> Bool {
        guard pausedAt == nil else { return false }
        if now.nanoseconds - began > limits.frameWithin { return true }
        let elapsed = now.nanoseconds - windowBegan
        guard elapsed > limits.frameWindow else { return false }
        if Int64(windowByteCount) < elapsed / 1_000_000_000 * limits.frameBytesPerSecondMin { return true }
        windowBegan = now.nanoseconds
        windowByteCount = 0
        return false
    }
}
