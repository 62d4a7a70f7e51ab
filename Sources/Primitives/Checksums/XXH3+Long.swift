// Inputs above 240 bytes: stripes of 64 bytes go through eight lanes, sixteen stripes make a block.
//
// | Step | What |
// |---|---|
// | stripe | each lane adds the product of the two halves of (input ^ secret), and its neighbour's input word |
// | block | after sixteen stripes, each with the secret moved by 8 bytes, the lanes are scrambled |
// | end | the last 64 bytes, overlapping what came before, go in as one more stripe; the lanes are merged |
//
// The lanes live in four two-lane vectors: the product of 32-bit halves is one `pmuludq` on any x86-64.

#if _endian(big)
    #error("the vector loads below take the input's words as they lie in memory")
#endif

extension XXH3 {
    static let stripeByteCount = 64
    static let stripesPerBlock = 16

    /// Any length above `shortBytesMax`.
    static func hashLong(_ input: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        var lanes = Lanes()
        // The last stripe is never part of a block: a full block is scrambled only if bytes follow it.
        let stripeCount = (byteCount &- 1) &>> 6
        // SAFETY: stripe i ends at or before 64 * stripeCount < byteCount; the last one is the input's last 64 bytes.
        return unsafe withSecret { secret in
            var position = unsafe input
            var stripesLeft = stripeCount
            while stripesLeft >= stripesPerBlock {
                unsafe lanes.absorbBlock(position, secret)
                unsafe position += stripesPerBlock &* stripeByteCount
                stripesLeft &-= stripesPerBlock
            }
            unsafe lanes.absorb(position, stripeCount: stripesLeft, secret)
            unsafe lanes.absorbLast(input + (byteCount &- stripeByteCount), secret)
            return unsafe lanes.merged(byteCount: UInt64(truncatingIfNeeded: byteCount), secret)
        }
    }

    /// The eight lanes, two to a vector.
    struct Lanes {
        var a = SIMD2(XXHPrime.p32x3, XXHPrime.p64x1)
        var b = SIMD2(XXHPrime.p64x2, XXHPrime.p64x3)
        var c = SIMD2(XXHPrime.p64x4, XXHPrime.p32x2)
        var d = SIMD2(XXHPrime.p64x5, XXHPrime.p32x1)

        /// Takes in `stripeCount` stripes; `secret` points at the words of the first one.
        @inline(__always)
        mutating func absorb(_ input: UnsafeRawPointer, stripeCount: Int, _ secret: UnsafeRawPointer) {
            var input = unsafe input
            var secret = unsafe secret
            // SAFETY: the caller has that many stripes, and no more than one block of them.
            for _ in 0..<stripeCount {
                unsafe absorbStripe(input, secret)
                unsafe input += XXH3.stripeByteCount
                unsafe secret += 8
            }
        }

        /// Takes in a whole block. Written out, since in a loop the compiler carries words of the secret from one
        /// turn to the next, which takes a quarter more time than reading them again.
        @inline(__always)
        mutating func absorbBlock(_ input: UnsafeRawPointer, _ secret: UnsafeRawPointer) {
            // SAFETY: the caller has 1024 bytes; the last stripe's secret ends at 184.
            unsafe absorbFour(input, secret)
            unsafe absorbFour(input + 256, secret + 32)
            unsafe absorbFour(input + 512, secret + 64)
            unsafe absorbFour(input + 768, secret + 96)
            unsafe scramble(secret)
        }

        /// Takes in four stripes; `secret` points at the words of the first one.
        @inline(__always)
        mutating func absorbFour(_ input: UnsafeRawPointer, _ secret: UnsafeRawPointer) {
            // SAFETY: the caller has 256 bytes, and a secret of 88.
            unsafe absorbStripe(input, secret)
            unsafe absorbStripe(input + 64, secret + 8)
            unsafe absorbStripe(input + 128, secret + 16)
            unsafe absorbStripe(input + 192, secret + 24)
        }

        /// Takes in the input's last 64 bytes.
        @inline(__always)
        mutating func absorbLast(_ stripe: UnsafeRawPointer, _ secret: UnsafeRawPointer) {
            // SAFETY: 121 + 64 bytes lie inside the secret; the caller has 64 bytes.
            unsafe absorbStripe(stripe, secret + 121)
        }

        @inline(__always)
        private mutating func absorbStripe(_ input: UnsafeRawPointer, _ secret: UnsafeRawPointer) {
            // SAFETY: 64 bytes of both, at any alignment.
            unsafe Self.step(&a, input, secret)
            unsafe Self.step(&b, input + 16, secret + 16)
            unsafe Self.step(&c, input + 32, secret + 32)
            unsafe Self.step(&d, input + 48, secret + 48)
        }

        @inline(__always)
        private static func step(
            _ lanes: inout SIMD2<UInt64>, _ input: UnsafeRawPointer, _ secret: UnsafeRawPointer
        ) {
            // SAFETY: the caller has 16 bytes of both; any bit pattern is a vector.
            let data = unsafe input.loadUnaligned(as: SIMD2<UInt64>.self)
            let key = unsafe data ^ secret.loadUnaligned(as: SIMD2<UInt64>.self)
            let product = (key & 0xFFFF_FFFF) &* (key &>> 32)
            lanes = lanes &+ product &+ SIMD2(data.y, data.x)
        }

        /// Ends a block.
        @inline(__always)
        mutating func scramble(_ secret: UnsafeRawPointer) {
            // SAFETY: the secret's last 64 bytes start at 128.
            unsafe Self.scramble(&a, secret + 128)
            unsafe Self.scramble(&b, secret + 144)
            unsafe Self.scramble(&c, secret + 160)
            unsafe Self.scramble(&d, secret + 176)
        }

        @inline(__always)
        private static func scramble(_ lanes: inout SIMD2<UInt64>, _ secret: UnsafeRawPointer) {
            // SAFETY: the caller has 16 bytes of the secret.
            let key = unsafe lanes ^ (lanes &>> 47) ^ secret.loadUnaligned(as: SIMD2<UInt64>.self)
            // A product with a 32-bit prime from two 32-bit products, since vectors have no 64-bit one.
            let prime = SIMD2(repeating: XXHPrime.p32x1)
            lanes = ((key & 0xFFFF_FFFF) &* prime) &+ (((key &>> 32) &* prime) &<< 32)
        }

        /// The hash of an input of `byteCount` bytes that is wholly absorbed.
        @inline(__always)
        func merged(byteCount: UInt64, _ secret: UnsafeRawPointer) -> UInt64 {
            var hash = byteCount &* XXHPrime.p64x1
            // SAFETY: 11 + 64 bytes lie inside the secret.
            unsafe hash = hash &+ Self.fold(a, secret, 11) &+ Self.fold(b, secret, 27)
                &+ Self.fold(c, secret, 43) &+ Self.fold(d, secret, 59)
            return avalanche(hash)
        }

        @inline(__always)
        private static func fold(_ lanes: SIMD2<UInt64>, _ secret: UnsafeRawPointer, _ offset: Int) -> UInt64 {
            // SAFETY: the caller's offset leaves 16 bytes of the secret.
            unsafe foldedProduct(lanes.x ^ load64(secret, offset), lanes.y ^ load64(secret, offset &+ 8))
        }
    }

    /// Lends the secret's bytes.
    @inline(__always)
    static func withSecret<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        // SAFETY: an array that is not empty has an address; the pointer lives inside the closure only.
        unsafe secret.withUnsafeBytes { unsafe body($0.baseAddress.unsafelyUnwrapped) }
    }
}
