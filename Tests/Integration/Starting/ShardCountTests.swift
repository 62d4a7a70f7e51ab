import Client
import Foundation
import Testing
import Wire

/// Any number of shards starts and serves, whatever the machine has.
@Suite(.serialized)
struct ShardCountTests {
    @Test(arguments: [1, 2, 4, 8, 16, 64])
    func `so many shards start, say so, and every one of them serves`(shards: Int) throws {
        try withServer(.init(shards: shards)) { server in
            #expect(server.output.contains("  shards      \(shards) — as configured"))
            let isTight = shards > ProcessInfo.processInfo.activeProcessorCount
            #expect(server.output.contains("WARNING     more shards than CPUs: none is bound") == isTight)

            // Partitions enough that most shards own some.
            let client = try server.client()
            try client.createStream("s")
            let path = try TopicPath("s", "t")
            try client.createTopic(path.stream, "t", partitions: UInt32(shards * 2))
            for partition in 0..<UInt32(shards * 2) {
                let messages = (0..<3).map { Message("\(partition) \($0)") }
                try client.send(messages, to: path, .partition(partition))
                let polled = try client.poll(path, partition: partition, from: .first, count: 10).messages
                #expect(polled.map(\.text) == messages.map { String(decoding: $0.payload, as: UTF8.self) })
            }
        }
    }
}
