import Primitives
import Testing
import Wire

@Suite struct ClassicRequestTests {
    @Test func `every captured request is read and written back as it was`() throws {
        var exactCount = 0
        var trailingCount = 0
        for vector in ClassicVector.all {
            let code = try #require(CommandCode(rawValue: vector.code))
            let payload = vector.requestPayload
            let request = try decodeRequest(payload, code).get()
            let written = encoded(request)

            #expect(code.name == vector.command)
            #expect(request.command == code)
            #expect(payload.starts(with: written), "\(vector): \(payload.hex) became \(written.hex)")
            if encodedFrame(request) == vector.request {
                exactCount += 1
            } else if code != .sendMessages {
                // These clients send bytes that mean nothing; what was read must still be all there is.
                trailingCount += 1
                #expect(["CreateUser", "DeleteTopic"].contains(vector.command), "\(vector)")
                #expect(try decodeRequest(written, code).get() == request)
            }
        }

        #expect(ClassicVector.all.count == 398)
        #expect(exactCount == 367)
        #expect(trailingCount == 5)
    }

    @Test func `every captured batch is rebuilt byte for byte`() throws {
        var batchCount = 0
        for vector in ClassicVector.all where vector.code == CommandCode.sendMessages.rawValue {
            let payload = vector.requestPayload
            guard case .sendMessages(let head) = try decodeRequest(payload, .sendMessages).get() else { continue }

            let frame = rebuilt(head, payload)

            #expect(frame == vector.request, "\(vector)")
            batchCount += 1
        }

        #expect(batchCount == 26)
    }

    /// Takes the messages apart and puts them into a new batch.
    private func rebuilt(_ head: SendMessagesHead, _ payload: [UInt8]) -> [UInt8] {
        let messages = [UInt8](payload[head.messagesPosition...])
        var batch = ClassicBatchBuilder()
        var walk = ClassicMessages(messages.rawSpan)
        while let message = walk.next() {
            let data = [UInt8](messages[message.payloadPosition..<message.userHeadersPosition])
            let headers = [UInt8](
                messages[message.userHeadersPosition..<message.userHeadersPosition + message.userHeadersByteCount])
            batch.append(
                id: message.id, originTimestamp: message.originTimestamp, payload: data.rawSpan,
                userHeaders: headers.rawSpan)
        }
        var writer = ByteWriter()
        batch.encodeFrame(to: head.path, head.partitioning, into: &writer)
        return writer.bytes
    }

    @Test func `a request cut off anywhere is refused`() throws {
        for vector in ClassicVector.all {
            let code = try #require(CommandCode(rawValue: vector.code))
            let request = try decodeRequest(vector.requestPayload, code).get()
            let written = encoded(request)
            for byteCount in 0..<written.count {
                let outcome = decodeRequest([UInt8](written.prefix(byteCount)), code)

                guard case .success(let shorter) = outcome else { continue }
                // Older clients leave out version and context of a login: a cut between fields is a whole request.
                #expect(code == .loginUser, "\(vector) cut to \(byteCount) bytes")
                #expect(encoded(shorter).count == byteCount)
            }
        }
    }

    @Test func `a login may end behind the password or the version`() throws {
        let name = try #require(Name("iggy"))
        for request in [
            LoginUser(name: name, password: Secret("secret"), version: nil, context: nil),
            LoginUser(name: name, password: Secret("secret"), version: "0.9.0", context: nil),
            LoginUser(name: name, password: Secret("secret"), version: "0.9.0", context: ""),
        ] {
            let payload = encoded(.loginUser(request))

            #expect(decodeRequest(payload, .loginUser) == .success(.loginUser(request)))
        }
    }

    @Test(arguments: CommandCode.allCases)
    func `bytes behind the last field are ignored`(code: CommandCode) throws {
        guard let vector = ClassicVector.all.first(where: { $0.code == code.rawValue }), code != .sendMessages else {
            return
        }
        let request = try decodeRequest(vector.requestPayload, code).get()

        #expect(decodeRequest(encoded(request) + [1, 1, 1, 1, 1, 1, 1, 1, 1], code) == .success(request))
    }

    @Test func `random changes of requests never trap`() {
        var dice = TestDice(seed: 0x5EED)
        var refused = 0
        for round in 0..<100_000 {
            let vector = ClassicVector.all[round % ClassicVector.all.count]
            var payload = vector.requestPayload
            for _ in 0...dice.below(4) where !payload.isEmpty {
                payload[dice.below(payload.count)] = dice.byte()
            }
            if dice.below(3) == 0 { payload = [UInt8](payload.prefix(dice.below(payload.count + 1))) }
            guard let code = CommandCode(rawValue: vector.code) else { continue }
            switch decodeRequest(payload, code) {
            case .failure: refused += 1
            case .success(.sendMessages(let head)): checkBatch(payload, head)
            case .success(let request): _ = try? request.checkLimits()
            }
        }

        #expect(refused > 1000)
    }

    private func checkBatch(_ payload: [UInt8], _ head: SendMessagesHead) {
        let bytes = payload.rawSpan
        guard let index = bytes.slice(at: head.indexPosition, byteCount: head.indexByteCount),
            let messages = bytes.slice(at: head.messagesPosition, byteCount: head.messagesByteCount)
        else {
            Issue.record("the head points outside its payload")
            return
        }
        _ = try? ClassicBatch.validate(index: index, messages: messages, count: head.messageCount)
        _ = ClassicBatch.verify(body: messages, count: head.messageCount, baseOffset: 0)
        _ = ClassicBatch.slice(messages, from: 1, countMax: head.messageCount)
        _ = try? VSRBatch.validate(frames: messages, count: head.messageCount, originTimestamp: 0)
    }
}
