import Client
import Foundation
import Support

/// Four producers and a reader on one server, and the judgement of what a crash of it left.
///
/// Producer i writes to partition i of "own" alone, so its messages have known places, and all of them write to the
/// one partition of "shared", where they mix.
final class Load {
    static let stream = "load"
    static let producerCount = 4
    private static let reader: UInt32 = 77

    private let server: TestServer
    private var own = [AckJournal](repeating: AckJournal(), count: producerCount)
    private var shared = AckJournal()
    private var nextNumbers = [Int](repeating: 0, count: producerCount)
    /// The last offset that the reader knows to be stored.
    private var storedOffset: UInt64?
    /// Batches that the server refused: none of them may be there.
    private(set) var refusedCount = 0

    init(_ server: TestServer) { self.server = server }

    func makeTopics() throws {
        var connection = try server.loggedIn()
        for frame in [
            RawFrame.createStream(Self.stream),
            RawFrame.createTopic(Self.stream, "own", partitions: UInt32(Self.producerCount)),
            RawFrame.createTopic(Self.stream, "shared"),
        ] {
            let reply = try connection.ask(frame)
            guard reply.status == 0 else { throw HarnessError("cannot make the topics: \(reply.status)") }
        }
    }

    var acknowledgedCount: Int {
        own.reduce(shared.acknowledgedCount) { $0 + $1.acknowledgedCount }
    }

    // MARK: Running

    /// Produces and reads until the server is gone; `end` runs beside it and must see to that.
    func run(until end: () throws -> Void) throws {
        let address = server.address
        let numbers = nextNumbers
        let from = UInt64(shared.seenCount)
        let producers = (0..<Self.producerCount).map { index in
            Background { try Self.produce(index, from: numbers[index], to: address) }
        }
        let reader = Background { try Self.read(from: from, at: address) }

        let ending = Result { try end() }
        if case .failure = ending { server.kill() }

        for (index, producer) in producers.enumerated() {
            let result = try producer.join()
            own[index].merge(result.own)
            shared.merge(result.shared)
            nextNumbers[index] = result.nextNumber
            refusedCount += result.refusedCount
        }
        let read = try reader.join()
        try shared.saw(read.messages)
        storedOffset = read.storedOffset ?? storedOffset
        try ending.get()
    }

    private struct Produced: Sendable {
        var own = AckJournal()
        var shared = AckJournal()
        var refusedCount = 0
        var nextNumber: Int
    }

    private static func produce(_ index: Int, from number: Int, to address: Address) throws -> Produced {
        var produced = Produced(nextNumber: number)
        // The first two wait for each reply, the others send ahead.
        let window = index < 2 ? 1 : 4
        var waiting: [(isOwn: Bool, batch: Int)] = []
        do {
            var connection = try Connection(to: address, timeouts: TestServer.timeouts)
            _ = try connection.ask(RawFrame.login)
            while true {
                while waiting.count < window {
                    let size = 1 + produced.nextNumber % 13
                    let ids = (0..<size).map { AckJournal.id(producer: index, number: produced.nextNumber + $0) }
                    let isOwn = (produced.nextNumber / 3).isMultiple(of: 2)
                    produced.nextNumber += size
                    let batch = isOwn ? produced.own.sending(ids) : produced.shared.sending(ids)
                    waiting.append((isOwn, batch))
                    try connection.send(
                        frame: RawFrame.send(
                            stream, isOwn ? "own" : "shared", ids.map { ($0, AckJournal.payload(of: $0)) },
                            partition: isOwn ? UInt32(index) : 0))
                }
                let isGood = try connection.reply() == .ok
                let (isOwn, batch) = waiting.removeFirst()
                if !isGood { produced.refusedCount += 1 }
                switch (isGood, isOwn) {
                case (true, true): produced.own.acknowledged(batch)
                case (true, false): produced.shared.acknowledged(batch)
                case (false, true): produced.own.refused(batch)
                case (false, false): produced.shared.refused(batch)
                }
            }
        } catch ClientError.connectionLost {
        } catch ClientError.connectFailed {
        }
        return produced
    }

    private struct Read: Sendable {
        var messages: [AckJournal.Stored] = []
        var storedOffset: UInt64?
    }

    private static func read(from offset: UInt64, at address: Address) throws -> Read {
        var read = Read()
        var next = offset
        do {
            var connection = try Connection(to: address, timeouts: TestServer.timeouts)
            _ = try connection.ask(RawFrame.login)
            while true {
                let polled = try connection.ask(RawFrame.poll(stream, "shared", offset: next, count: 100)).messages
                guard let last = polled.last else { continue }
                read.messages += polled
                next = last.offset + 1
                let reply = try connection.ask(
                    RawFrame.storeOffset(stream, "shared", last.offset, consumer: reader))
                guard reply == .ok else { throw HarnessError("an offset was refused with status \(reply.status)") }
                read.storedOffset = last.offset
            }
        } catch ClientError.connectionLost {
        } catch ClientError.connectFailed {
        }
        return read
    }

    // MARK: Judging

    /// Reads everything from the restarted server and judges it.
    func check() throws {
        var connection = try server.loggedIn()
        for index in own.indices {
            try own[index].check(connection.everything(Self.stream, "own", partition: UInt32(index)))
        }
        let all = try connection.everything(Self.stream, "shared", partition: 0)
        try shared.check(all)

        let stored = try connection.ask(RawFrame.getOffset(Self.stream, "shared", consumer: Self.reader)).storedOffset
        if let known = storedOffset {
            guard let stored, stored >= known, stored < all.count else {
                throw HarnessError("offset \(known) was stored, \(stored.map(String.init) ?? "none") is there")
            }
        }
    }
}
