import Platform
import Wire

// What operators are told of changes: one line for each administrative command, and one for each partition it makes.

extension Shard where W: ~Copyable {
    /// Before the change is applied, while the names of what it removes are still there.
    mutating func tell(_ change: Change, wantedBy proposal: CatalogProposal) throws(MachineFailure) {
        let user: UInt64 = if case .request(_, let user) = proposal { UInt64(user) } else { .max }
        switch change {
        case .streamCreated(let id, _, let name): try tell(.streamCreated, id, user, name)
        case .streamRenamed(let id, let name): try tell(.streamRenamed, id, user, name)
        case .streamDeleted(let id): try tell(.streamDeleted, id, user, name(stream: id))
        case .streamPurged(let id, _): try tell(.streamPurged, id, user, name(stream: id))
        case .topicCreated(let stream, let id, _, let options, let count, let first):
            try tell(.topicCreated, stream, topic: id, user, options.name)
            try tellPartitions(stream, id, from: 0, count, firstIncarnation: first)
        case .topicUpdated(let stream, let id, let options): try tell(.topicUpdated, stream, topic: id, user, options.name)
        case .topicDeleted(let stream, let id):
            try tell(.topicDeleted, stream, topic: id, user, topic(id, of: stream)?.options.name)
        case .topicPurged(let stream, let id, _):
            try tell(.topicPurged, stream, topic: id, user, topic(id, of: stream)?.options.name)
        case .partitionsAdded(let stream, let id, _, let count, let first):
            let there = UInt32(clamping: topic(id, of: stream)?.partitions.count ?? 0)
            try tellPartitions(stream, id, from: there, count, firstIncarnation: first)
        case .partitionsRemoved(let stream, let id, let count):
            try world.submit(
                .notice(Notice(.info, .partitionsRemoved, Self.both(stream, id), UInt64(count), user)))
        case .userCreated(let id, _, let name, _): try tell(.userCreated, id, user, name)
        // Made while no shard runs: the command that makes it says so.
        case .passwordChanged: break
        }
    }

    private mutating func tell(
        _ subject: Notice.Subject, _ id: UInt32, topic: UInt32 = 0, _ user: UInt64, _ name: Name?
    ) throws(MachineFailure) {
        let notice = Notice(.info, subject, UInt64(id), UInt64(topic), user)
        guard let name else { return try world.submit(.notice(notice)) }
        try world.note(notice, naming: name.bytes.span)
    }

    private mutating func tellPartitions(
        _ stream: UInt32, _ topic: UInt32, from number: UInt32, _ count: UInt32, firstIncarnation: UInt64
    ) throws(MachineFailure) {
        for index in 0..<count {
            try world.submit(
                .notice(
                    Notice(
                        .info, .partitionCreated, Self.both(stream, topic), UInt64(number) + UInt64(index),
                        firstIncarnation + UInt64(index))))
        }
    }

    private static func both(_ stream: UInt32, _ topic: UInt32) -> UInt64 { UInt64(stream) << 32 | UInt64(topic) }

    private func name(stream id: UInt32) -> Name? { catalog.streamIndex(id: id).map { catalog.streams[$0].name } }

    private func topic(_ id: UInt32, of stream: UInt32) -> Catalog.Topic? {
        guard let place = catalog.streamIndex(id: stream) else { return nil }
        return catalog.streams[place].topicIndex(id: id).map { catalog.streams[place].topics[$0] }
    }
}
