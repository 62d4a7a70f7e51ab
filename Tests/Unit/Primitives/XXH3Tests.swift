import Primitives
import Testing

@Suite struct XXH3Tests {
    /// Bytes 0, 1, 2 … modulo `modulus`, each times `factor`.
    private func pattern(_ byteCount: Int, modulus: Int = 256, factor: Int = 1) -> [UInt8] {
        (0..<byteCount).map { UInt8($0 * factor % modulus) }
    }

    private func streamed(_ bytes: [UInt8], pieceByteCount: Int) -> UInt64 {
        var stream = XXH3.Stream()
        var reader = ByteReader(bytes.rawSpan)
        while !reader.isAtEnd {
            let count = min(pieceByteCount, reader.remaining)
            if let piece = reader.take(count) { stream.update(piece) }
        }
        return stream.finalize()
    }

    @Test(arguments: [
        (0, 0x2d06_8005_38d3_94c2), (1, 0xc44b_dff4_074e_ecdb), (16, 0x8355_e3a6_f617_70db),
        (17, 0x9ef3_41a9_9de3_7328), (64, 0x6187_eb90_89b0_ed55), (128, 0x85c6_174c_7ff4_c46b),
        (129, 0xec76_42b4_31ba_3e5a), (200, 0xf42a_8864_feaf_0703), (240, 0x375a_384d_957f_e865),
        (241, 0x02e8_cd95_421c_6d02), (256, 0x9408_a443_3b95_2d71), (1024, 0xa870_f929_8439_8d22),
        (1025, 0x78c8_6e91_ee93_9852),
    ] as [(Int, UInt64)])
    func `counted bytes of every length class hash to the published values`(byteCount: Int, expected: UInt64) {
        let bytes = pattern(byteCount)

        let hash = XXH3.hash(bytes.rawSpan)

        #expect(hash == expected)
    }

    @Test(arguments: [
        ("", 0x2d06_8005_38d3_94c2), ("a", 0xe6c6_32b6_1e96_4e1f), ("abc", 0x78af_5f94_892f_3950),
        ("iggy", 0xb421_037e_d388_f177), ("hello", 0x9555_e855_5c62_dcfd), ("key-1", 0x2d29_f133_6b02_29f9),
        ("order-1", 0x5fc4_6503_368e_2876),
    ] as [(String, UInt64)])
    func `words hash to the published values`(text: String, expected: UInt64) {
        let bytes = Array(text.utf8)

        let hash = XXH3.hash(bytes.rawSpan)

        #expect(hash == expected)
    }

    @Test func `many blocks hash to the published values`() {
        let five = pattern(5000, modulus: 251)
        let hundred = pattern(100_000, modulus: 251)

        let hashes = [XXH3.hash(five.rawSpan), XXH3.hash(hundred.rawSpan)]

        #expect(hashes == [0xb418_500f_c423_20ee, 0x42c2_3aee_ad96_750d])
    }

    @Test func `every length up to 1100 hashes as the reference library says`() {
        let bytes = pattern(1100, modulus: 251, factor: 7)
        var digests = ByteWriter()

        for byteCount in 0...1100 {
            let prefix = Array(bytes[..<byteCount])
            digests.write(XXH3.hash(prefix.rawSpan))
        }
        let all = XXH3.hash(digests.bytes.rawSpan)

        // The hash of the 1101 hashes, little endian in a row, made with xxHash 0.8 by its author.
        #expect(all == 0xf15d_28b3_c52c_d003)
    }

