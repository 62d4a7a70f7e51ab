import Platform

// A plan is input: somebody may have written it, or changed a number in it. What no run could be made of is said before
// one is tried. Nothing here is about what a plan should be like; only about what the world could not carry out, or what
// would break a bound that the run itself has, and so look like a bug of the server.

/// Why no run can be made of a plan.
public struct PlanObjection: Equatable, Sendable {
    public let item: PlanItem
    public let why: String

    init(_ item: PlanItem, _ why: String) {
        self.item = item
        self.why = why
    }
}

/// A line of a plan.
public enum PlanItem: Equatable, Sendable {
    case knob(Knob)
    case memoryLimit
    case fault(Int)
    /// By numbers of the client, owner or last writer, and of its operation; nil for its own line.
    case client(Int, Int?)
    case owner(Int, Int?)
    case writer(Int, Int?)
}

extension Plan {
    /// Clients, owners and last writers, together.
    static let partiesMax = 512
    static let faultsMax = 4_096
    /// Nanoseconds: a fault may last so long, and a crashed process be away. A client waits twice as long.
    static let durationMax = 10 * second
    /// Of a trigger: later than any run gets.
    static let timeMax = 3_600 * second
    /// What the pauses of one client may add up to: the workload may take twice as long.
    static let pauseMax = 300 * second
    /// Payload of one append.
    static let appendBytesMax: UInt64 = 1 << 20
    static let messagesMax: UInt32 = 10_000
    /// Of an owner's topic, in one go.
    static let ownedPartitionsMax: UInt32 = 64

    /// Bytes for each shard, of a limit on memory: a shard keeps a quarter of it for its own talk.
    static let memoryBytesPerShardMin: UInt64 = 1 << 20

    /// What is wrong first; nil if it can be run.
    public var objection: PlanObjection? {
        for knob in Knob.allCases where !knob.accepted.contains(knobs[knob]) {
            return PlanObjection(
                .knob(knob), "it is \(knob.accepted.lowerBound) to \(knob.accepted.upperBound)")
        }
        let memoryBytesMin = Self.memoryBytesPerShardMin * knobs[.shards]
        if let memoryLimitBytes, !(memoryBytesMin...1 << 40 ~= memoryLimitBytes) {
            return PlanObjection(.memoryLimit, "it is \(memoryBytesMin) to \(UInt64(1) << 40), for so many shards")
        }
        return faultObjection ?? partiesObjection
    }

    private var faultObjection: PlanObjection? {
        for (index, fault) in faults.enumerated() {
            if let why = fault.objection(shards: knobs[.shards]) { return PlanObjection(.fault(index), why) }
            guard index < Self.faultsMax else { return PlanObjection(.fault(index), "\(Self.faultsMax) faults are enough") }
        }
        return nil
    }

    private var partiesObjection: PlanObjection? {
        for (index, client) in clients.enumerated() {
            if let found = objection(client.operations, { .client(index, $0) }) { return found }
            if let place = client.operations.firstIndex(of: .purge),
                clients[..<index].contains(where: { $0.operations.contains(.purge) })
            {
                return PlanObjection(.client(index, place), "one client at most may purge what all share")
            }
        }
        for (index, owner) in owners.enumerated() {
            for (place, operation) in owner.operations.enumerated() {
                if let why = operation.objection { return PlanObjection(.owner(index, place), why) }
            }
        }
        for (index, writer) in (lastWrites?.writers ?? []).enumerated() {
            if let found = objection(writer.operations, { .writer(index, $0) }) { return found }
            if let place = writer.operations.firstIndex(where: { $0 == .meet || $0 == .purge }) {
                return PlanObjection(.writer(index, place), "a last writer meets nobody and purges nothing")
            }
        }
        let tooMany = "\(Self.partiesMax) clients, owners and writers are enough"
        if clients.count > Self.partiesMax { return PlanObjection(.client(Self.partiesMax, nil), tooMany) }
        if owners.count > Self.partiesMax { return PlanObjection(.owner(Self.partiesMax, nil), tooMany) }
        if let count = lastWrites?.writers.count, count > Self.partiesMax {
            return PlanObjection(.writer(Self.partiesMax, nil), tooMany)
        }
        return nil
    }

    private func objection(_ operations: [PlannedOperation], _ item: (Int) -> PlanItem) -> PlanObjection? {
        var pauses: Int64 = 0
        for (place, operation) in operations.enumerated() {
            if let why = operation.objection(partitions: knobs[.partitions]) { return PlanObjection(item(place), why) }
            if case .pause(let micros) = operation { pauses += Int64(micros) * microsecond }
            guard pauses <= Self.pauseMax else {
                return PlanObjection(item(place), "a client may pause \(Self.pauseMax / second) s in all")
            }
        }
        return nil
    }
}

extension PlannedOperation {
    fileprivate func objection(partitions: UInt64) -> String? {
        switch self {
        case .append(let partition, let messages, let payloadBytes):
            partitionObjection(partition, partitions) ?? appendObjection(messages, payloadBytes)
        case .poll(let partition, let messages), .next(let partition, let messages):
            partitionObjection(partition, partitions) ?? messagesObjection(messages)
        case .rewind(let partition), .store(let partition), .storeBeyond(let partition), .fetch(let partition),
            .forget(let partition):
            partitionObjection(partition, partitions)
        case .pause, .reconnect, .purge, .meet: nil
        }
    }

