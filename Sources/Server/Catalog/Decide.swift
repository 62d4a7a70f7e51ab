import Platform
import Wire

/// What becomes of a proposal: a pure function of the catalog, the limits and the time.
enum CatalogDecision: Equatable {
    /// `id`: of what was created, for the reply; 0 otherwise.
    case change(Change, id: UInt32)
    case refused(ErrorCode)
}

extension Catalog {
    /// Order of checks as in the reference: limits, lookups, permission, then the action.
    func decide(_ proposal: CatalogProposal, limits: Limits, segmentBytes: UInt64, at time: UInt64) -> CatalogDecision {
        switch proposal {
        case .createRoot(let name, let hash):
            return .change(.userCreated(id: 0, at: time, name: name, passwordHash: hash), id: 0)
        case .request(let request, let user):
            return decide(request, user: user, limits: limits, segmentBytes: segmentBytes, at: time)
        }
    }

    private func decide(
        _ request: Request, user: UInt32, limits: Limits, segmentBytes: UInt64, at time: UInt64
    ) -> CatalogDecision {
        let access = Access(permissions(ofUser: user))
        switch request {
        case .createStream(let name):
            guard access.allows(.streamCreate) else { return .refused(.unauthorized) }
            guard streamIndex(named: name) == nil else { return .refused(.streamNameAlreadyExists) }
            guard streams.count < limits.streamsMax else { return .refused(.cannotCreateStream) }
            let id = lowestFreeID(in: streams) { $0.id }
            return .change(.streamCreated(id: id, at: time, name: name), id: id)
        case .updateStream(let identifier, let name):
            return with(identifier, access, .streamWrite) { stream in
                if let other = streamIndex(named: name), streams[other].id != stream.id {
                    return .refused(.streamNameAlreadyExists)
                }
                return .change(.streamRenamed(id: stream.id, name: name), id: 0)
            }
        case .deleteStream(let identifier):
            return with(identifier, access, .streamWrite) { .change(.streamDeleted(id: $0.id), id: 0) }
        case .purgeStream(let identifier):
            return with(identifier, access, .streamWrite) {
                .change(.streamPurged(id: $0.id, firstIncarnation: nextIncarnation), id: 0)
            }
        case .createTopic(let wanted):
            return createTopic(wanted, access, limits: limits, segmentBytes: segmentBytes, at: time)
        case .updateTopic(let wanted):
            return with(wanted.path, access, .topicWrite) { stream, topic in
                if let other = stream.topicIndex(named: wanted.name), stream.topics[other].id != topic.id {
                    return .refused(.topicNameAlreadyExists)
                }
                let options = Topic.Options(name: wanted.name, wanted.settings)
                guard options.byteCountMax >= segmentBytes else { return .refused(.invalidTopicSize) }
                return .change(.topicUpdated(stream: stream.id, id: topic.id, options), id: 0)
            }
        case .deleteTopic(let path):
            return with(path, access, .topicWrite) { .change(.topicDeleted(stream: $0.id, id: $1.id), id: 0) }
        case .purgeTopic(let path):
            return with(path, access, .topicWrite) {
                .change(.topicPurged(stream: $0.id, id: $1.id, firstIncarnation: nextIncarnation), id: 0)
            }
        case .createPartitions(let path, let count):
            guard (1...limits.partitionsPerRequestMax).contains(count) else { return .refused(.tooManyPartitions) }
            return with(path, access, .topicWrite) { stream, topic in
                guard hasRoom(for: count, limits) else { return .refused(.tooManyPartitions) }
                return .change(
                    .partitionsAdded(
                        stream: stream.id, topic: topic.id, at: time, count: count,
                        firstIncarnation: nextIncarnation), id: 0)
            }
        case .deletePartitions(let path, let count):
            guard count > 0 else { return .refused(.tooManyPartitions) }
            return with(path, access, .topicWrite) { stream, topic in
                guard Int(count) <= topic.partitions.count else { return .refused(.invalidPartitionsCount) }
                return .change(.partitionsRemoved(stream: stream.id, topic: topic.id, count: count), id: 0)
            }
        default:
            return .refused(.featureUnavailable)
        }
    }

