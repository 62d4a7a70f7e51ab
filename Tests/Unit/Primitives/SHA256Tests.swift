import Primitives
import Testing

@Suite struct SHA256Tests {
    private func digest(_ bytes: [UInt8]) -> String {
        let digest = SHA256.digest(bytes.rawSpan)
        return Hex.encode(digest.rawSpan)
    }

    // The examples of FIPS 180-4 and the NIST vectors.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `published texts have their published digests`(text: String, expected: String) {
        #expect(digest(Array(text.utf8)) == expected)
    }

    @Test func `a hundred thousand bytes have their digest`() {
        #expect(digest([UInt8](repeating: UInt8(ascii: "a"), count: 100_000)) == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee")
    }

    @Test func `every length up to 300 has the digest that another implementation makes`() {
        let bytes = (0..<300).map { UInt8($0 * 7 % 251) }
        var all = SHA256()

        for byteCount in 0...300 {
            let prefix = Array(bytes[..<byteCount])
            let digest = SHA256.digest(prefix.rawSpan)
            all.update(digest.rawSpan)
        }
        let digest = all.finalize()

        #expect(Hex.encode(digest.rawSpan) == "2d12949301a5e259e37efbe6cf3bde097eb2bffeaac8887131581a62d8e5a7a1")
    }

    @Test func `every split of every length up to 200 gives the digest of the whole`() {
        let bytes = (0..<200).map { UInt8($0 * 7 % 251) }
        let span = bytes.rawSpan
        var wrong: [String] = []

        for byteCount in 0...200 {
            guard let whole = span.slice(at: 0, byteCount: byteCount) else { continue }
            let expected = SHA256.digest(whole)
            for split in 0...byteCount {
                var hash = SHA256()
                if let head = span.slice(at: 0, byteCount: split) { hash.update(head) }
                if let tail = span.slice(at: split, byteCount: byteCount - split) { hash.update(tail) }
                if hash.finalize() != expected { wrong.append("\(byteCount) at \(split)") }
            }
        }

        #expect(wrong == [])
    }
}
