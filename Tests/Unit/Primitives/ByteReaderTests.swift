import Primitives
import Testing

@Suite struct ByteReaderTests {
    // A reader cannot escape into the expectation macros, so each test takes values out first.

    @Test func `integers are read little endian`() {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6]
        var reader = ByteReader(bytes.rawSpan)

        let word = reader.next(UInt32.self)
        let half = reader.next(UInt16.self)
        let isAtEnd = reader.isAtEnd

        #expect(word == 0x0403_0201)
        #expect(half == 0x0605)
        #expect(isAtEnd)
    }

    @Test func `a read past the end answers nil and reads nothing`() {
        let bytes: [UInt8] = [1, 2, 3]
        var reader = ByteReader(bytes.rawSpan)

        let word = reader.next(UInt32.self)
        let tooMany = reader.take(4) == nil
        let negative = reader.take(-1) == nil
        let skipped = reader.skip(4)
        let position = reader.position

        #expect(word == nil)
        #expect(tooMany)
        #expect(negative)
        #expect(!skipped)
        #expect(position == 0)
    }
}
