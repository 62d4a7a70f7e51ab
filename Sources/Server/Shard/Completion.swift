public import Platform

/// How an operation of the core ended, freed of which event told it.
public enum Completion: BitwiseCopyable, Sendable {
    /// Bytes moved, or 0 where there are none to count.
    case done(count: Int)
    case opened(FileID, byteCount: Int64)
    case space(free: Int64, total: Int64)
    case failed(Errno)
}
