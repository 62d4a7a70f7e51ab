/// XXH3 with 64 bits, seed 0 and the default secret: the checksum of messages and batches.
///
/// The algorithm is Yann Collet's (xxHash 0.8, `doc/xxhash_spec.md`). Four length classes have four recipes: 0...16,
/// 17...128 and 129...240 bytes in `XXH3+Short.swift`, everything longer in `XXH3+Long.swift`. Nothing here allocates,
/// traps or reads a byte outside its input. It finds damage, not malice: anybody can make two inputs that collide.
public enum XXH3 {
    /// The 64-bit hash of `bytes`, one pass, any length.
    public static func hash(_ bytes: RawSpan) -> UInt64 {
        let byteCount = bytes.byteCount
        // SAFETY: each recipe reads only inside the span, as it is told its length; the pointer stays in the closure.
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let input = buffer.baseAddress else { return emptyHash }
            return byteCount <= shortBytesMax
                ? unsafe hashShort(input, byteCount) : unsafe hashLong(input, byteCount)
        }
    }

    /// The hash of a word's bytes, the lowest first, and of those of `rest` behind it: of one input that is not in one
    /// piece.
    public static func hash(_ word: UInt64, followedBy rest: RawSpan) -> UInt64 {
        let byteCount = 8 + rest.byteCount
        guard byteCount <= 128 else {
            var stream = Stream()
            stream.update(word)
            stream.update(rest)
            return stream.finalize()
        }
        var joined = InlineArray<16, UInt64>(repeating: 0)
        joined[0] = word.littleEndian
        // SAFETY: 128 bytes without padding, which hold the word and at most 120 bytes more; the pointers stay inside.
        return unsafe withUnsafeMutableBytes(of: &joined) { target in
            guard let input = target.baseAddress else { return emptyHash }
            unsafe rest.withUnsafeBytes { source in
                if let start = source.baseAddress { unsafe (input + 8).copyMemory(from: start, byteCount: source.count) }
            }
            return unsafe hashShort(input, byteCount)
        }
    }

    /// Inputs up to this length are hashed without an accumulator.
    static let shortBytesMax = 240

    /// What every recipe for no bytes at all ends in.
    static var emptyHash: UInt64 { 0x2d06_8005_38d3_94c2 }
}

/// The multipliers of the algorithm; computed, so that each use is an immediate operand and not a load behind a once.
enum XXHPrime {
    @inline(__always) static var p32x1: UInt64 { 0x9E37_79B1 }
    @inline(__always) static var p32x2: UInt64 { 0x85EB_CA77 }
    @inline(__always) static var p32x3: UInt64 { 0xC2B2_AE3D }
    @inline(__always) static var p64x1: UInt64 { 0x9E37_79B1_85EB_CA87 }
    @inline(__always) static var p64x2: UInt64 { 0xC2B2_AE3D_27D4_EB4F }
    @inline(__always) static var p64x3: UInt64 { 0x1656_67B1_9E37_79F9 }
    @inline(__always) static var p64x4: UInt64 { 0x85EB_CA77_C2B2_AE63 }
    @inline(__always) static var p64x5: UInt64 { 0x27D4_EB2F_1656_67C5 }
    @inline(__always) static var mix1: UInt64 { 0x1656_6791_9E37_79F9 }
    @inline(__always) static var mix2: UInt64 { 0x9FB2_1C65_1E98_DF25 }
}

extension XXH3 {
    /// The default secret: 192 bytes, read at many unaligned offsets. Little-endian words of the published bytes
    /// `b8 fe 6c 39 …`. An array, since its address is to be had without a copy; an `InlineArray` is copied to the stack
    /// for each hash.
    static let secret: [UInt64] = [
        0xbe4b_a423_396c_feb8, 0x1cad_21f7_2c81_017c, 0xdb97_9083_e96d_d4de, 0x1f67_b3b7_a4a4_4072,
        0x78e5_c0cc_4ee6_79cb, 0x2172_ffcc_7dd0_5a82, 0x8e24_43f7_7446_08b8, 0x4c26_3a81_e690_35e0,
        0xcb00_c391_bb52_283c, 0xa32e_531b_8b65_d088, 0x4ef9_0da2_9748_6471, 0xd8ac_dea9_46ef_1938,
        0x3f34_9ce3_3f76_faa8, 0x1d4f_0bc7_c7bb_dcf9, 0x3159_b4cd_4be0_518a, 0x6473_78d9_c97e_9fc8,
        0xc3eb_d334_83ac_c5ea, 0xeb63_13fa_ffa0_81c5, 0x49da_f0b7_51dd_0d17, 0x9e68_d429_2655_16d3,
        0xfca1_477d_58be_162b, 0xce31_d07a_d1b8_f88f, 0x2804_1695_8f3a_cb45, 0x7e40_4bbb_cafb_d7af,
    ]

    @inline(__always)
    static func load64(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        // SAFETY: the caller keeps `offset ..< offset + 8` inside the input.
        unsafe UInt64(littleEndian: pointer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    static func load32(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        // SAFETY: the caller keeps `offset ..< offset + 4` inside the input.
        unsafe UInt64(UInt32(littleEndian: pointer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    /// Both halves of the 128-bit product, folded into one word.
    @inline(__always)
    static func foldedProduct(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// Spreads the entropy of a nearly finished hash over all its bits.
    @inline(__always)
    static func avalanche(_ hash: UInt64) -> UInt64 {
        let mixed = (hash ^ (hash &>> 37)) &* XXHPrime.mix1
        return mixed ^ (mixed &>> 32)
    }
}
