extension XXH3 {
    /// The same hash, for bytes that come in pieces: batch headers and the digests of messages.
    ///
    /// It holds the last 1...256 bytes back, since the end of the input is hashed differently from its middle and
    /// nobody knows yet which bytes are the end. A plain value of about 350 bytes: copying it forks the hash, and
    /// nothing is allocated.
    public struct Stream {
        private static let heldBytesMax = 256

        /// Bytes not yet absorbed stand in front; behind them, up to the end, those absorbed last.
        private var held = InlineArray<256, UInt8>(repeating: 0)
        private var heldByteCount = 0
        private var totalByteCount: UInt64 = 0
        private var lanes = Lanes()
        /// Stripes of the current block that the lanes have; always a multiple of four.
        private var stripeIndex = 0

        public init() {}

        /// Takes in `bytes`.
        public mutating func update(_ bytes: RawSpan) {
            let byteCount = bytes.byteCount
            // SAFETY: the pointer lives inside the closure; `append` reads the span's bytes only.
            unsafe bytes.withUnsafeBytes { buffer in
                if let input = buffer.baseAddress { unsafe append(input, byteCount) }
            }
        }

        /// Takes in the eight bytes of `word`, little endian.
        public mutating func update(_ word: UInt64) {
            var word = word.littleEndian
            guard heldByteCount <= Self.heldBytesMax &- 8 else {
                // SAFETY: eight bytes of a local.
                unsafe withUnsafeBytes(of: &word) { bytes in
                    if let input = bytes.baseAddress { unsafe append(input, 8) }
                }
                return
            }
            unsafe withUnsafeMutableBytes(of: &held) { held in
                // SAFETY: the guard left eight bytes behind the held ones.
                unsafe held.storeBytes(of: word, toByteOffset: heldByteCount, as: UInt64.self)
            }
            heldByteCount &+= 8
            totalByteCount &+= 8
        }

        /// The hash of everything taken in so far; the stream can go on.
        public func finalize() -> UInt64 {
            // SAFETY: all offsets below stay in the 256 held bytes.
            unsafe withUnsafeBytes(of: held) { held in
                guard let input = held.baseAddress else { return emptyHash }
                guard totalByteCount > UInt64(shortBytesMax) else {
                    return unsafe hashShort(input, heldByteCount)
                }
                return unsafe hashEnd(input)
            }
        }

        /// The end of a long input: whole stripes first, then its last 64 bytes.
        private func hashEnd(_ held: UnsafeRawPointer) -> UInt64 {
            var lanes = lanes
            return unsafe withSecret { secret in
                // SAFETY: at most three stripes are left, so a block never ends here. With fewer than 64 bytes held
                // the input was longer than 256, and the rest of the last stripe was absorbed last.
                if heldByteCount >= stripeByteCount {
                    unsafe lanes.absorb(
                        held, stripeCount: (heldByteCount &- 1) &>> 6, secret + 8 &* stripeIndex)
                    unsafe lanes.absorbLast(held + (heldByteCount &- stripeByteCount), secret)
                } else {
                    var stripe = InlineArray<64, UInt8>(repeating: 0)
                    let earlier = stripeByteCount &- heldByteCount
                    unsafe withUnsafeMutableBytes(of: &stripe) { stripe in
                        guard let target = stripe.baseAddress else { return }
                        unsafe target.copyMemory(from: held + (Self.heldBytesMax &- earlier), byteCount: earlier)
                        unsafe (target + earlier).copyMemory(from: held, byteCount: heldByteCount)
                        unsafe lanes.absorbLast(UnsafeRawPointer(target), secret)
                    }
                }
                return unsafe lanes.merged(byteCount: totalByteCount, secret)
            }
        }

        private mutating func append(_ input: UnsafeRawPointer, _ byteCount: Int) {
            totalByteCount &+= UInt64(truncatingIfNeeded: byteCount)
            let room = Self.heldBytesMax &- heldByteCount
            // SAFETY: every piece is taken from the `byteCount` bytes of the input, in order.
            guard byteCount > room else { return unsafe hold(input, byteCount) }
            unsafe hold(input, room)
            absorbHeld()
            var input = unsafe input + room
            var left = byteCount &- room
            if left > Self.heldBytesMax {
                while left > Self.heldBytesMax {
                    unsafe absorb(input)
                    unsafe input += Self.heldBytesMax
                    left &-= Self.heldBytesMax
                }
                unsafe withUnsafeMutableBytes(of: &held) { held in
                    let tail = Self.heldBytesMax &- stripeByteCount
                    unsafe held.baseAddress?.advanced(by: tail)
                        .copyMemory(from: input - stripeByteCount, byteCount: stripeByteCount)
                }
            }
            unsafe hold(input, left)
        }

        /// Copies `byteCount` bytes, for which there is room, behind the held ones.
        private mutating func hold(_ input: UnsafeRawPointer, _ byteCount: Int) {
            unsafe withUnsafeMutableBytes(of: &held) { held in
                // SAFETY: the caller checked the room.
                unsafe held.baseAddress?.advanced(by: heldByteCount)
                    .copyMemory(from: input, byteCount: byteCount)
            }
            heldByteCount &+= byteCount
        }

        /// Absorbs the full buffer; at least one byte follows it.
        private mutating func absorbHeld() {
            unsafe withUnsafeBytes(of: held) { held in
                // SAFETY: 256 bytes.
                if let input = held.baseAddress { unsafe absorb(input) }
            }
            heldByteCount = 0
        }

        /// Absorbs 256 bytes, and ends the block when they complete it.
        private mutating func absorb(_ input: UnsafeRawPointer) {
            unsafe withSecret { secret in
                // SAFETY: the index is at most 12, so the last stripe's secret ends at or before 184.
                unsafe lanes.absorbFour(input, secret + 8 &* stripeIndex)
                stripeIndex &+= 4
                if stripeIndex == stripesPerBlock {
                    unsafe lanes.scramble(secret)
                    stripeIndex = 0
                }
            }
        }
    }
}