    @Test func `every split of every length up to 1100 streams to the hash of the whole`() {
        let bytes = pattern(1100, modulus: 251, factor: 7)
        let whole = (0...1100).map { byteCount in
            let prefix = Array(bytes[..<byteCount])
            return XXH3.hash(prefix.rawSpan)
        }
        var wrong: [String] = []

        for split in 0...1100 {
            var head = XXH3.Stream()
            let span = bytes.rawSpan
            if let piece = span.slice(at: 0, byteCount: split) { head.update(piece) }
            for byteCount in split...1100 {
                var stream = head
                if let piece = span.slice(at: split, byteCount: byteCount - split) { stream.update(piece) }
                if stream.finalize() != whole[byteCount] { wrong.append("\(byteCount) at \(split)") }
            }
        }

        #expect(wrong == [])
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 31, 63, 64, 65, 127, 240, 255, 256, 257, 511, 512, 1023, 1025, 4000])
    func `pieces of one size stream to the hash of the whole`(pieceByteCount: Int) {
        let bytes = pattern(5000, modulus: 251)

        let hash = streamed(bytes, pieceByteCount: pieceByteCount)

        #expect(hash == 0xb418_500f_c423_20ee)
    }

    @Test(arguments: [0, 1, 5, 249, 250])
    func `words stream like their little endian bytes`(offset: Int) {
        var stream = XXH3.Stream()
        var writer = ByteWriter()
        let prefix = pattern(offset)
        stream.update(prefix.rawSpan)
        writer.write(prefix)

        for index in 0..<400 {
            let word = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
            stream.update(word)
            writer.write(word)
            let expected = XXH3.hash(writer.bytes.rawSpan)
            #expect(stream.finalize() == expected)
        }
    }

    @Test func `a word and what is behind it hash like one piece, at every length`() {
        let bytes = (0..<300).map { UInt8($0 * 7 % 251) }

        for byteCount in 8...300 {
            let whole = Array(bytes[..<byteCount])
            let word = whole.rawSpan.load(UInt64.self, at: 0)!
            let rest = Array(whole[8...])
            #expect(XXH3.hash(word, followedBy: rest.rawSpan) == XXH3.hash(whole.rawSpan))
        }
    }

    @Test func `the worked example of a batch has the documented checksums`() {
        let message1 = bytes("01000000000000000000000000000000 00000000 00000000 00000000 01000000 0000000000000000 61")
        let message2 = bytes(
            "02000000000000000000000000000000 01000000 fa000000 0c000000 02000000 0000000000000000 6263"
                + "02010000006b020100000076")
        let first = XXH3.hash(message1.rawSpan)
        let second = XXH3.hash(message2.rawSpan)

        #expect(first == 0x383a_2161_5ae3_6f6f)
        #expect(second == 0x4991_4490_5fe2_2428)
        let producer = batchChecksum([0, 0, 0, 1_700_000_000_000_000, 367], [first, second])
        let stored = batchChecksum([3, 100, 1_700_000_000_500_000, 1_700_000_000_000_000, 367], [first, second])
        let sliced = batchChecksum([3, 100, 1_700_000_000_500_000, 1_700_000_000_000_000, 318], [second])
        #expect(producer == 0x497d_c32c_4e2f_b4d4)
        #expect(stored == 0xb051_7d7e_a996_a82c)
        #expect(sliced == 0x871c_0989_0a8d_b4ae)
    }

    private func batchChecksum(_ header: [UInt64], _ digests: [UInt64]) -> UInt64 {
        var stream = XXH3.Stream()
        for word in header { stream.update(word) }
        var count = ByteWriter()
        count.write(UInt32(digests.count))
        stream.update(count.bytes.rawSpan)
        for digest in digests { stream.update(digest) }
        return stream.finalize()
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter { $0 != " " }.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

@Suite struct XXH32Tests {
    @Test(arguments: [
        ("", 0x02cc_5d05), ("a", 0x550d_7456), ("abc", 0x32d1_53ff), ("hello", 0xfb00_77f9), ("key-1", 0x3963_6a09),
        ("order-1", 0xc209_e3e8), ("127.0.0.1:40000", 0xaa79_fff8), ("reader", 0x3eee_8e64),
        ("user-1", 0xa43f_b6ad), ("workers", 0x8dd8_57dc), ("orders", 0xe7b1_855b),
        ("0123456789abcdef", 0xc2c4_5b69), ("0123456789abcdef0", 0xaa91_18bd),
    ] as [(String, UInt32)])
    func `words hash to the published values`(text: String, expected: UInt32) {
        let bytes = Array(text.utf8)

        let hash = XXH32.hash(bytes.rawSpan)

        #expect(hash == expected)
    }

    @Test func `every length up to 300 hashes as the reference library says`() {
        let bytes = (0..<300).map { UInt8($0 * 7 % 251) }
        var digests = ByteWriter()

        for byteCount in 0...300 {
            let prefix = Array(bytes[..<byteCount])
            digests.write(XXH32.hash(prefix.rawSpan))
        }
        let all = XXH3.hash(digests.bytes.rawSpan)

        // The XXH3 of the 301 hashes, little endian in a row, made with xxHash 0.8 by its author.
        #expect(all == 0x8781_0242_4cfe_0ab1)
    }
}
