/// A moment on both clocks. It comes with every event: nothing in the core asks what time it is.
public struct Instant: BitwiseCopyable, Hashable, Sendable {
    /// Monotonic nanoseconds since an arbitrary start. Timers and intervals use this one.
    public let nanoseconds: Int64
    /// Wall clock, microseconds since 1970-01-01 UTC. It may step; only stamps on messages and records use it.
    public let wallMicroseconds: Int64

    public init(nanoseconds: Int64, wallMicroseconds: Int64) {
        self.nanoseconds = nanoseconds
        self.wallMicroseconds = wallMicroseconds
    }

    /// The wall clock as the unsigned stamp of the wire; a clock set before 1970 gives 0.
    public var timestamp: UInt64 { wallMicroseconds < 0 ? 0 : UInt64(wallMicroseconds) }
}
