public import Platform

/// Virtual time: a monotonic clock that jumps from happening to happening, and a wall clock that may be stepped.
public struct Clock: Sendable {
    /// Nanoseconds since the run began.
    public internal(set) var now: Int64 = 0
    /// Microseconds since 1970 at the start of the run: a fixed day, so that every run sees the same dates.
    public static let epochMicroseconds: Int64 = 1_750_000_000_000_000
    /// The wall clock's error, in microseconds.
    private var stepMicroseconds: Int64 = 0
    /// Thousandths of its speed at which the wall clock runs, and since when.
    private var perMille: Int64 = 1_000
    private var since: Int64 = 0
    /// The latest time that the wall clock showed when it was changed, and how often it was.
    private var latest: UInt64 = 0
    private var changes = 0

    public var instant: Instant {
        Instant(
            nanoseconds: now,
            wallMicroseconds: Self.epochMicroseconds + stepMicroseconds + driftMicroseconds + now / 1_000)
    }

    private var driftMicroseconds: Int64 { perMille == 1_000 ? 0 : (now - since) / 1_000 * (perMille - 1_000) / 1_000 }

    /// What the wall clock shows.
    var wall: WallTime {
        let micros = instant.timestamp
        return WallTime(micros: micros, latest: max(latest, micros), changes: changes)
    }

    /// The wall clock is set, to so much later or earlier.
    mutating func step(by microseconds: Int64) {
        noteChange()
        stepMicroseconds += microseconds
    }

    private mutating func noteChange() {
        latest = wall.latest
        changes += 1
    }

    /// The wall clock runs at another speed from now on; what it is wrong by stays.
    mutating func run(atPerMille speed: Int64) {
        noteChange()
        stepMicroseconds += driftMicroseconds
        perMille = speed
        since = now
    }
}

/// What the wall clock shows, and how far that can be compared with what it showed before.
struct WallTime: Equatable {
    /// Microseconds since 1970.
    let micros: UInt64
    /// The latest that it has shown so far: no stamp is later.
    let latest: UInt64
    /// Counts the times that it was set, or its speed changed. In between it only goes on.
    let changes: Int
}

// Times of plans and models, in nanoseconds.
public let microsecond: Int64 = 1_000
public let millisecond: Int64 = 1_000_000
public let second: Int64 = 1_000_000_000
