import Platform

// A plan as text, one line for each item, so that two plans can be compared line by line:
//
//     galgo plan 1
//     seed 42
//     generator 9
//     knob shards 2
//     topology 4 2 none
//     memory-limit 4194304
//     family disk-full
//     schedule random
//     branch rotationSealed 3 17
//     metadata ordered
//     fault disk-full blocks 0 when at 1500us for 20000us
//     chapter stop-under-load
//     interleave power.nothing kill
//     last-crash power-cut
//     last-writes 5
//     writer patient
//     write append 0 1 20
//     client patient
//     op append 0 3 200
//     owner patient
//     do make 0 2
//     tape survival 0 3 1

extension Plan {
    public var text: String {
        var lines = ["galgo plan \(Self.format)", "seed \(seed)", "generator \(Self.generator)"]
        for knob in Knob.allCases { lines.append("knob \(knob.rawValue) \(knobs[knob])") }
        let quota = topology.quotaMilliCPU.map { "\($0)" } ?? "none"
        lines.append("topology \(topology.cores) \(topology.threadsPerCore) \(quota)")
        if let memoryLimitBytes { lines.append("memory-limit \(memoryLimitBytes)") }
        for family in families { lines.append("family \(family.rawValue)") }
        lines.append("schedule \(schedule.text)")
        for branch in branches { lines.append("branch \(branch.text)") }
        lines.append("metadata \(metadataOrder.rawValue)")
        if let mutation { lines.append("mutation \(mutation)") }
        if let sabotage {
            lines.append("sabotage \(sabotage.rawValue)" + (sabotagePeriod.map { " \($0)" } ?? ""))
        }
        if let ambush { lines.append("ambush \(ambush.rawValue)") }
        if let leak { lines.append("leak \(leak.rawValue)") }
        for fault in faults { lines.append("fault \(fault.text)") }
        for point in diskPoints { lines.append(point.line) }
        for chapter in chapters { lines.append("chapter \(chapter.rawValue)") }
        if let interleaving { lines.append(interleaving.line) }
        if let lastCrash { lines.append("last-crash \(lastCrash.rawValue)") }
        if let lastWrites {
            lines.append("last-writes \(lastWrites.acknowledgedCount)")
            for writer in lastWrites.writers {
                lines.append("writer \(writer.behaviour.rawValue)")
                for operation in writer.operations { lines.append("write \(operation.text)") }
            }
        }
        for client in clients {
            lines.append("client \(client.behaviour.rawValue)")
            for operation in client.operations { lines.append("op \(operation.text)") }
        }
        for owner in owners {
            lines.append("owner \(owner.behaviour.rawValue)")
            for operation in owner.operations { lines.append("do \(operation.text)") }
        }
        if let tape { lines += tape.lines }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Why a text is no plan that can be run.
    public enum Malformed: Error, Equatable, Sendable {
        case notAPlan
        case otherFormat(String)
        /// The number of the line, from 1, and the line.
        case line(Int, String)
        /// It could be read if there were such a thing, as there may have been when it was made.
        case unknown(line: Int, UnknownName)
        /// It reads well, and no run can be made of it.
        case impossible(line: Int, String, why: String)
    }

    public init(text: String) throws(Malformed) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard let first = lines.first, first.hasPrefix("galgo plan ") else { throw .notAPlan }
        guard first == "galgo plan \(Self.format)" else { throw .otherFormat(first) }
        self.init(seed: 0)
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty && !line.hasPrefix("#") {
            guard read(line) else {
                if let name = UnknownName(in: line) { throw .unknown(line: index + 1, name) }
                throw .line(index + 1, line)
            }
        }
        guard let objection else { return }
        let index = objection.item.place(in: lines)
        throw .impossible(line: index + 1, lines[index], why: objection.why)
    }

