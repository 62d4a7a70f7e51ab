import Platform
import Primitives
import Wire

// Questions about counts and sizes: asked of every shard, because they live with the partitions and connections.

extension Shard where W: ~Copyable {
    mutating func gatherFacts(
        _ request: Request, _ session: Session, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        let access = Access(session.userID.flatMap(catalog.permissions))
        let question: Gathering.Question
        switch resolve(request, access) {
        case .refused(let code): return .answered(.status(code))
        case .missing: return .answered(.ok)
        case .question(let asked): question = asked
        }
        let others = peers.others
        for shard in others where !mayAsk(shard) { return .stalled }
        let scope = question.scope
        let key = gatherings.insert(
            Gathering(
                slot: slot, serial: serial, question: question, missing: others,
                partitions: question.wantsPartitions ? ownPartitions(scope) : [],
                clients: question.wantsClients ? ownClients() : []))
        for shard in others {
            try ask(
                shard,
                .request(
                    .gather,
                    Letter.Words(
                        key, (question.wantsPartitions ? 1 : 0) | (question.wantsClients ? 2 : 0),
                        scope.stream.map(UInt64.init) ?? .max, scope.topic.map(UInt64.init) ?? .max)))
        }
        try answerIfGathered(key)
        return .begun
    }

    private enum Resolved {
        case question(Gathering.Question)
        /// Answered with an empty reply: there is no such thing.
        case missing
        case refused(ErrorCode)
    }

    private func resolve(_ request: Request, _ access: Access) -> Resolved {
        switch request {
        case .getStream(let identifier):
            guard let stream = catalog.stream(identifier) else { return .missing }
            return access.allows(.streamRead, stream: stream.id) ? .question(.stream(stream.id)) : .refused(.unauthorized)
        case .getStreams:
            return access.allows(.streamsRead) ? .question(.streams) : .refused(.unauthorized)
        case .getTopic(let path):
            guard let stream = catalog.stream(path.stream), let topic = stream.topic(path.topic) else { return .missing }
            return access.allows(.topicRead, stream: stream.id, topic: topic.id)
                ? .question(.topic(stream: stream.id, topic: topic.id)) : .refused(.unauthorized)
        case .getTopics(let identifier):
            guard let stream = catalog.stream(identifier) else { return .missing }
            return access.allows(.topicsRead, stream: stream.id)
                ? .question(.topics(stream: stream.id)) : .refused(.unauthorized)
        case .getStats:
            return access.allows(.readServers) ? .question(.stats) : .refused(.unauthorized)
        case .getClients:
            return access.allows(.readServers) ? .question(.clients) : .refused(.unauthorized)
        case .getClient(let client):
            guard access.allows(.readServers) else { return .refused(.unauthorized) }
            return client == 0 ? .refused(.invalidClientId) : .question(.client(client))
        default:
            return .refused(.invalidCommand)
        }
    }

    // MARK: Mail

    mutating func factsAsked(_ letter: Letter, by shard: ShardID) throws(MachineFailure) {
        let words = letter.words
        var writer = ByteWriter()
        FactsCodec.encode(
            words.b & 1 == 1 ? ownPartitions((UInt32(exactly: words.c), UInt32(exactly: words.d))) : [],
            words.b & 2 == 2 ? ownClients() : [], into: &writer)
        // Without memory the letter comes empty: whoever asked is refused, and nobody fails.
        let lent = try lend(writer.bytes)
        if let lent { noteLent(lent, to: shard) }
        try reply(to: shard, .reply(.facts, Letter.Words(words.a), lending: lent))
    }

    mutating func factsReceived(_ letter: Letter, from shard: ShardID) throws(MachineFailure) {
        let key = letter.words.a
        guard let lent = letter.lent else { return refuse(key) }
        guard let (partitions, clients) = FactsCodec.decode(try world.bytes(of: lent)) else {
            throw MachineFailure("facts by mail are whole")
        }
        try reply(to: shard, .reply(.factsTaken, lending: lent))
        gatherings[key]?.missing.removeAll { $0 == shard }
        if !world.isMutated(.factsOfOneShard) { gatherings[key]?.partitions += partitions }
        gatherings[key]?.clients += clients
        try answerIfGathered(key)
    }

    /// A shard had no memory to tell what it knows. What the others tell later finds nobody who waits for it.
    private mutating func refuse(_ key: UInt64) {
        guard let gathering = gatherings.remove(key),
            let session = waiting(slot: gathering.slot, serial: gathering.serial)
        else { return }
        touch(gathering.slot)
        _ = session.answer(gathering.serial, .status(.error))
    }

