/// All messages of one partition, read from end to end.
struct WholeLog {
    /// The oracle's number of the partition.
    let partition: UInt32
    let messages: [SeenMessage]
}

extension Oracle {
    /// What was read `after` `event` is what was read `before` it, but for the ends of requests that nobody waited for
    /// any more.
    func judgeKept(_ before: [WholeLog], _ after: [WholeLog], over event: String, at time: Int64) {
        for old in before {
            let new = after.first { $0.partition == old.partition }?.messages ?? []
            holds(
                .durabilityByClass, partitions[Int(old.partition)].isKept(old.messages, in: new),
                "partition \(old.partition): \(event) changed the log",
                expected: "the \(old.messages.count) messages of before it",
                seen: Self.firstChange(old.messages, new), about: Violation.Subject(partition: old.partition), at: time)
        }
    }

    /// Where two logs part, in words.
    private static func firstChange(_ before: [SeenMessage], _ after: [SeenMessage]) -> String {
        let place = zip(before, after).enumerated().first { $1.0 != $1.1 }?.offset
        return "\(after.count) messages, "
            + (place.map { "another one at offset \(before[$0].offset)" } ?? "the same as far as both go")
    }
}