    private mutating func read(_ line: String) -> Bool {
        if line.hasPrefix("tape ") {
            // Of a long run it has tens of thousands of words.
            var planned = tape ?? PlannedTape()
            guard planned.read(line.utf8.dropFirst(5)) else { return false }
            tape = planned
            return true
        }
        let words: [String] = line.split { $0 == " " }.map { String($0) }
        switch words.first {
        case "seed":
            guard words.count == 2, let seed = UInt64(words[1]) else { return false }
            self.seed = seed
        case "generator":
            return words.count == 2
        case "knob":
            guard words.count == 3, let knob = Knob(rawValue: words[1]), let value = UInt64(words[2]) else {
                return false
            }
            knobs[knob] = value
        case "topology":
            guard words.count == 4, let cores = UInt32(words[1]), let threads = UInt32(words[2]), cores > 0,
                threads > 0, cores <= 256, threads <= 8
            else { return false }
            topology.cores = cores
            topology.threadsPerCore = threads
            topology.quotaMilliCPU = UInt32(words[3])
            return topology.quotaMilliCPU != nil || words[3] == "none"
        case "memory-limit":
            guard words.count == 2, let limit = UInt64(words[1]) else { return false }
            memoryLimitBytes = limit
        case "family":
            guard words.count == 2, let family = Fault.Family(rawValue: words[1]) else { return false }
            families.append(family)
        case "schedule":
            guard let schedule = Schedule(words.dropFirst()) else { return false }
            self.schedule = schedule
        case "branch":
            guard let branch = Branch(words.dropFirst()) else { return false }
            branches.append(branch)
        case "metadata":
            guard words.count == 2, let order = MetadataOrder(rawValue: words[1]) else { return false }
            metadataOrder = order
        case "mutation":
            guard words.count == 2, let found = Mutation.allCases.first(where: { "\($0)" == words[1] }) else {
                return false
            }
            mutation = found
        case "sabotage":
            guard words.count == 2 || words.count == 3, let found = Sabotage(rawValue: words[1]) else { return false }
            sabotage = found
            guard words.count == 3 else { break }
            guard let period = Int(words[2]), period > 0 else { return false }
            sabotagePeriod = period
        case "ambush":
            guard let found = Ambush(rawValue: words.last ?? "") else { return false }
            ambush = found
        case "leak":
            guard let found = Leak(rawValue: words.last ?? "") else { return false }
            leak = found
        case "fault":
            guard let fault = Fault(text: line.dropFirst("fault ".count)) else { return false }
            faults.append(fault)
        case "crash", "refuse":
            guard words.count == 2, let point = DiskPoint(text: words[1]), point.line == line else { return false }
            diskPoints.append(point)
        case "chapter":
            guard words.count == 2, let chapter = Chapter(rawValue: words[1]), !chapters.contains(chapter) else {
                return false
            }
            chapters.append(chapter)
        case "interleave":
            guard let found = PlannedInterleaving(words.dropFirst()) else { return false }
            interleaving = found
        case "last-crash":
            guard words.count == 2, let crash = CrashKind(rawValue: words[1]) else { return false }
            lastCrash = crash
        case "client":
            guard let behaviour = PlannedClient.Behaviour(words) else { return false }
            clients.append(PlannedClient(behaviour, []))
        case "op":
            guard let operation = PlannedOperation(words.dropFirst()), !clients.isEmpty else { return false }
            clients[clients.count - 1].operations.append(operation)
        case "owner":
            guard let behaviour = PlannedClient.Behaviour(words) else { return false }
            owners.append(PlannedOwner(behaviour, []))
        case "do":
            guard let operation = OwnerOperation(words.dropFirst()), !owners.isEmpty else { return false }
            owners[owners.count - 1].operations.append(operation)
        case "last-writes":
            guard words.count == 2, let count = Int(words[1]), count >= 0 else { return false }
            lastWrites = LastWrites(acknowledgedCount: count, writers: [])
        case "writer":
            guard let behaviour = PlannedClient.Behaviour(words) else { return false }
            lastWrites?.writers.append(PlannedClient(behaviour, []))
            return lastWrites != nil
        case "write":
            guard let operation = PlannedOperation(words.dropFirst()), let count = lastWrites?.writers.count, count > 0
            else { return false }
            lastWrites?.writers[count - 1].operations.append(operation)
        default: return false
        }
        return true
    }
}

extension PlannedClient.Behaviour {
    /// Of a line `client patient` and the like.
    fileprivate init?(_ words: [String]) {
        guard words.count == 2 else { return nil }
        self.init(rawValue: words[1])
    }
}

extension PlannedOperation {
    public var text: String {
        switch self {
        case .append(let partition, let messages, let payloadBytes): "append \(partition) \(messages) \(payloadBytes)"
        case .poll(let partition, let messages): "poll \(partition) \(messages)"
        case .next(let partition, let messages): "next \(partition) \(messages)"
        case .rewind(let partition): "rewind \(partition)"
        case .store(let partition): "store \(partition)"
        case .storeBeyond(let partition): "store-beyond \(partition)"
        case .fetch(let partition): "fetch \(partition)"
        case .forget(let partition): "forget \(partition)"
        case .pause(let micros): "pause \(micros)"
        case .reconnect: "reconnect"
        case .purge: "purge"
        case .meet: "meet"
        }
    }

    /// The first words of all texts.
    static let names = [
        "append", "poll", "next", "rewind", "store", "store-beyond", "fetch", "forget", "pause", "reconnect", "purge", "meet",
    ]

    init?(_ words: ArraySlice<String>) {
        let numbers = words.dropFirst().compactMap { UInt32($0) }
        guard numbers.count == words.count - 1 else { return nil }
        switch (words.first, numbers.count) {
        case ("append", 3): self = .append(partition: numbers[0], messages: numbers[1], payloadBytes: numbers[2])
        case ("poll", 2): self = .poll(partition: numbers[0], messages: numbers[1])
        case ("next", 2): self = .next(partition: numbers[0], messages: numbers[1])
        case ("rewind", 1): self = .rewind(partition: numbers[0])
        case ("store", 1): self = .store(partition: numbers[0])
        case ("store-beyond", 1): self = .storeBeyond(partition: numbers[0])
        case ("fetch", 1): self = .fetch(partition: numbers[0])
        case ("forget", 1): self = .forget(partition: numbers[0])
        case ("pause", 1): self = .pause(micros: numbers[0])
        case ("reconnect", 0): self = .reconnect
        case ("purge", 0): self = .purge
        case ("meet", 0): self = .meet
        default: return nil
        }
    }
}
