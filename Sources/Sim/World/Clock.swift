public import Platform

/// Virtual time: a monotonic clock that jumps from happening to happening, and a wall clock that may be stepped.
public struct Clock: Sendable {
    /// Nanoseconds since the run began.
    public internal(set) var now: Int64 = 0
    /// Microseconds since 1970 at the start of the run: a fixed day, so that every run sees the same dates.
    public static let epochMicroseconds: Int64 = 1_750_000_000_000_000
    /// The wall clock's error, in microseconds.
    var stepMicroseconds: Int64 = 0
    /// Thousandths of its speed at which the wall clock runs, and since when.
    private var perMille: Int64 = 1_000
    private var since: Int64 = 0

    public var instant: Instant {
        Instant(
            nanoseconds: now,
            wallMicroseconds: Self.epochMicroseconds + stepMicroseconds + driftMicroseconds + now / 1_000)
    }

    private var driftMicroseconds: Int64 { perMille == 1_000 ? 0 : (now - since) / 1_000 * (perMille - 1_000) / 1_000 }

    /// The wall clock runs at another speed from now on; what it is wrong by stays.
    mutating func run(atPerMille speed: Int64) {
        stepMicroseconds += driftMicroseconds
        perMille = speed
        since = now
    }
}

// Times of plans and models, in nanoseconds.
public let microsecond: Int64 = 1_000
public let millisecond: Int64 = 1_000_000
public let second: Int64 = 1_000_000_000
