import Primitives
import Testing
import Wire

@Suite struct ClassicReplyTests {
    @Test func `every captured response is read and written back as it was`() throws {
        var refusalCount = 0
        for vector in ClassicVector.all {
            let code = try #require(CommandCode(rawValue: vector.code))
            let head = responseHead(vector.response)

            #expect(head?.status == vector.status)
            if let refusal = head?.refusal {
                var writer = ByteWriter()
                ClassicResponseHead(refusal: refusal).encode(into: &writer)
                #expect(writer.bytes == vector.response, "\(vector)")
                refusalCount += 1
                continue
            }
            let reply = try decodeReply(vector.responsePayload, code).get()
            let messages = code == .pollMessages ? vector.responsePayload.dropFirst(PolledHead.byteCount) : []
            #expect(framed(reply, messages: [UInt8](messages)) == vector.response, "\(vector)")
        }

        #expect(refusalCount == 43)
    }

    @Test func `the messages of every captured poll verify`() throws {
        var messageCount = 0
        for vector in ClassicVector.all where vector.code == CommandCode.pollMessages.rawValue && vector.status == 0 {
            let reply = try decodeReply(vector.responsePayload, .pollMessages).get()
            guard case .polled(let head) = reply, head.messageCount > 0 else { continue }
            let body = [UInt8](vector.responsePayload.dropFirst(PolledHead.byteCount))

            let first = ClassicMessage(body.rawSpan, at: 0)
            let digest = ClassicBatch.verify(
                body: body.rawSpan, count: head.messageCount, baseOffset: first?.offset ?? 0)

            #expect(digest != nil, "\(vector)")
            messageCount += Int(head.messageCount)
        }

        #expect(messageCount > 30)
    }

    @Test func `a reply cut off anywhere is refused or shorter`() throws {
        for vector in ClassicVector.all where vector.status == 0 {
            let code = try #require(CommandCode(rawValue: vector.code))
            let payload = vector.responsePayload
            for byteCount in 0..<payload.count {
                guard case .success(let reply) = decodeReply([UInt8](payload.prefix(byteCount)), code) else {
                    continue
                }
                // Lists end anywhere between two records, and nothing at all is "no such thing".
                var writer = ByteWriter()
                reply.encode(into: &writer)
                #expect(code == .pollMessages || writer.byteCount == byteCount, "\(vector) cut to \(byteCount)")
            }
        }
    }

    @Test func `random changes of replies never trap`() {
        var dice = TestDice(seed: 0xBEEF)
        for round in 0..<100_000 {
            let vector = ClassicVector.all[round % ClassicVector.all.count]
            var payload = vector.responsePayload
            guard let code = CommandCode(rawValue: vector.code), !payload.isEmpty else { continue }
            for _ in 0...dice.below(4) { payload[dice.below(payload.count)] = dice.byte() }
            _ = decodeReply(payload, code)
        }
    }

    @Test func `left-over bytes and counts that disagree break the structure`() throws {
        let name = try #require(Name("s"))
        let stream = StreamRecord(id: 0, createdAt: 1, topicCount: 7, byteCount: 0, messageCount: 0, name: name)
        var writer = ByteWriter()
        Reply.streams([stream]).encode(into: &writer)

        #expect(decodeReply(writer.bytes, .getStream) == .failure(.brokenStructure))
        #expect(decodeReply([0, 0, 0, 0, 0], .loginUser) == .failure(.brokenStructure))
        #expect(decodeReply([9], .ping) == .failure(.brokenStructure))
    }

    @Test func `a reply about one thing counts what it lists`() throws {
        let name = try #require(Name("s"))
        let stream = StreamRecord(id: 0, createdAt: 1, topicCount: 7, byteCount: 0, messageCount: 0, name: name)
        var writer = ByteWriter()
        Reply.stream(stream, topics: []).encode(into: &writer)

        guard case .success(.stream(let read, let topics)) = decodeReply(writer.bytes, .getStream) else {
            Issue.record("the reply is not read")
            return
        }
        #expect(read.topicCount == 0)
        #expect(topics.isEmpty)
    }

    @Test func `a payload of one byte never leaves`() {
        #expect(framed(.snapshot([7]), messages: []) == [1, 0, 0, 0, 0, 0, 0, 0])
    }

    private func responseHead(_ frame: [UInt8]) -> ClassicResponseHead? {
        ClassicResponseHead(frame.rawSpan)
    }

    private func decodeReply(_ payload: [UInt8], _ code: CommandCode) -> Result<Reply, WireError> {
        do { return .success(try Reply(decoding: payload.rawSpan, to: code)) } catch { return .failure(error) }
    }

    private func framed(_ reply: Reply, messages: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        reply.encodeFrame(followedBy: messages.count, into: &writer)
        writer.write(messages)
        return writer.bytes
    }
}
