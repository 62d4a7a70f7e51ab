import Gherkin
import Primitives
import Wire

extension StepLibrary {
    /// Producing, and reading back.
    mutating func defineMessageSteps() throws {
        try when("I send {int} message(s) to partition {int} of topic {string} in stream {string}") {
            scene, arguments in
            let topic = try scene.currentTopic()
            let isMeant = try topic.name.text == arguments.string(2) && topic.stream.text == arguments.string(3)
            try expect(isMeant, "the last topic made is '\(topic.name)' in '\(topic.stream)'")
            try scene.send(arguments.int(0), to: UInt32(arguments.int(1)))
        }
        try given("{int} acknowledged message(s) in partition {int}") { scene, arguments in
            let partition = UInt32(try arguments.int(1))
            try scene.send(arguments.int(0), to: partition)
            try expectAllAcknowledged(scene)
        }
        try then("all messages are acknowledged") { scene, _ in
            try expectAllAcknowledged(scene)
        }
        try then("polling from offset {int} gives {int} message(s) with offsets {int} to {int}") { scene, arguments in
            scene.polled = try scene.poll(0, .offset(UInt64(arguments.int(0))), count: 1_000)
            try expectOffsets(scene.polled, count: arguments.int(1), arguments.int(2), arguments.int(3))
        }
        try then("polling from offset {int} gives no messages") { scene, arguments in
            let polled = try scene.poll(0, .offset(UInt64(arguments.int())), count: 1_000)
            try expect(polled.isEmpty, "there are \(polled.count)")
        }
        try then("each polled message has the payload that was sent") { scene, _ in
            try (scene.ledgers[0] ?? Ledger()).check(scene.polled)
        }
        try then("the last polled message equals the last sent message") { scene, _ in
            let sent = scene.ledgers[0]?.entries.last?.payload
            try expect(sent != nil && scene.polled.last?.payload == sent, "it is another one")
        }
        try then("every acknowledged message is polled at its offset with its payload") { scene, _ in
            try scene.checkEverything()
        }
        try then("the next message gets the offset after the last one") { scene, _ in
            let count = scene.ledgers[0]?.acknowledgedCount ?? 0
            try expectNextOffset(UInt64(count), &scene)
        }
        try then("the next message gets offset {int}") { scene, arguments in
            try expectNextOffset(UInt64(arguments.int()), &scene)
        }
        try when("one client sends {int} messages while another polls") { scene, arguments in
            try scene.driver.raceRotations()
            scene.consumed = try scene.sendWhilePolling(arguments.int(), partition: 0)
        }
        try then("the reader sees offsets {int} to {int} without gap or repetition") { scene, arguments in
            try expect(
                scene.consumed == (UInt64(arguments.int(0))...UInt64(arguments.int(1))).map { $0 },
                "it saw \(scene.consumed.count) messages: \(scene.consumed)")
            try scene.checkEverything()
        }
        try then("{int} messages to each partition are acknowledged and polled in order") { scene, arguments in
            for partition in 0..<(try scene.currentTopic().partitionCount) {
                try scene.send(arguments.int(), to: partition)
            }
            try expectAllAcknowledged(scene)
            try scene.checkEverything()
        }
    }
}

extension Scene {
    /// One client sends ahead of its answers while the other reads what is there: neither waits for the other.
    ///
    /// Answers the offsets that the reader saw, in its order.
    fileprivate mutating func sendWhilePolling(_ count: Int, partition: UInt32) throws -> [UInt64] {
        try logIn(.second)
        var seen: [UInt64] = []
        var left = count
        while left > 0 {
            var underway: [[[UInt8]]] = []
            while left > 0, underway.count < 4 {
                let batch = nextBatch(atMost: left, partition: partition)
                left -= batch.count
                underway.append(batch)
            }
            var producer: ClientID?
            for batch in underway {
                producer = try begin(frame: try batchFrame(batch, to: partition), as: .first)
            }
            seen += try poll(partition, .offset(UInt64(seen.count)), count: 50, as: .second).map(\.offset)
            for batch in underway {
                guard let producer else { break }
                let answer = try driver.receive(producer)
                try expect(!answer.isRefused, "a batch was refused with \(refusal(answer))")
                ledgers[partition, default: Ledger()].add(batch, .acknowledged)
            }
        }
        // Everything is acknowledged by now, so an empty poll means that the reader has seen all there is.
        while true {
            let next = try poll(partition, .offset(UInt64(seen.count)), count: 50, as: .second)
            if next.isEmpty { return seen }
            seen += next.map(\.offset)
        }
    }
}

private func expectAllAcknowledged(_ scene: Scene) throws {
    for (partition, ledger) in scene.ledgers.sorted(by: { $0.key < $1.key }) {
        let missing = ledger.entries.count - ledger.acknowledgedCount
        try expect(missing == 0, "\(missing) messages to partition \(partition) were not acknowledged")
    }
}

func expectOffsets(_ messages: [PolledMessage], count: Int, _ first: Int, _ last: Int) throws {
    try expect(messages.count == count, "there are \(messages.count) messages")
    try expect(
        messages.map(\.offset) == (UInt64(first)...UInt64(last)).map { $0 }, "the offsets are \(messages.map(\.offset))"
    )
}

private func expectNextOffset(_ offset: UInt64, _ scene: inout Scene) throws {
    _ = try scene.sendOne(to: 0)
    let last = try scene.poll(0, .last, count: 1)
    try expect(last.map(\.offset) == [offset], "the newest message has the offset \(last.map(\.offset))")
    try expect(last[0].payload == scene.ledgers[0]?.entries.last?.payload, "the newest message is another one")
}
