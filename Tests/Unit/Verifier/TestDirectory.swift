import Primitives
import Verifier

/// A small data directory with a bit of everything: two topics, a sealed and an open segment in both dialects, index
/// files, stored offsets, and the changes that led there.
struct TestDirectory {
    static let life: UInt64 = 1

    var sealed: [TestBatch] = [
        TestBatch(incarnation: life, baseOffset: 0, timestamp: 1000, payloads: [[1, 2, 3], [4]]),
        TestBatch(
            dialect: 2, flags: 2, incarnation: life, baseOffset: 2, timestamp: 1000, durableEnd: 2,
            payloads: [[5, 6], [], [7]]),
    ]
    var open: [TestBatch] = [
        TestBatch(incarnation: life, baseOffset: 5, epoch: 1, timestamp: 1500, durableEnd: 5, payloads: [[8], [9]])
    ]
    var seal: TestSeal?
    var tail: [UInt8] = Array(repeating: 0, count: 40)
    var sealedIndex: [UInt8]?
    var openIndex: [UInt8]?
    /// The bodies of `offsets.log`.
    var offsets: [[UInt8]] = [
        testOffsetBody(1, 1, id: 9, 3), testOffsetBody(3, 0, id: 1, 5, synced: 56),
        testOffsetBody(1, 2, id: 4, 6, synced: 112), testOffsetBody(2, 1, id: 9, 0, synced: 112),
        testOffsetBody(4, 0, id: 0, 7, synced: 224),
    ]
    /// The bodies of the catalog log.
    var changes: [[UInt8]] = [
        TestChange.createUser(0, "iggy"), TestChange.createStream(0, "orders"),
        TestChange.createTopic(stream: 0, 0, "paid", partitions: 1, first: 1),
        TestChange.createTopic(stream: 0, 1, "open", partitions: 2, first: 2),
        TestChange.purgeTopic(stream: 0, 1, first: 4),
    ]

    var image: DirectoryImage {
        let first = sealed.flatMap(\.bytes) + (seal ?? TestSeal(sealed)).bytes
        let entries =
            testIndexEntry(0, 0, 1000, incarnation: Self.life)
            + testIndexEntry(2, sealed[0].bytes.count, 1000, incarnation: Self.life)
        return DirectoryImage(
            directories: ["catalog", "orphans", "partitions", "partitions/1"],
            contents: [
                "FORMAT": Array("galgo 1\n".utf8),
                "boot": Array("1f a0\n".utf8),
                "lock": [],
                "catalog/00000000000000000001.wal": records(changes, from: 1, owner: 0),
                "partitions/1/00000000000000000000.log": first,
                "partitions/1/00000000000000000000.index": sealedIndex ?? entries,
                "partitions/1/00000000000000000005.log": open.flatMap(\.bytes) + tail,
                "partitions/1/00000000000000000005.index": openIndex
                    ?? testIndexEntry(5, 0, 1500, incarnation: Self.life),
                "partitions/1/offsets.log": records(offsets, from: 0, owner: Self.life),
            ])
    }

    /// The file of a snapshot after so many of the changes: 3 or 5.
    func snapshot(_ changeCount: Int, sequence: UInt64) -> [UInt8] {
        testRecord(snapshotBody(changeCount), sequence: sequence, owner: 0)
    }

    func snapshotBody(_ changeCount: Int) -> [UInt8] {
        var writer = ByteWriter()
        let topics: [(UInt32, String, [UInt64])] =
            changeCount == 3 ? [(0, "paid", [1])] : [(0, "paid", [1]), (1, "open", [4, 5])]
        writer.write(UInt64(changeCount == 3 ? 2 : 6))
        writer.write(UInt32(1))
        writer.write(UInt32(0))
        writer.write(UInt64(500))
        TestChange.write("orders", &writer)
        writer.write(UInt32(topics.count))
        for (id, name, incarnations) in topics {
            writer.write(id)
            writer.write(UInt64(500))
            writer.write(UInt8(1))
            writer.write(UInt8(1))
            writer.write(UInt64.max)
            writer.write(UInt64.max)
            TestChange.write(name, &writer)
            writer.write(UInt32(incarnations.count))
            for incarnation in incarnations {
                writer.write(UInt64(500))
                writer.write(incarnation)
            }
        }
        writer.write(UInt32(1))
        writer.write(UInt32(0))
        writer.write(UInt64(500))
        TestChange.write("iggy", &writer)
        TestChange.write("hash", &writer)
        return writer.bytes
    }

    mutating func addOpen(epoch: UInt32, timestamp: UInt64) {
        open.append(
            TestBatch(
                incarnation: Self.life, baseOffset: open.last?.endOffset ?? 5, epoch: epoch, timestamp: timestamp,
                payloads: [[3]]))
    }

    private func records(_ bodies: [[UInt8]], from sequence: UInt64, owner: UInt64) -> [UInt8] {
        bodies.enumerated().flatMap { testRecord($1, sequence: sequence + UInt64($0), owner: owner) }
    }
}

/// Bodies of catalog records.
enum TestChange {
    static func createStream(_ id: UInt32, _ name: String) -> [UInt8] {
        change(1) {
            $0.write(id)
            $0.write(UInt64(500))
            write(name, &$0)
        }
    }

    static func createTopic(
        stream: UInt32, _ id: UInt32, _ name: String, partitions: UInt32, first: UInt64
    ) -> [UInt8] {
        change(5) {
            $0.write(stream)
            $0.write(id)
            $0.write(UInt64(500))
            $0.write(UInt8(1))
            $0.write(UInt8(1))
            $0.write(UInt64.max)
            $0.write(UInt64.max)
            write(name, &$0)
            $0.write(partitions)
            $0.write(first)
        }
    }

    static func deleteTopic(stream: UInt32, _ id: UInt32) -> [UInt8] {
        change(7) {
            $0.write(stream)
            $0.write(id)
        }
    }

    static func purgeTopic(stream: UInt32, _ id: UInt32, first: UInt64) -> [UInt8] {
        change(8) {
            $0.write(stream)
            $0.write(id)
            $0.write(first)
        }
    }

    static func createUser(_ id: UInt32, _ name: String) -> [UInt8] {
        change(11) {
            $0.write(id)
            $0.write(UInt64(400))
            write(name, &$0)
            write("$y$hash", &$0)
        }
    }

    private static func change(_ kind: UInt8, _ fields: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(kind)
        fields(&writer)
        return writer.bytes
    }

    static func write(_ text: String, _ writer: inout ByteWriter) {
        writer.write(UInt32(text.utf8.count))
        writer.write(utf8: text)
    }
}