    /// What the lost shard knew cannot be told: the connection that asked is closed.
    mutating func peerLostWhileGathering(_ key: UInt64, _ lost: ShardID) throws(MachineFailure) {
        guard let gathering = gatherings[key], gathering.missing.contains(lost) else { return }
        _ = gatherings.remove(key)
        if waiting(slot: gathering.slot, serial: gathering.serial) != nil { try close(gathering.slot) }
    }

    // MARK: Answers

    private mutating func answerIfGathered(_ key: UInt64) throws(MachineFailure) {
        guard let gathering = gatherings[key], gathering.missing.isEmpty else { return }
        _ = gatherings.remove(key)
        guard let session = waiting(slot: gathering.slot, serial: gathering.serial) else { return }
        touch(gathering.slot)
        if case .stalled = try answer(session, gathering.serial, reply(gathering)) {
            _ = session.answer(gathering.serial, .status(.error))
        }
    }

    private func reply(_ gathering: Gathering) -> Reply {
        let facts = GatheredFacts(gathering.partitions)
        switch gathering.question {
        case .streams:
            return .streams(catalog.streams.map { StreamRecord($0, facts.total(stream: $0.id)) })
        case .stream(let id):
            guard let place = catalog.streamIndex(id: id) else { return .nothing }
            let stream = catalog.streams[place]
            return .stream(
                StreamRecord(stream, facts.total(stream: id)),
                topics: stream.topics.map { TopicRecord($0, facts.total(stream: id, topic: $0.id)) })
        case .topics(let id):
            guard let place = catalog.streamIndex(id: id) else { return .nothing }
            return .topics(
                catalog.streams[place].topics.map { TopicRecord($0, facts.total(stream: id, topic: $0.id)) })
        case .topic(let streamID, let topicID):
            guard let stream = catalog.streamIndex(id: streamID),
                let place = catalog.streams[stream].topicIndex(id: topicID)
            else { return .nothing }
            let topic = catalog.streams[stream].topics[place]
            return .topic(
                TopicRecord(topic, facts.total(stream: streamID, topic: topicID)),
                partitions: topic.records { number in
                    facts[PartitionAddress(stream: streamID, topic: topicID, partition: number)]
                })
        case .clients:
            return .clients(gathering.clients.sorted { $0.id < $1.id })
        case .client(let id):
            guard let client = gathering.clients.first(where: { $0.id == id }) else { return .nothing }
            return .client(client, groups: [])
        case .stats:
            return .stats(stats(gathering))
        }
    }

    private func stats(_ gathering: Gathering) -> StatsRecord {
        let host = world.hostFacts()
        let total = GatheredFacts(gathering.partitions).total
        var stats = StatsRecord()
        stats.processID = host.processID
        stats.cpuUsage = host.processCPUPercent
        stats.totalCPUUsage = host.hostCPUPercent
        stats.memoryUsage = host.processMemoryBytes
        stats.totalMemory = host.totalMemoryBytes
        stats.availableMemory = host.availableMemoryBytes
        stats.runTime = now.timestamp &- min(startedAt, now.timestamp)
        stats.startTime = startedAt
        stats.readByteCount = host.readBytes
        stats.writtenByteCount = host.writtenBytes
        stats.messagesByteCount = total.byteCount
        stats.streamCount = UInt32(clamping: catalog.streams.count)
        stats.topicCount = UInt32(clamping: catalog.topicCount)
        stats.partitionCount = UInt32(clamping: gathering.partitions.count)
        stats.segmentCount = total.segmentCount
        stats.messageCount = total.messageCount
        stats.clientCount = UInt32(clamping: gathering.clients.count)
        stats.hostname = host.hostname
        stats.osName = host.systemName
        stats.osVersion = host.systemVersion
        stats.kernelVersion = host.kernelVersion
        stats.serverVersion = settings.version
        stats.serverVersionNumber = settings.versionNumber
        stats.threadCount = host.threadCount
        stats.freeDiskSpace = host.freeDiskBytes
        stats.totalDiskSpace = host.totalDiskBytes
        return stats
    }

    // MARK: Own facts

    private func ownPartitions(_ scope: (stream: UInt32?, topic: UInt32?)) -> [PartitionFacts] {
        partitions.all.compactMap { entry in
            guard scope.stream == nil || entry.address.stream == scope.stream,
                scope.topic == nil || entry.address.topic == scope.topic, let stats = store.stats(entry.slot)
            else { return nil }
            return PartitionFacts(
                address: entry.address, segmentCount: stats.segmentCount, currentOffset: stats.currentOffset,
                messageCount: stats.messageCount, byteCount: stats.classicByteCount)
        }
    }

    private func ownClients() -> [ClientRecord] {
        sessions.compactMap { $0.map(ClientRecord.init) }
    }
}
