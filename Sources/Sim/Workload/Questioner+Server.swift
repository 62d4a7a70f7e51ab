import Primitives
import Wire

// What is asked about the server: who is connected, what there is, and how much of it.

extension Questioner {
    /// What the topics of a stream have together, as the server has told it. Beside those that are known there may be
    /// some of which nobody knows what became.
    struct Totals: Equatable {
        var topics: UInt32 = 0
        var partitions: UInt32 = 0
        var messages: UInt64 = 0
        var bytes: UInt64 = 0
    }

    /// `bystanders`: all other clients, as they were told about themselves. `segmentFileCount`: the files of segments,
    /// less those partitions that have any.
    func askForServer(_ bystanders: [ClientRecord], _ topics: [KnownTopic], _ stream: Name, segmentFileCount: Int) {
        expect("a ping", .ping)
        learn("the cluster", .getClusterMetadata) { reply in
            guard case .cluster(let cluster) = reply else { return "the reply is none" }
            return Self.differ("the count of nodes", 1, cluster.nodes.count)
        }
        learn("who I am", .getMe) { [unowned self] reply in
            guard case .client(let me, let groups) = reply else { return "the reply is none" }
            ids["me"] = me.id
            return Self.first(
                Self.complaint(me), Self.differ("the groups", 0, groups.count),
                bystanders.contains { $0.id == me.id } ? "my id is another client's too" : nil)
        }
        learn("all clients", .getClients) { [unowned self] reply in
            guard case .clients(let clients) = reply else { return "the reply is none" }
            let others = clients.filter { $0.id != self.ids["me"] && $0.userID != nil }
            return Self.first(
                Self.differ("the others", bystanders.sorted { $0.id < $1.id }, others),
                clients.contains { $0.id == self.ids["me"] } ? nil : "I am not among them")
        }
        if let bystander = bystanders.last {
            learn("another client", .getClient(id: bystander.id)) {
                Self.differ("it", .client(bystander, groups: []), $0)
            }
        }
        for topic in topics { askForTopic(topic) }
        askForStream(topics, stream)
        let isEachNew = Set(bystanders.map(\.id)).count == bystanders.count
        learn("statistics", .getStats) { [unowned self] reply in
            guard isEachNew else { return "two clients have one id" }
            guard case .stats(let stats) = reply else { return "the reply is none" }
            let seen = Totals(
                topics: stats.topicCount, partitions: stats.partitionCount, messages: stats.messageCount,
                bytes: stats.messagesByteCount)
            return Self.first(
                Self.differ("the streams", 1, stats.streamCount), Self.differ("it", totals, seen),
                Self.differ("the segments", segmentFileCount + Int(totals.partitions), Int(stats.segmentCount)),
                Self.differ("the groups", 0, stats.groupCount),
                stats.clientCount > bystanders.count ? nil : "\(stats.clientCount) clients are too few",
                stats.runTime < Self.runTimeMax ? nil : "a run time of \(stats.runTime) µs")
        }
    }

    /// Microseconds: longer than any process of a run lives.
    private static let runTimeMax: UInt64 = 86_400_000_000

    private static func complaint(_ me: ClientRecord) -> String? {
        first(
            differ("the user", 0, me.userID), differ("the transport", .tcp, me.transport),
            me.address.isEmpty ? "there is no address" : nil)
    }

    /// The stream that everybody else has used: its topics, and what it tells of all of them.
    func askForStream(_ topics: [KnownTopic], _ name: Name) {
        learn("the topics of the stream", .getTopics(stream: .name(name))) { [unowned self] reply in
            guard case .topics(let records) = reply else { return "the reply is none" }
            let told = records.reduce(into: Totals()) { totals, record in
                totals.topics += 1
                totals.partitions += record.partitionCount
                totals.messages += record.messageCount
                totals.bytes += record.byteCount
            }
            defer { totals = told }
            for topic in topics {
                let record = records.first { "\(Identifier.name($0.name))" == "\(topic.path.topic)" }
                let wrong = Self.first(
                    Self.differ("the messages of \(topic.path.topic)", topic.messageCount, record?.messageCount),
                    Self.differ("the bytes of \(topic.path.topic)", topic.byteCount, record?.byteCount))
                if let wrong { return wrong }
            }
            return totals == Totals() ? nil : Self.differ("it", totals, told)
        }
        learn("all streams", .getStreams) { [unowned self] reply in
            guard case .streams(let records) = reply else { return "the reply is none" }
            return Self.differ("their count", 1, records.count) ?? records.first.flatMap { complaint($0, name) }
        }
        learn("the stream", .getStream(.name(name))) { [unowned self] reply in
            guard case .stream(let record, let records) = reply else { return "the reply is none" }
            return Self.first(
                complaint(record, name), Self.differ("the topics", Int(totals.topics), records.count),
                Self.differ("their messages", totals.messages, records.reduce(0) { $0 + $1.messageCount }))
        }
    }

    private func complaint(_ record: StreamRecord, _ name: Name) -> String? {
        Self.first(
            Self.differ("the name", name, record.name), Self.differ("the topics", totals.topics, record.topicCount),
            Self.differ("the messages", totals.messages, record.messageCount),
            Self.differ("the bytes", totals.bytes, record.byteCount))
    }

    private func askForTopic(_ topic: KnownTopic) {
        learn("topic \(topic.path.topic)", .getTopic(topic.path)) { reply in
            guard case .topic(let record, let partitions) = reply else { return "the reply is none" }
            return Self.first(
                Self.differ("the name", "\(topic.path.topic)", "\(Identifier.name(record.name))"),
                Self.differ("the messages", topic.messageCount, record.messageCount),
                Self.differ("the bytes", topic.byteCount, record.byteCount),
                Self.differ("the partitions", topic.logs.indices.map { UInt32($0) }, partitions.map(\.id)),
                Self.differ(
                    "the messages of partitions", topic.logs.map { UInt64($0.count) }, partitions.map(\.messageCount)),
                Self.differ("the last offsets", topic.logs.map(\.currentOffset), partitions.map(\.currentOffset)),
                ([record.createdAt] + partitions.map(\.createdAt)).contains(0) ? "it was made in 1970" : nil)
        }
    }
}
