/// SHA-256 (FIPS 180-4): what tokens and their like are stored as.
///
/// Bytes come in pieces; the state is a plain value, and nothing is allocated until the digest is asked for.
public struct SHA256: Sendable {
    public static let digestByteCount = 32
    static let blockByteCount = 64

    private var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// The bytes of a block that is not full yet, as its big-endian words.
    private var block = InlineArray<16, UInt32>(repeating: 0)
    private var byteCount: UInt64 = 0

    public init() {}

    /// The digest of `bytes`.
    public static func digest(_ bytes: RawSpan) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    /// Takes in `bytes`.
    public mutating func update(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        // Whole words once the block is at a word's edge; single bytes to get there and behind the last word.
        while !reader.isAtEnd {
            if byteCount & 3 == 0, let word = reader.next(UInt32.self) {
                block[wordIndex] = word.byteSwapped
                advance(4)
            } else if let byte = reader.next(UInt8.self) {
                push(byte)
            }
        }
    }

    /// The 32 bytes of the digest of everything taken in; the hash can go on.
    public func finalize() -> [UInt8] {
        var padded = self
        let bitCount = byteCount &<< 3
        padded.push(0x80)
        while padded.byteCount & 63 != 56 { padded.push(0) }
        padded.block[14] = UInt32(truncatingIfNeeded: bitCount &>> 32)
        padded.block[15] = UInt32(truncatingIfNeeded: bitCount)
        padded.compress()
        var digest = ByteWriter(reserving: Self.digestByteCount)
        for index in padded.state.indices { digest.write(padded.state[index].byteSwapped) }
        return digest.bytes
    }

    private var wordIndex: Int { Int(truncatingIfNeeded: byteCount &>> 2) & 15 }

    private mutating func push(_ byte: UInt8) {
        // The first byte of a word finds what an earlier block left there.
        if byteCount & 3 == 0 { block[wordIndex] = 0 }
        block[wordIndex] |= UInt32(byte) &<< (24 &- 8 &* UInt32(truncatingIfNeeded: byteCount & 3))
        advance(1)
    }

    private mutating func advance(_ count: UInt64) {
        byteCount &+= count
        if byteCount & 63 == 0 { compress() }
    }

    /// One full block into the state. The schedule is a ring of sixteen words, made as the rounds need them.
    private mutating func compress() {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        var schedule = block
        let constants = Self.roundConstants
        for round in 0..<64 {
            let index = round & 15
            if round >= 16 {
                let early = schedule[(round &+ 1) & 15]
                let late = schedule[(round &+ 14) & 15]
                let smallSigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early &>> 3)
                let smallSigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late &>> 10)
                schedule[index] = schedule[index] &+ smallSigma0 &+ schedule[(round &+ 9) & 15] &+ smallSigma1
            }
            let bigSigma1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ bigSigma1 &+ choice &+ constants[round] &+ schedule[index]
            let bigSigma0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ bigSigma0 &+ majority)
        }
        state[0] = state[0] &+ a
        state[1] = state[1] &+ b
        state[2] = state[2] &+ c
        state[3] = state[3] &+ d
        state[4] = state[4] &+ e
        state[5] = state[5] &+ f
        state[6] = state[6] &+ g
        state[7] = state[7] &+ h
    }

    private func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        (word &>> bits) | (word &<< (32 &- bits))
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let roundConstants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
