import Glibc
import Platform

/// The machine's two clocks.
enum Clock {
    static func now() -> Instant {
        var wall = timespec()
        unsafe _ = clock_gettime(CLOCK_REALTIME, &wall)
        return Instant(
            nanoseconds: monotonic(), wallMicroseconds: Int64(wall.tv_sec) * 1_000_000 + Int64(wall.tv_nsec) / 1000)
    }

    /// Nanoseconds since some start.
    static func monotonic() -> Int64 {
        var time = timespec()
        unsafe _ = clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
