/// Finds out whether a page that the page cache takes anew costs more than the copy into it.
///
/// On most machines it does not, and what is written had better stay cached for readers. In a virtual machine that gives
/// its free memory back to the host each fresh page must be got from there again: 2 µs a KiB were measured, ten times the
/// copy. There it pays to use the same pages again, as a sync that forgets makes possible (`Operation.sync`).
struct PageCost {
    /// Shorter writes say more about the call than about the pages. Bytes.
    static let writeBytesMin = 64 << 10
    /// A write is slow from here on: five times what a copy takes. Nanoseconds a KiB.
    static let slowMin: Int64 = 1_000
    /// Written before it is judged. Bytes.
    static let windowBytes = 8 << 20
    /// How long a judgement holds after the last window that confirmed it. Nanoseconds.
    static let memory: Int64 = 10_000_000_000

    private var windowByteCount = 0
    private var slowByteCount = 0
    private var dearUntil = Int64.min

    /// A write into the page cache took so long. Times are monotonic nanoseconds.
    mutating func wrote(byteCount: Int, from start: Int64, to end: Int64) {
        windowByteCount += byteCount
        if (end - start) >= Int64(byteCount >> 10) * Self.slowMin { slowByteCount += byteCount }
        guard windowByteCount >= Self.windowBytes else { return }
        // By most of the bytes, not by the sum: one write that had to wait for the processor proves nothing.
        if slowByteCount * 2 > windowByteCount { dearUntil = end + Self.memory }
        windowByteCount = 0
        slowByteCount = 0
    }

    func isDear(at now: Int64) -> Bool { now < dearUntil }
}
