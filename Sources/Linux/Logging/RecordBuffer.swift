import Platform

/// Records one after the other in one block of memory that is there from the beginning. Adding one copies its bytes.
/// It owns its memory, so that a thread may hand it to another.
@safe struct RecordBuffer: ~Copyable, @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var byteCount = 0
    /// Lines that found no room since the last one that did.
    private(set) var dropped: UInt32 = 0

    init(capacity: Int) {
        self.capacity = capacity
        unsafe memory = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { unsafe memory.deallocate() }

    var isHalfFull: Bool { byteCount > capacity / 2 }

    @inline(__always)
    mutating func append(_ head: LogRecord.Head, _ text: UnsafeRawBufferPointer) {
        let count = Int(head.byteCount)
        guard byteCount + count <= capacity else {
            dropped &+= 1
            return
        }
        var head = head
        head.dropped = dropped
        dropped = 0
        // SAFETY: the record ends before the capacity does, and the text has at least as many bytes as the head says.
        unsafe memory.storeBytes(of: head, toByteOffset: byteCount, as: LogRecord.Head.self)
        let textBytes = count - LogRecord.Head.byteCount
        if textBytes > 0, let start = text.baseAddress {
            unsafe (memory + byteCount + LogRecord.Head.byteCount).copyMemory(from: start, byteCount: textBytes)
        }
        byteCount += count
    }

    /// A copy of the records, and the lines lost behind them. It is empty afterwards.
    mutating func take() -> (bytes: [UInt8], dropped: UInt32) {
        // SAFETY: so many bytes were written.
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: memory, count: byteCount))
        defer { (byteCount, dropped) = (0, 0) }
        return (bytes, dropped)
    }
}
