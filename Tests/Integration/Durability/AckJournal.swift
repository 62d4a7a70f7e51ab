/// What producers sent to one partition and which of it the server acknowledged. It lives in the test process, so
/// no crash of the server can touch it, and judges what the partition holds after a restart.
struct AckJournal: Sendable {
    /// A message as the partition returns it.
    struct Stored: Equatable, Sendable {
        let offset: UInt64
        let id: UInt128
        let payload: [UInt8]
    }

    private struct Batch {
        let ids: [UInt128]
        var isAcknowledged: Bool
    }

    private var batches: [Batch] = []
    /// What was once read: an offset never changes its message.
    private var seen: [Stored] = []

    /// Notes a batch that is about to be sent; its fate is unknown until it is acknowledged.
    mutating func sending(_ ids: [UInt128]) -> Int {
        batches.append(Batch(ids: ids, isAcknowledged: false))
        return batches.count - 1
    }

    mutating func acknowledged(_ batch: Int) {
        batches[batch].isAcknowledged = true
    }

    /// The server said that the batch had no effect: if it is there, it is there as if nobody had sent it.
    mutating func refused(_ batch: Int) {
        batches[batch] = Batch(ids: [], isAcknowledged: false)
    }

    mutating func merge(_ other: AckJournal) {
        batches += other.batches
    }

    var acknowledgedCount: Int { batches.reduce(0) { $0 + ($1.isAcknowledged ? $1.ids.count : 0) } }

    /// How many messages, from offset 0, were once read.
    var seenCount: Int { seen.count }

    // MARK: Messages

    /// The id of a producer's message; never 0, so that the server keeps it.
    static func id(producer: Int, number: Int) -> UInt128 {
        UInt128(producer + 1) << 64 | UInt128(number)
    }

    /// The payload that belongs to an id, of a length that differs from message to message.
    static func payload(of id: UInt128) -> [UInt8] {
        let text = Array("message \(UInt64(id >> 64)).\(UInt64(truncatingIfNeeded: id)) ".utf8)
        var payload: [UInt8] = []
        for _ in 0..<1 + id % 7 { payload += text }
        return payload
    }

    // MARK: Judgement

    enum Violation: Error, Equatable {
        case gap(at: UInt64)
        case foreign(id: UInt128, at: UInt64)
        case payloadChanged(at: UInt64)
        case lost(id: UInt128)
        case duplicated(id: UInt128)
        case tornBatch(id: UInt128)
        case reordered(id: UInt128)
        case offsetReused(UInt64)
    }

    /// Judges everything the partition holds, from offset 0, and remembers it for the next time.
    mutating func check(_ stored: [Stored]) throws(Violation) {
        for (expected, message) in stored.enumerated() {
            guard message.offset == UInt64(expected) else { throw .gap(at: UInt64(expected)) }
            guard message.payload == Self.payload(of: message.id) else { throw .payloadChanged(at: message.offset) }
        }
        try checkSeen(stored)
        try checkBatches(stored)
        try checkOrder(stored)
        seen = stored
    }

    /// Notes what a reader saw while the server was running.
    mutating func saw(_ messages: [Stored]) throws(Violation) {
        for message in messages {
            let index = Int(message.offset)
            if index < seen.count {
                guard seen[index] == message else { throw .offsetReused(message.offset) }
            } else {
                guard index == seen.count else { throw .gap(at: UInt64(seen.count)) }
                seen.append(message)
            }
        }
    }

    private func checkSeen(_ stored: [Stored]) throws(Violation) {
        guard stored.count >= seen.count else { throw .lost(id: seen[stored.count].id) }
        for (before, now) in zip(seen, stored) where before != now {
            throw .offsetReused(before.offset)
        }
    }

    /// Acknowledged batches are there once, the others once or not at all, and all of them whole.
    private func checkBatches(_ stored: [Stored]) throws(Violation) {
        var places: [UInt128: Int] = [:]
        for (place, message) in stored.enumerated() {
            guard places.updateValue(place, forKey: message.id) == nil else { throw .duplicated(id: message.id) }
        }
        var known = 0
        for batch in batches {
            guard let first = batch.ids.first else { continue }
            guard let start = places[first] else {
                guard !batch.isAcknowledged else { throw .lost(id: first) }
                if let rest = batch.ids.first(where: { places[$0] != nil }) { throw .tornBatch(id: rest) }
                continue
            }
            for (index, id) in batch.ids.enumerated() where places[id] != start + index {
                throw batch.isAcknowledged && places[id] == nil ? .lost(id: id) : .tornBatch(id: id)
            }
            known += batch.ids.count
        }
        guard known == stored.count else {
            let ids = Set(batches.flatMap(\.ids))
            let foreign = stored.first { !ids.contains($0.id) }
            throw .foreign(id: foreign?.id ?? 0, at: foreign?.offset ?? 0)
        }
    }

    /// The messages of one producer stay in the order in which it sent them.
    private func checkOrder(_ stored: [Stored]) throws(Violation) {
        var last: [UInt64: UInt128] = [:]
        for message in stored {
            let producer = UInt64(truncatingIfNeeded: message.id >> 64)
            if let before = last[producer], before >= message.id { throw .reordered(id: message.id) }
            last[producer] = message.id
        }
    }
}
