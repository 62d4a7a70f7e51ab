import Primitives
import Testing
import Wire

@Suite struct ClassicRefusalTests {
    @Test(arguments: [
        ("an identifier of a kind that is none", "0304 00000000", CommandCode.getStream, 3),
        ("a numeric identifier of another length", "0103 000000", .getStream, 4),
        ("an empty name in an identifier", "0200", .getStream, 4),
        ("a name that is not UTF-8", "0202 c328", .getStream, 3),
        ("an overlong encoding in a name", "0202 c080", .getStream, 3),
        ("a surrogate in a name", "0203 eda080", .getStream, 3),
        ("an empty stream name", "00", .createStream, 4),
        ("a stream name that is not UTF-8", "01 ff", .createStream, 3),
        ("a name longer than the payload", "05 6161", .createStream, 3),
        ("a token that is empty", "00", .loginWithPersonalAccessToken, 4),
        ("a password that is not UTF-8", "01 61 01 ff 00000000 00000000", .loginUser, 3),
        ("a version longer than the payload", "01 61 01 62 ffffffff 00000000", .loginUser, 3),
        ("an unknown user status", "01 61 01 62 03 00", .createUser, 3),
        ("an unknown compression", "01 04 00000000 01000000 03 0000000000000000 0000000000000000 00 01 61", .createTopic, 3),
        ("an unknown consumer kind", "03 0104 00000000", .getConsumerOffset, 3),
        ("an unknown polling strategy",
            "01 0104 00000000 0104 00000000 0104 00000000 00 00000000 06 0000000000000000 01000000 00",
            .pollMessages, 3),
        ("an unknown snapshot method", "07 00", .getSnapshot, 3),
        ("all of a snapshot beside a part", "01 02 64 01", .getSnapshot, 3),
        ("permissions above the limit", "0104 00000000 01 01001000", .updatePermissions, 80),
        ("permissions longer than the payload", "0104 00000000 01 0b000000 00", .updatePermissions, 3),
        ("permissions with bytes left over", "0104 00000000 01 0c000000 00000000000000000000 00 00", .updatePermissions, 4),
        ("permissions that stop in the middle", "0104 00000000 01 0b000000 00000000000000000000 01", .updatePermissions, 3),
        ("metadata longer than the payload", "ff000000 00", .sendMessages, 3),
        ("metadata with bytes left over", "13000000 0104 00000000 0104 00000000 0100 00000000 00", .sendMessages, 3),
        ("an index longer than the payload", "12000000 0104 00000000 0104 00000000 0100 01000000", .sendMessages, 3),
        ("a bad identifier in a batch's head", "12000000 0103 00000000 0104 00000000 0100 01000000", .sendMessages, 6),
        ("an unknown partitioning", "12000000 0104 00000000 0104 00000000 0400 01000000", .sendMessages, 3),
        ("a balanced partitioning with a value", "13000000 0104 00000000 0104 00000000 0101 00 00000000", .sendMessages, 3),
    ])
    func `malformed requests get the status of their defect`(
        what: String, hex: String, code: CommandCode, status: UInt32
    ) {
        guard case .failure(let error) = decodeRequest([UInt8](hex: hex), code) else {
            Issue.record("\(what) is accepted")
            return
        }

        #expect(error.code.rawValue == status, "\(what)")
        #expect(!error.endsConnection)
    }

    @Test(arguments: [
        ("a user name of 2 bytes", "02 6161 03 626262 00000000 00000000", CommandCode.loginUser, 43),
        ("a password of 2 bytes", "03 616161 02 6262 00000000 00000000", .loginUser, 44),
        ("an empty password", "03 616161 00 00000000 00000000", .loginUser, 44),
        ("a token name of 2 bytes", "02 6161 0000000000000000", .createPersonalAccessToken, 50),
        ("1001 partitions", "0104 00000000 e9030000 01 0000000000000000 0000000000000000 00 01 61", .createTopic, 2015),
        ("no new partitions", "0104 00000000 0104 00000000 00000000", .createPartitions, 2015),
        ("no partitions to delete", "0104 00000000 0104 00000000 00000000", .deletePartitions, 2015),
        ("a batch of no messages", "12000000 0104 00000000 0104 00000000 0100 00000000", .sendMessages, 4009),
    ])
    func `values outside their limits get the status of the limit`(
        what: String, hex: String, code: CommandCode, status: UInt32
    ) throws {
        let request = try decodeRequest([UInt8](hex: hex), code).get()

        let error = #expect(throws: WireError.self) { try request.checkLimits() }

        #expect(error?.code.rawValue == status, "\(what)")
    }

    @Test func `a topic without partitions is within the limits`() throws {
        let name = try #require(Name("t"))

        try Request.createTopic(CreateTopic(stream: .id(0), name: name, partitionCount: 0)).checkLimits()
    }

    @Test func `names are told apart byte by byte`() throws {
        let composed = try #require(Name([0xC3, 0xA9]))
        let decomposed = try #require(Name([0x65, 0xCC, 0x81]))

        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Name([UInt8](repeating: 0x61, count: 255)) != nil)
        #expect(Name([UInt8](repeating: 0x61, count: 256)) == nil)
        #expect(Name("") == nil)
    }

    @Test func `secrets are never printed`() throws {
        let name = try #require(Name("iggy"))
        let request = Request.loginUser(LoginUser(name: name, password: Secret("hunter2")))
        var dumped = ""
        dump(request, to: &dumped)

        #expect(!"\(request)".contains("hunter2"))
        #expect(!dumped.contains("hunter2"))
        #expect(!dumped.contains("104"))
    }
}