    private func createTopic(
        _ wanted: CreateTopic, _ access: Access, limits: Limits, segmentBytes: UInt64, at time: UInt64
    ) -> CatalogDecision {
        guard wanted.partitionCount <= limits.partitionsPerRequestMax else { return .refused(.tooManyPartitions) }
        return with(wanted.stream, access, .topicCreate) { stream in
            let options = Topic.Options(name: wanted.name, wanted.settings)
            guard options.byteCountMax >= segmentBytes else { return .refused(.invalidTopicSize) }
            guard stream.topicIndex(named: options.name) == nil else { return .refused(.topicNameAlreadyExists) }
            guard stream.topics.count < limits.topicsPerStreamMax, topicCount < limits.topicsMax else {
                return .refused(.cannotCreateTopic)
            }
            guard hasRoom(for: wanted.partitionCount, limits) else { return .refused(.tooManyPartitions) }
            let id = lowestFreeID(in: stream.topics) { $0.id }
            return .change(
                .topicCreated(
                    stream: stream.id, id: id, at: time, options, partitionCount: wanted.partitionCount,
                    firstIncarnation: nextIncarnation), id: id)
        }
    }

    private func hasRoom(for count: UInt32, _ limits: Limits) -> Bool {
        partitionCount + Int(count) <= limits.partitionsMax
    }

    private func with(
        _ identifier: Identifier, _ access: Access, _ permission: Access.OnStream,
        _ decide: (Stream) -> CatalogDecision
    ) -> CatalogDecision {
        guard let stream = stream(identifier) else { return .refused(.streamIdNotFound) }
        guard access.allows(permission, stream: stream.id) else { return .refused(.unauthorized) }
        return decide(stream)
    }

    private func with(
        _ path: TopicPath, _ access: Access, _ permission: Access.OnTopic,
        _ decide: (Stream, Topic) -> CatalogDecision
    ) -> CatalogDecision {
        guard let stream = stream(path.stream) else { return .refused(.streamIdNotFound) }
        guard let topic = stream.topic(path.topic) else { return .refused(.topicIdNotFound) }
        guard access.allows(permission, stream: stream.id, topic: topic.id) else { return .refused(.unauthorized) }
        return decide(stream, topic)
    }
}

extension Catalog {
    /// A number means an id and text a name; never the one for the other.
    func stream(_ identifier: Identifier) -> Stream? {
        switch identifier {
        case .id(let id): streamIndex(id: id).map { streams[$0] }
        case .name(let name): streamIndex(named: name).map { streams[$0] }
        }
    }

    /// Root may do everything; every other account has to be given its rights.
    func permissions(ofUser id: UInt32) -> Permissions? {
        id == 0 && user(id: id) != nil ? Permissions(global: .all) : nil
    }
}

extension Catalog.Stream {
    func topic(_ identifier: Identifier) -> Catalog.Topic? {
        switch identifier {
        case .id(let id): topicIndex(id: id).map { topics[$0] }
        case .name(let name): topicIndex(named: name).map { topics[$0] }
        }
    }
}

extension Catalog.Topic.Options {
    /// Server defaults are resolved when a topic is made or changed: never expire, unlimited, one replica.
    init(name: Name, _ settings: TopicSettings) {
        self.init(
            name: name, compression: settings.compression.rawValue,
            messageExpiry: settings.messageExpiry == .serverDefault
                ? MessageExpiry.never.rawValue : settings.messageExpiry.rawValue,
            byteCountMax: settings.maxTopicSize == .serverDefault
                ? MaxTopicSize.unlimited.rawValue : settings.maxTopicSize.rawValue,
            replicationFactor: max(settings.replicationFactor, 1))
    }
}
