import Primitives
import Testing
import Wire

@Suite struct PermissionsTests {
    @Test func `a blob is read and written back`() throws {
        let permissions = Permissions(
            global: [.readServers, .sendMessages],
            streams: [
                .init(id: 1, granted: [.readStream], topics: [.init(id: 0, granted: [.pollMessages]), .init(id: 7, granted: [])]),
                .init(id: 9, granted: [.manageStream, .sendMessages]),
            ])

        let blob = encoded(permissions)

        #expect(try decode(blob).get() == permissions)
        for byteCount in 0..<blob.count {
            #expect(decode([UInt8](blob.prefix(byteCount))) == .failure(.truncated))
        }
    }

    @Test func `of entries with one id the last counts, in ascending order`() {
        let permissions = Permissions(
            global: [],
            streams: [
                .init(id: 9, granted: [.readStream]), .init(id: 1, granted: []), .init(id: 9, granted: [.pollMessages]),
            ])

        #expect(permissions.streams.map(\.id) == [1, 9])
        #expect(permissions.stream(9)?.granted == [.pollMessages])
        #expect(permissions.stream(2) == nil)
    }

    @Test func `rights on deleted things can be withdrawn`() {
        let topics = [Permissions.Topic(id: 3, granted: [.readTopic]), .init(id: 4, granted: [.readTopic])]
        var permissions = Permissions(global: [], streams: [.init(id: 1, granted: [], topics: topics)])

        permissions.withdraw(topic: 3, of: 1)
        #expect(permissions.stream(1)?.topics.map(\.id) == [4])

        permissions.withdraw(stream: 1)
        #expect(permissions.streams.isEmpty)
    }

    @Test func `no rights at all take eleven bytes`() throws {
        #expect(encoded(Permissions(global: [])) == [UInt8](repeating: 0, count: 11))
        #expect(encoded(Permissions(global: .all)) == [UInt8](repeating: 1, count: 10) + [0])
    }

    private func encoded(_ permissions: Permissions) -> [UInt8] {
        var writer = ByteWriter()
        permissions.encode(into: &writer)
        return writer.bytes
    }

    private func decode(_ blob: [UInt8]) -> Result<Permissions, WireError> {
        do { return .success(try Permissions(decoding: blob.rawSpan)) } catch { return .failure(error) }
    }
}