    private func partitionObjection(_ partition: UInt32, _ partitions: UInt64) -> String? {
        partition < partitions ? nil : "there are \(partitions) partitions, numbered from 0"
    }
}

extension OwnerOperation {
    fileprivate var objection: String? {
        switch self {
        case .make(_, let partitions), .widen(_, let partitions), .narrow(_, let partitions):
            partitions <= Plan.ownedPartitionsMax ? nil : "\(Plan.ownedPartitionsMax) partitions at a time are enough"
        case .append(_, _, let messages, let payloadBytes): appendObjection(messages, payloadBytes)
        case .read(_, _, let messages): messagesObjection(messages)
        case .drop, .purge, .look, .revisit, .rename, .meet: nil
        }
    }
}

private func messagesObjection(_ messages: UInt32) -> String? {
    1...Plan.messagesMax ~= messages ? nil : "so many messages: 1 to \(Plan.messagesMax)"
}

private func appendObjection(_ messages: UInt32, _ payloadBytes: UInt32) -> String? {
    if let why = messagesObjection(messages) { return why }
    let (bytes, isTooMuch) = UInt64(messages).multipliedReportingOverflow(by: UInt64(payloadBytes))
    return !isTooMuch && bytes <= Plan.appendBytesMax ? nil : "one append has at most \(Plan.appendBytesMax) bytes"
}

extension Fault {
    fileprivate func objection(shards: UInt64) -> String? {
        if !(0...Plan.durationMax ~= duration) { return "it lasts 0 to \(Plan.durationMax / microsecond)us" }
        switch trigger {
        case .at(let time):
            if !(0...Plan.timeMax ~= time) { return "it begins at 0 to \(Plan.timeMax / microsecond)us" }
        case .event(let shard, nth: _):
            if shard.number >= shards { return shardObjection(shards) }
        case .io, .mark, .spare, .after, .then, .felt: break
        }
        return kind.objection(shards: shards)
    }
}

extension Fault.Kind {
    fileprivate func objection(shards: UInt64) -> String? {
        switch self {
        case .diskFull(_, let freeBlocks): 0...1 << 20 ~= freeBlocks ? nil : "0 to \(1 << 20) blocks are free"
        case .shardPanic(let shard?), .shardStall(let shard): shard.number < shards ? nil : shardObjection(shards)
        case .smtOversubscription(let percent, let quota):
            if !(1...100 ~= percent) {
                "a sibling keeps 1 to 100 per cent"
            } else if let quota, !(1...100 * millisecond ~= quota) {
                "a quota is 1us to 100000us"
            } else {
                nil
            }
        case .processKill(let delay), .powerCut(let delay):
            0...Plan.durationMax ~= delay ? nil : "the restart comes after 0 to \(Plan.durationMax / microsecond)us"
        case .syncFails(_, let count): 1...1_000 ~= count ? nil : "1 to 1000 syncs fail"
        case .slowIO(let factor): 1...100 ~= factor ? nil : "1 to 100 times as long"
        case .clockStep(let micros):
            micros.magnitude <= 365 * 86_400 * 1_000_000 ? nil : "a step is a year at most, either way"
        case .disturbance(let disturbance): disturbance.objection(shards: shards)
        case .shardPanic(nil), .rotationRace, .connectionReset: nil
        }
    }
}

extension Disturbance {
    fileprivate func objection(shards: UInt64) -> String? {
        let row = name.row
        if !(row.strength ~= strength) { return "its strength is \(row.strength.lowerBound) to \(row.strength.upperBound)" }
        switch row.target {
        case .none, .file, .connection: return nil
        case .shard: return target < shards ? nil : shardObjection(shards)
        case .number(let range):
            return 0...range.upperBound ~= Int64(target) ? nil : "its target is 0 to \(range.upperBound)"
        }
    }
}

private func shardObjection(_ shards: UInt64) -> String { "there are \(shards) shards, numbered from 0" }

extension PlanItem {
    /// Which of the lines says it.
    func place(in lines: [String]) -> Int {
        switch self {
        // The last word on a knob counts.
        case .knob(let knob): lines.lastIndex { $0.hasPrefix("knob \(knob.rawValue) ") } ?? 0
        case .memoryLimit: lines.lastIndex { $0.hasPrefix("memory-limit ") } ?? 0
        case .fault(let number): Self.place(of: number, "fault", in: lines, from: 0) ?? 0
        case .client(let number, let operation): Self.place(number, "client", operation, "op", in: lines)
        case .owner(let number, let operation): Self.place(number, "owner", operation, "do", in: lines)
        case .writer(let number, let operation): Self.place(number, "writer", operation, "write", in: lines)
        }
    }

    private static func place(
        _ number: Int, _ word: String, _ operation: Int?, _ operationWord: String, in lines: [String]
    ) -> Int {
        guard let own = place(of: number, word, in: lines, from: 0) else { return 0 }
        guard let operation else { return own }
        return place(of: operation, operationWord, in: lines, from: own) ?? own
    }

    private static func place(of number: Int, _ word: String, in lines: [String], from start: Int) -> Int? {
        var left = number
        for index in start..<lines.count where lines[index].split(separator: " ").first == Substring(word) {
            if left == 0 { return index }
            left -= 1
        }
        return nil
    }
}
