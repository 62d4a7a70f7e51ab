import Primitives
import Testing
import Wire

@testable import Server

@Suite struct CatalogTests {
    private let options = Catalog.Topic.Options(
        name: Name("orders")!, compression: 1, messageExpiry: .max, byteCountMax: .max, replicationFactor: 1)

    private func filled() throws -> (Catalog, [Change]) {
        let changes: [Change] = [
            .userCreated(id: 0, at: 5, name: Name("iggy")!, passwordHash: [1, 2, 3]),
            .streamCreated(id: 0, at: 10, name: Name("first")!),
            .streamCreated(id: 1, at: 11, name: Name("second")!),
            .topicCreated(stream: 0, id: 0, at: 12, options, partitionCount: 3, firstIncarnation: 1),
            .topicCreated(stream: 1, id: 0, at: 13, options, partitionCount: 2, firstIncarnation: 4),
            .partitionsAdded(stream: 0, topic: 0, at: 14, count: 2, firstIncarnation: 6),
            .topicPurged(stream: 1, id: 0, firstIncarnation: 8),
            .partitionsRemoved(stream: 0, topic: 0, count: 1),
            .streamRenamed(id: 1, name: Name("renamed")!),
        ]
        var catalog = Catalog()
        for change in changes { _ = try catalog.apply(change) }
        return (catalog, changes)
    }

    @Test func `a change survives its encoding`() throws {
        let (_, changes) = try filled()
        let more: [Change] = [
            .streamDeleted(id: 7), .streamPurged(id: 3, firstIncarnation: 99), .topicDeleted(stream: 1, id: 2),
            .topicUpdated(stream: 1, id: 2, options), .passwordChanged(user: 4, passwordHash: [9, 8]),
        ]
        for change in changes + more {
            var writer = ByteWriter()
            change.encode(into: &writer)

            #expect(Change(decoding: writer.bytes.rawSpan) == change)
            for count in 0..<writer.bytes.count {
                let prefix = Array(writer.bytes.prefix(count))
                #expect(Change(decoding: prefix.rawSpan) == nil)
            }
        }
    }

    @Test func `a snapshot is the catalog`() throws {
        let (catalog, _) = try filled()
        var writer = ByteWriter()
        catalog.encode(into: &writer)

        #expect(Catalog(decoding: writer.bytes.rawSpan) == catalog)
        for count in 0..<writer.bytes.count {
            let prefix = Array(writer.bytes.prefix(count))
            #expect(Catalog(decoding: prefix.rawSpan) == nil)
        }
    }

    @Test func `a replayed log gives the same catalog, and an incomplete last record is no part of it`() throws {
        let (catalog, changes) = try filled()
        var log = ByteWriter()
        var ends: [Int] = []
        for (place, change) in changes.enumerated() {
            var body = ByteWriter()
            change.encode(into: &body)
            RecordCodec.append(body: body.bytes, sequence: UInt64(place) + 1, owner: 0, to: &log)
            ends.append(log.byteCount)
        }

        guard case .replayed(let replayed, let byteCount, let next) = try CatalogReplay.replay(
            log.bytes.rawSpan, onto: Catalog(), from: 1, sequence: 1, isSameBoot: true)
        else { Issue.record("damaged")
            return
        }
        #expect(replayed == catalog)
        #expect(byteCount == log.byteCount)
        #expect(next == UInt64(changes.count) + 1)
        for count in 0..<log.byteCount {
            let torn = Array(log.bytes.prefix(count))
            guard case .replayed(_, let kept, _) = try CatalogReplay.replay(torn.rawSpan, onto: Catalog(), from: 1, sequence: 1, isSameBoot: true)
            else { Issue.record("a torn end is no damage")
            return
        }
            #expect(kept == ends.last { $0 <= count } ?? 0)
        }
    }

    @Test func `damage before the last record is told with its place`() throws {
        let (_, changes) = try filled()
        var log = ByteWriter()
        for (place, change) in changes.enumerated() {
            var body = ByteWriter()
            change.encode(into: &body)
            RecordCodec.append(body: body.bytes, sequence: UInt64(place) + 1, owner: 0, to: &log)
        }
        var bytes = log.bytes
        bytes[40] ^= 1

        guard case .damaged(let position) = try CatalogReplay.replay(bytes.rawSpan, onto: Catalog(), from: 1, sequence: 1, isSameBoot: true) else {
            Issue.record("damage went unnoticed")
            return
        }
        #expect(position == 0)
    }

    @Test func `a last record with a flipped bit is damage on the boot that wrote it`() throws {
        let (_, changes) = try filled()
        var log = ByteWriter()
        for (place, change) in changes.enumerated() {
            var body = ByteWriter()
            change.encode(into: &body)
            RecordCodec.append(body: body.bytes, sequence: UInt64(place) + 1, owner: 0, to: &log)
        }
        var bytes = log.bytes
        bytes[bytes.count - 1] ^= 4

        let sameBoot = try CatalogReplay.replay(bytes.rawSpan, onto: Catalog(), from: 1, sequence: 1, isSameBoot: true)
        let newBoot = try CatalogReplay.replay(bytes.rawSpan, onto: Catalog(), from: 1, sequence: 1, isSameBoot: false)

        guard case .damaged = sameBoot, case .replayed(_, _, let next) = newBoot else {
            Issue.record("the same boot is strict, a new one is not")
            return
        }
        #expect(next == UInt64(changes.count))
    }

