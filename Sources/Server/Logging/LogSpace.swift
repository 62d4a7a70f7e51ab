/// Whether the disk has room for the log, which is worth a line at the start and changes nothing.
public enum LogSpace {
    /// Less than this, and nobody may read tomorrow what happens today: bytes.
    static let leastBytes: UInt64 = 10_000_000

    /// A warning; nil when there is room.
    ///
    /// - Parameter freeBytes: that this process may use; nil when nobody knows.
    public static func warning(directory: String, freeBytes: UInt64?) -> String? {
        guard let freeBytes else { return "nobody knows how much room \(printable(directory)) has for the log" }
        guard freeBytes < leastBytes else { return nil }
        return "\(printable(directory)) has room for \(ByteSize(bytes: freeBytes).rounded) of log: less than 10 MB"
    }
}
