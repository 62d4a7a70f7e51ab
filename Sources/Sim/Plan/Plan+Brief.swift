// A plan in a few lines for a person: everything that it says if it is small, else what it is made of.

extension Plan {
    /// At most so many lines, at least three, each of them as long as it has to be.
    public func brief(lineCount: Int) -> [String] {
        let head = [figures, settingsOutOfTheOrdinary].filter { !$0.isEmpty }
        let items = faultLines + partyLines
        // What has more operations than fit on a screen is told by numbers.
        guard head.count + items.count <= lineCount, operationCount <= 60 else { return head + summaries }
        return head + items
    }

    private var figures: String {
        let shards = knobs[.shards], partitions = knobs[.partitions]
        return "\(operationCount) \(operationCount == 1 ? "operation" : "operations") + \(faultCount) "
            + "\(faultCount == 1 ? "fault" : "faults"); \(shards) \(shards == 1 ? "shard" : "shards"), "
            + "\(partitions) \(partitions == 1 ? "partition" : "partitions"), messages at level "
            + "\(level(.durability)), offsets at \(level(.offsetsDurability))"
    }

    private var settingsOutOfTheOrdinary: String {
        let said: [Knob] = [.shards, .partitions, .durability, .offsetsDurability]
        var words = Knob.allCases.filter { !said.contains($0) && knobs[$0] != $0.range.usual }
            .map { "\($0.rawValue) \(knobs[$0])" }
        if topology != PlannedTopology() {
            let quota = topology.quotaMilliCPU.map { ", quota \($0) mCPU" } ?? ""
            words.append("\(topology.cores) cores of \(topology.threadsPerCore) threads\(quota)")
        }
        if let memoryLimitBytes { words.append("memory limit \(memoryLimitBytes)") }
        if metadataOrder != .ordered { words.append("metadata \(metadataOrder.rawValue)") }
        if let mutation { words.append("planted bug \(mutation)") }
        if let sabotage { words.append("broken promise \(sabotage.rawValue)") }
        return words.isEmpty ? "" : "not as usual: " + words.joined(separator: ", ")
    }

    private var faultLines: [String] {
        var lines = faults.map { "✱ \($0.text)" } + diskPoints.map { "✱ \($0.line)" }
        if let lastCrash {
            let writes = writesAtLastCrash
            lines.append("✱ last-crash \(lastCrash.rawValue) after \(writes?.acknowledgedCount ?? 0) acknowledged writes")
        }
        return lines
    }

    private var partyLines: [String] {
        func line(_ name: String, _ behaviour: PlannedClient.Behaviour, _ operations: [String]) -> String {
            "\(name), \(behaviour.rawValue): \(operations.joined(separator: "; "))"
        }
        return clients.enumerated().map { line("client \($0)", $1.behaviour, $1.operations.map(\.text)) }
            + owners.enumerated().map { line("owner \($0)", $1.behaviour, $1.operations.map(\.text)) }
            + (writesAtLastCrash?.writers ?? []).enumerated().map {
                line("writer \($0)", $1.behaviour, $1.operations.map(\.text))
            }
    }

    private var summaries: [String] {
        let operations =
            clients.flatMap { $0.operations.map(\.text) } + owners.flatMap { $0.operations.map(\.text) }
            + (writesAtLastCrash?.writers ?? []).flatMap { $0.operations.map(\.text) }
        return [
            "\(clients.count) clients, \(owners.count) owners of topics: "
                + Self.counted(operations.map { String($0.prefix { $0 != " " }) }),
            "faults: " + Self.counted(faults.map(\.id))
                + (lastCrash.map { "; in the end \($0.rawValue)" } ?? ""),
        ]
    }

    /// Each word once, the most frequent first.
    private static func counted(_ words: [String]) -> String {
        var counts: [(word: String, count: Int)] = []
        for word in words {
            if let place = counts.firstIndex(where: { $0.word == word }) {
                counts[place].count += 1
            } else {
                counts.append((word, 1))
            }
        }
        guard !counts.isEmpty else { return "none" }
        return counts.sorted { ($1.count, $0.word) < ($0.count, $1.word) }.map { "\($0.count) \($0.word)" }
            .joined(separator: ", ")
    }
}