    @Test func `an incarnation is never given twice`() throws {
        var (catalog, _) = try filled()

        let effects = try catalog.apply(.streamPurged(id: 0, firstIncarnation: catalog.nextIncarnation))

        #expect(Set(effects.opened.map(\.incarnation)).isDisjoint(with: effects.removed.map(\.incarnation)))
        #expect(effects.opened.map(\.incarnation) == [10, 11, 12, 13])
        #expect(throws: (any Error).self) {
            var again = catalog
            _ = try again.apply(.topicPurged(stream: 0, id: 0, firstIncarnation: 3))
        }
    }

    @Test func `the lowest free id is given again`() throws {
        var (catalog, _) = try filled()
        _ = try catalog.apply(.streamDeleted(id: 0))

        let decision = catalog.decide(
            .request(.createStream(name: Name("third")!), user: 0), limits: Limits(), segmentBytes: 1 << 30, at: 20)

        #expect(decision == .change(.streamCreated(id: 0, at: 20, name: Name("third")!), id: 0))
    }

    @Test func `topics and partitions are counted through every change, and by a snapshot`() throws {
        var (catalog, _) = try filled()
        let more: [Change] = [
            .topicCreated(stream: 0, id: 1, at: 20, options, partitionCount: 4, firstIncarnation: catalog.nextIncarnation),
            .topicDeleted(stream: 0, id: 0), .streamPurged(id: 0, firstIncarnation: 100), .streamDeleted(id: 1),
            .partitionsRemoved(stream: 0, topic: 1, count: 3), .topicDeleted(stream: 0, id: 1),
        ]
        func expectCounted(_ comment: Comment) {
            let topics = catalog.streams.flatMap(\.topics)
            #expect(catalog.topicCount == topics.count, comment)
            #expect(catalog.partitionCount == topics.reduce(0) { $0 + $1.partitions.count }, comment)
            var writer = ByteWriter()
            catalog.encode(into: &writer)
            #expect(Catalog(decoding: writer.bytes.rawSpan) == catalog, comment)
        }

        expectCounted("at first")
        for change in more {
            _ = try catalog.apply(change)
            expectCounted("after \(change)")
        }
        #expect(catalog.topicCount == 0 && catalog.partitionCount == 0)
    }

    @Test func `there is a most of topics for all streams together`() throws {
        let (catalog, _) = try filled()
        var limits = Limits()
        limits.topicsMax = 3
        func decide(_ catalog: Catalog, _ name: String) -> CatalogDecision {
            let wanted = CreateTopic(stream: .id(0), name: Name(name)!, partitionCount: 0)
            return catalog.decide(
                .request(.createTopic(wanted), user: 0), limits: limits, segmentBytes: 1 << 30, at: 20)
        }

        guard case .change(let change, id: 1) = decide(catalog, "third") else {
            Issue.record("one more is allowed")
            return
        }
        var full = catalog
        _ = try full.apply(change)
        #expect(full.topicCount == 3)
        #expect(decide(full, "fourth") == .refused(.cannotCreateTopic))
    }

    @Test func `the largest catalog that limits allow is told in a quarter of 256 MiB`() throws {
        let limits = Limits()
        let name = Name(String(repeating: "n", count: 255))!
        var one = Catalog()
        _ = try one.apply(.streamCreated(id: 0, at: 1, name: name))
        func byteCount(_ catalog: Catalog) -> Int {
            var writer = ByteWriter()
            catalog.encode(into: &writer)
            return writer.byteCount
        }
        let empty = byteCount(Catalog())
        let stream = byteCount(one) - empty
        var options = options
        options.name = name
        _ = try one.apply(
            .topicCreated(stream: 0, id: 0, at: 1, options, partitionCount: 0, firstIncarnation: 1))
        let topic = byteCount(one) - stream - empty
        _ = try one.apply(.partitionsAdded(stream: 0, topic: 0, at: 1, count: 1, firstIncarnation: 1))
        let partition = byteCount(one) - topic - stream - empty

        let largest = limits.streamsMax * stream + limits.topicsMax * topic + limits.partitionsMax * partition
        #expect(largest <= 64 << 20, "\(largest)")
    }

    @Test func `a number is an id and text is a name`() throws {
        let (catalog, _) = try filled()

        #expect(catalog.stream(.id(1))?.name == Name("renamed")!)
        #expect(catalog.stream(.name(Name("1")!)) == nil)
    }

    @Test func `an account without permissions may nothing`() {
        let access = Access(nil)

        #expect(!access.allows(.streamCreate))
        #expect(!access.allows(.poll, stream: 0, topic: 0))
        #expect(Access(Permissions(global: [.manageStreams])).allows(.send, stream: 3, topic: 4))
        #expect(!Access(Permissions(global: [.pollMessages])).allows(.send, stream: 3, topic: 4))
    }
}
