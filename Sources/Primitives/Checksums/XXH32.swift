/// XXH32 with seed 0: maps a message key to a partition and a consumer's name to its number, as Iggy does.
///
/// Yann Collet's algorithm (`doc/xxhash_spec.md`). Inputs are short, so nothing is vectorised.
public enum XXH32 {
    private static var prime1: UInt32 { 0x9E37_79B1 }
    private static var prime2: UInt32 { 0x85EB_CA77 }
    private static var prime3: UInt32 { 0xC2B2_AE3D }
    private static var prime4: UInt32 { 0x27D4_EB2F }
    private static var prime5: UInt32 { 0x1656_67B1 }

    /// The 32-bit hash of `bytes`, any length.
    public static func hash(_ bytes: RawSpan) -> UInt32 {
        var reader = ByteReader(bytes)
        var hash = bytes.byteCount < 16 ? prime5 : hashStripes(&reader)
        hash = hash &+ UInt32(truncatingIfNeeded: bytes.byteCount)
        while let word = reader.next(UInt32.self) {
            hash = rotate(hash &+ word &* prime3, 17) &* prime4
        }
        while let byte = reader.next(UInt8.self) {
            hash = rotate(hash &+ UInt32(byte) &* prime5, 11) &* prime1
        }
        hash = (hash ^ (hash &>> 15)) &* prime2
        hash = (hash ^ (hash &>> 13)) &* prime3
        return hash ^ (hash &>> 16)
    }

    /// All whole stripes of 16 bytes, in four lanes.
    private static func hashStripes(_ reader: inout ByteReader) -> UInt32 {
        var (first, second) = (prime1 &+ prime2, prime2)
        var (third, fourth) = (UInt32(0), 0 &- prime1)
        while reader.remaining >= 16,
            let a = reader.next(UInt32.self), let b = reader.next(UInt32.self),
            let c = reader.next(UInt32.self), let d = reader.next(UInt32.self) {
            first = round(first, a)
            second = round(second, b)
            third = round(third, c)
            fourth = round(fourth, d)
        }
        return rotate(first, 1) &+ rotate(second, 7) &+ rotate(third, 12) &+ rotate(fourth, 18)
    }

    private static func round(_ lane: UInt32, _ word: UInt32) -> UInt32 {
        rotate(lane &+ word &* prime2, 13) &* prime1
    }

    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        (word &<< bits) | (word &>> (32 &- bits))
    }
}
