import Primitives
import Testing
import Wire

@Suite struct UserHeadersTests {
    @Test func `the headers of every captured message are read and written back`() throws {
        var blockCount = 0
        for vector in ClassicVector.all where vector.code == CommandCode.sendMessages.rawValue {
            for block in blocks(of: vector) {
                #expect(try encoded(decode(block).get()) == block, "\(vector)")
                blockCount += 1
            }
        }

        #expect(blockCount == 4)
    }

    @Test(arguments: [
        ("an empty key", "02 00000000 02 01000000 61", WireError.outsideLimits(.invalidHeaderKey)),
        ("an empty value", "02 01000000 61 02 00000000", .outsideLimits(.invalidHeaderValue)),
        ("a number of the wrong width", "02 01000000 61 06 01000000 00", .outsideLimits(.invalidHeaderValue)),
        ("a kind that is none", "10 01000000 61 02 01000000 61", .unknownValue(16)),
        ("a key without a value", "02 01000000 61", .truncated),
        ("a length beyond the block", "02 ffffffff 61", .truncated),
    ])
    func `malformed headers are refused`(what: String, hex: String, error: WireError) {
        #expect(decode([UInt8](hex: hex)) == .failure(error), "\(what)")
    }

    @Test func `a field fits its kind`() {
        #expect(UserHeaders.Field(.bool, [1]) != nil)
        #expect(UserHeaders.Field(.bool, [1, 0]) == nil)
        #expect(UserHeaders.Field(.raw, []) == nil)
        #expect(UserHeaders.Field(text: String(repeating: "a", count: 256)) == nil)
    }

    private func blocks(of vector: ClassicVector) -> [[UInt8]] {
        let payload = vector.requestPayload
        guard case .success(.sendMessages(let head)) = decodeRequest(payload, .sendMessages) else { return [] }
        let messages = [UInt8](payload[head.messagesPosition...])
        var walk = ClassicMessages(messages.rawSpan)
        var blocks: [[UInt8]] = []
        while let message = walk.next() {
            guard message.userHeadersByteCount > 0 else { continue }
            blocks.append([UInt8](messages[message.userHeadersPosition...].prefix(message.userHeadersByteCount)))
        }
        return blocks
    }

    private func decode(_ block: [UInt8]) -> Result<UserHeaders, WireError> {
        do { return .success(try UserHeaders(decoding: block.rawSpan)) } catch { return .failure(error) }
    }

    private func encoded(_ headers: UserHeaders) -> [UInt8] {
        var writer = ByteWriter()
        headers.encode(into: &writer)
        return writer.bytes
    }
}
