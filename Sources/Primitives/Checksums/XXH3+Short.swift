// Inputs of up to 240 bytes: no accumulator, a handful of multiplications.
//
// Reads overlap instead of branching on every length: the last bytes of the input are read from its end, so each
// recipe names the shortest length it is safe for.

extension XXH3 {
    /// Any length up to `shortBytesMax`.
    @inline(__always)
    static func hashShort(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        // SAFETY: each recipe is called with the lengths it reads safely.
        switch byteCount {
        case ...0: emptyHash
        case ...3: unsafe hash1to3(input, byteCount)
        case ...8: unsafe hash4to8(input, byteCount)
        case ...16: unsafe hash9to16(input, byteCount)
        case ...128: unsafe hash17to128(input, byteCount)
        default: unsafe hash129to240(input, byteCount)
        }
    }

    // The secret enters the recipes below 17 bytes only as these words, each the exclusive or of two of its words.
    private static var flip1to3: UInt64 { 0x8727_5a9b }
    private static var flip4to8: UInt64 { 0xc73a_b174_c5ec_d5a2 }
    private static var flipLow9to16: UInt64 { 0x6782_737b_ea42_39b9 }
    private static var flipHigh9to16: UInt64 { 0xaf56_bc3b_0996_523a }

    private static func hash1to3(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        // SAFETY: the first, middle and last byte of at least one.
        let first = unsafe UInt64(input.load(as: UInt8.self))
        let middle = unsafe UInt64(input.load(fromByteOffset: byteCount &>> 1, as: UInt8.self))
        let last = unsafe UInt64(input.load(fromByteOffset: byteCount &- 1, as: UInt8.self))
        let combined = (first &<< 16) | (middle &<< 24) | last | (UInt64(truncatingIfNeeded: byteCount) &<< 8)
        return avalancheXXH64(combined ^ flip1to3)
    }

    private static func hash4to8(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        // SAFETY: four bytes from each end of at least four.
        let head = unsafe load32(input, 0)
        let tail = unsafe load32(input, byteCount &- 4)
        var hash = (tail &+ (head &<< 32)) ^ flip4to8
        hash ^= rotate(hash, 49) ^ rotate(hash, 24)
        hash = hash &* XXHPrime.mix2
        hash ^= (hash &>> 35) &+ UInt64(truncatingIfNeeded: byteCount)
        hash = hash &* XXHPrime.mix2
        return hash ^ (hash &>> 28)
    }

    private static func hash9to16(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        // SAFETY: eight bytes from each end of at least nine.
        let low = unsafe load64(input, 0) ^ flipLow9to16
        let high = unsafe load64(input, byteCount &- 8) ^ flipHigh9to16
        return avalanche(
            UInt64(truncatingIfNeeded: byteCount) &+ low.byteSwapped &+ high &+ foldedProduct(low, high))
    }

    private static func hash17to128(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: byteCount) &* XXHPrime.p64x1
        // SAFETY: pairs of 16 bytes from both ends; a pair at distance 16 * n is taken only above 32 * n bytes.
        unsafe withSecret { secret in
            if byteCount > 32 {
                if byteCount > 64 {
                    if byteCount > 96 {
                        unsafe hash = hash &+ mixed(input, 48, secret, 96)
                            &+ mixed(input, byteCount &- 64, secret, 112)
                    }
                    unsafe hash = hash &+ mixed(input, 32, secret, 64)
                        &+ mixed(input, byteCount &- 48, secret, 80)
                }
                unsafe hash = hash &+ mixed(input, 16, secret, 32)
                    &+ mixed(input, byteCount &- 32, secret, 48)
            }
            unsafe hash = hash &+ mixed(input, 0, secret, 0) &+ mixed(input, byteCount &- 16, secret, 16)
        }
        return avalanche(hash)
    }

    private static func hash129to240(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: byteCount) &* XXHPrime.p64x1
        // SAFETY: whole pieces of 16 bytes inside the input, and its last 16; the secret's offsets end at 135.
        return unsafe withSecret { secret in
            for offset in stride(from: 0, to: 128, by: 16) {
                unsafe hash = hash &+ mixed(input, offset, secret, offset)
            }
            hash = avalanche(hash)
            for offset in stride(from: 128, to: byteCount & ~15, by: 16) {
                unsafe hash = hash &+ mixed(input, offset, secret, offset &- 125)
            }
            return unsafe avalanche(hash &+ mixed(input, byteCount &- 16, secret, 119))
        }
    }

    /// Sixteen bytes of input and sixteen of the secret become one word.
    @inline(__always)
    private static func mixed(
        _ input: UnsafeRawPointer, _ offset: Int, _ secret: UnsafeRawPointer, _ secretOffset: Int
    ) -> UInt64 {
        // SAFETY: the caller keeps sixteen bytes after both offsets inside.
        unsafe foldedProduct(
            load64(input, offset) ^ load64(secret, secretOffset),
            load64(input, offset &+ 8) ^ load64(secret, secretOffset &+ 8))
    }

    /// The finish of the older XXH64, which the shortest inputs still have.
    private static func avalancheXXH64(_ word: UInt64) -> UInt64 {
        var hash = (word ^ (word &>> 33)) &* XXHPrime.p64x2
        hash = (hash ^ (hash &>> 29)) &* XXHPrime.p64x3
        return hash ^ (hash &>> 32)
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        (word &<< bits) | (word &>> (64 &- bits))
    }
}
