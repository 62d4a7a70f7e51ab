import Primitives
import Wire

extension CatalogState {
    /// The catalog in the bodies of a snapshot's records: `u64` next incarnation, then lists, a `u32` count before
    /// each: streams (id u32, created u64, name, topics (id u32, created u64, options, partitions (created u64,
    /// incarnation u64))), users (id u32, created u64, name, password hash).
    init(snapshot body: RawSpan) throws(Breach) {
        self.init()
        var fields = Fields(body)
        nextIncarnation = try fields.u64()
        for _ in 0..<(try fields.u32()) {
            let id = try fields.u32()
            _ = try fields.u64()
            var stream = Stream(id: id, name: try fields.name())
            for _ in 0..<(try fields.u32()) { stream.topics.append(try Self.topic(&fields)) }
            streams.append(stream)
        }
        for _ in 0..<(try fields.u32()) {
            let id = try fields.u32()
            _ = try fields.u64()
            users.append(User(id: id, name: try fields.name()))
            try fields.skipCounted()
        }
        try fields.end()
        try checkWhole()
    }

    private static func topic(_ fields: inout Fields) throws(Breach) -> Topic {
        let id = try fields.u32()
        _ = try fields.u64()
        var topic = Topic(id: id, name: try fields.options())
        for _ in 0..<(try fields.u32()) {
            _ = try fields.u64()
            topic.incarnations.append(try fields.u64())
        }
        return topic
    }

    /// The laws that changes keep step by step, of a catalog that was read at once.
    private func checkWhole() throws(Breach) {
        try check(ids: streams.map(\.id), names: streams.map(\.name), "streams")
        for stream in streams {
            try check(ids: stream.topics.map(\.id), names: stream.topics.map(\.name), "topics of \(stream.name)")
        }
        try check(ids: users.map(\.id), names: users.map(\.name), "users")
        let incarnations = streams.flatMap { $0.topics.flatMap(\.incarnations) }.sorted()
        for (one, other) in zip(incarnations, incarnations.dropFirst()) where one == other {
            throw Breach(law: .incarnationsAreFresh, detail: "two partitions are \(one)")
        }
        if let last = incarnations.last, last >= nextIncarnation {
            throw Breach(law: .incarnationsAreFresh, detail: "\(last) is used, the next is \(nextIncarnation)")
        }
    }

    private func check(ids: [UInt32], names: [Name], _ noun: String) throws(Breach) {
        for (one, other) in zip(ids, ids.dropFirst()) where one >= other {
            throw Breach(law: .idsAscend, detail: "\(noun): \(other) follows \(one)")
        }
        let sorted = names.sorted()
        for (one, other) in zip(sorted, sorted.dropFirst()) where one == other {
            throw Breach(law: .namesAreUnique, detail: "\(noun): two are named \(one)")
        }
    }
}
