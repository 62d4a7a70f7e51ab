import Primitives

/// The memory of one simulated buffer.
///
/// `BufferPool` makes blocks and frees them when it ends; in between a block is only filled anew, never freed, so a
/// stale slice reads poison and no foreign memory. This file is the only one of the simulator that sees a pointer.
@safe struct ByteBlock {
    private let start: UnsafeMutableRawPointer
    let byteCount: Int

    init(byteCount: Int, _ byte: UInt8) {
        self.byteCount = byteCount
        unsafe start = .allocate(byteCount: max(1, byteCount), alignment: 16)
        fill(byte, upTo: byteCount)
    }

    /// Another one in each process: for a planted leak alone.
    var address: UInt { unsafe UInt(bitPattern: start) }

    func free() {
        // SAFETY: called once, by the pool, in its `deinit`.
        unsafe start.deallocate()
    }

    func fill(_ byte: UInt8, upTo end: Int) {
        precondition(end >= 0 && end <= byteCount)
        // SAFETY: the range was checked.
        unsafe start.initializeMemory(as: UInt8.self, repeating: byte, count: end)
    }

    /// The caller keeps the span inside a borrow of its `SimWorld`, or inside one step of the driver.
    @unsafe @_lifetime(immortal)
    func bytes(at position: Int, byteCount count: Int) -> RawSpan {
        precondition(position >= 0 && count >= 0 && position + count <= byteCount)
        // SAFETY: the range was checked and all of it is initialised by `fill`.
        let span = unsafe RawSpan(_unsafeStart: start + position, byteCount: count)
        return unsafe _overrideLifetime(span, borrowing: ())
    }

    /// As `bytes(at:byteCount:)`; the pool's checks keep two changers apart.
    @unsafe @_lifetime(immortal)
    func mutableBytes(at position: Int, byteCount count: Int) -> MutableRawSpan {
        precondition(position >= 0 && count >= 0 && position + count <= byteCount)
        // SAFETY: as above.
        let span = unsafe MutableRawSpan(_unsafeStart: start + position, byteCount: count)
        return unsafe _overrideLifetime(span, borrowing: ())
    }
}

extension RawSpan {
    func append(to bytes: inout [UInt8]) {
        // SAFETY: the pointer lives inside the closure only.
        unsafe withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
}

extension [UInt8] {
    /// Copies all of `source` to `position`, which must leave room for it.
    mutating func replace(at position: Int, with source: RawSpan) {
        var elements = mutableSpan
        // SAFETY: any bit pattern is a valid byte; the span ends before the array is used again.
        var raw = unsafe elements.mutableBytes
        let isStored = raw.store(source, at: position)
        precondition(isStored)
    }
}
