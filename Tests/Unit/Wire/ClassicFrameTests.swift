import Primitives
import Testing
import Wire

@Suite struct ClassicFrameTests {
    @Test func `a head is read when its eight bytes are there`() throws {
        let bytes: [UInt8] = [12, 0, 0, 0, 200, 0, 0, 0, 1]

        let head = try #require(try read(bytes).get())

        #expect(head.command == .getStream)
        #expect(head.payloadByteCount == 8)
        #expect(head.frameByteCount == 16)
        for byteCount in 0..<8 {
            #expect(try read([UInt8](bytes.prefix(byteCount))).get() == nil)
        }
    }

    @Test(arguments: 0...3)
    func `a length below four is refused at once`(length: UInt8) {
        #expect(read([length, 0, 0, 0]) == .failure(.frameTooShort))
        #expect(WireError.frameTooShort.endsConnection)
        #expect(WireError.frameTooShort.code == .invalidCommand)
    }

    private func read(_ bytes: [UInt8]) -> Result<ClassicRequestHead?, WireError> {
        do { return .success(try ClassicRequestHead(bytes.rawSpan)) } catch { return .failure(error) }
    }
}
