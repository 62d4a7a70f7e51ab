/// Finds out whether a page that the page cache takes anew costs more than the copy into it.
///
/// On most machines it does not, and what is written had better stay cached for readers. In a virtual machine that gives
/// its free memory back to the host each fresh page must be got from there again: 2 µs a KiB were measured, ten times the
/// copy. There it pays to use the same pages again, as a sync that forgets makes possible (`Operation.sync`).
struct PageCost {
    /// Shorter writes say more about the call than about the pages. Bytes.
    static let writeBytesMin = 64 << 10
    /// Pages are dear if writes take so long, two to three times what a copy into pages at hand takes. Nanoseconds a KiB.
    static let dearMin: Int64 = 600
    /// No write counts for more: one that had to wait for the processor proves nothing. Nanoseconds a KiB.
    static let countedMax: Int64 = 4 * dearMin
    /// Written before it is judged. Bytes.
    static let windowBytes = 8 << 20
    /// How long a judgement holds after the last window that confirmed it. Nanoseconds.
    static let memory: Int64 = 10_000_000_000

    private var windowByteCount = 0
    private var windowNanoseconds: Int64 = 0
    private var dearUntil = Int64.min

    /// A write into the page cache took so long. Times are monotonic nanoseconds.
    mutating func wrote(byteCount: Int, from start: Int64, to end: Int64) {
        windowByteCount += byteCount
        windowNanoseconds += min(end - start, Int64(byteCount >> 10) * Self.countedMax)
        guard windowByteCount >= Self.windowBytes else { return }
        if windowNanoseconds >= Int64(windowByteCount >> 10) * Self.dearMin { dearUntil = end + Self.memory }
        windowByteCount = 0
        windowNanoseconds = 0
    }

    func isDear(at now: Int64) -> Bool { now < dearUntil }
}
