import Gherkin
import Primitives
import Wire

extension StepLibrary {
    /// Consumers, and the offsets that they store.
    mutating func defineConsumerSteps() throws {
        try then("the second client polls {int} message(s) with offsets {int} to {int}") { scene, arguments in
            let polled = try scene.poll(0, .first, count: 1_000, as: .second)
            try expectOffsets(polled, count: arguments.int(0), arguments.int(1), arguments.int(2))
        }
        try when("the consumer polls the next {int} message(s) and commits") { scene, arguments in
            let polled = try scene.poll(0, .next, count: UInt32(arguments.int()))
            scene.consumed += polled.map(\.offset)
            if let last = polled.last { try scene.commit(last.offset) }
        }
        try then("the consumer has read offsets {int} to {int} without gap or repetition") { scene, arguments in
            try expect(
                scene.consumed == (UInt64(arguments.int(0))...UInt64(arguments.int(1))).map { $0 },
                "it has read \(scene.consumed)")
        }
        try given("the consumer has committed offset {int}") { scene, arguments in
            try scene.commit(UInt64(arguments.int()))
        }
        try then("the consumer's stored offset is {int}") { scene, arguments in
            let wanted = UInt64(try arguments.int())
            let stored = try scene.storedOffset()
            try expect(stored == wanted, "it is \(stored.map { "\($0)" } ?? "not stored")")
        }
        try then("the consumer has no stored offset") { scene, _ in
            let stored = try scene.storedOffset()
            try expect(stored == nil, "it is \(stored ?? 0)")
        }
    }
}

extension Scene {
    fileprivate func place() throws -> ConsumerPartition {
        ConsumerPartition(consumer: Self.consumer, path: try currentTopic().path, partition: 0)
    }

    fileprivate mutating func commit(_ offset: UInt64) throws {
        _ = try demand(.storeConsumerOffset(try place(), offset: offset))
    }

    fileprivate mutating func storedOffset() throws -> UInt64? {
        let payload = try demand(.getConsumerOffset(try place()))
        switch try Reply(decoding: payload.rawSpan, to: .getConsumerOffset) {
        case .consumerOffset(let record): return record.storedOffset
        default: return nil
        }
    }
}
