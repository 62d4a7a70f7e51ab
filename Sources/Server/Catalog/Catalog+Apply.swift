public import Platform

/// What a change means for the partitions' owners.
public struct CatalogEffects: Equatable, Sendable {
    public var opened: [(PartitionAddress, incarnation: UInt64)] = []
    public var removed: [(PartitionAddress, incarnation: UInt64)] = []

    public static func == (left: Self, right: Self) -> Bool {
        left.opened.elementsEqual(right.opened, by: ==) && left.removed.elementsEqual(right.removed, by: ==)
    }
}

extension Catalog {
    /// Makes a decided change real. A change that does not fit is a broken law: records replay in order.
    public mutating func apply(_ change: Change) throws(MachineFailure) -> CatalogEffects {
        var effects = CatalogEffects()
        switch change {
        case .streamCreated(let id, let time, let name):
            try invariant(streamIndex(id: id) == nil && streamIndex(named: name) == nil, "a created stream is new")
            streams.insert(
                Stream(id: id, name: name, createdAt: time),
                at: insertionIndex(of: id, in: streams) { $0.id })
        case .streamRenamed(let id, let name):
            streams[try streamPlace(id)].name = name
        case .streamDeleted(let id):
            let place = try streamPlace(id)
            for topic in streams[place].topics {
                remove(topic, of: id, into: &effects)
                partitionCount -= topic.partitions.count
            }
            topicCount -= streams[place].topics.count
            streams.remove(at: place)
        case .streamPurged(let id, let firstIncarnation):
            let place = try streamPlace(id)
            var next = firstIncarnation
            for topic in streams[place].topics.indices {
                try renew(stream: place, topic: topic, firstIncarnation: next, into: &effects)
                next += UInt64(streams[place].topics[topic].partitions.count)
            }
        case .topicCreated(let stream, let id, let time, let options, let count, let firstIncarnation):
            let place = try streamPlace(stream)
            try invariant(streams[place].topicIndex(id: id) == nil, "a created topic is new")
            streams[place].topics.insert(
                Topic(id: id, createdAt: time, options: options, partitions: []),
                at: insertionIndex(of: id, in: streams[place].topics) { $0.id })
            topicCount += 1
            try add(count, to: place, topicID: id, at: time, firstIncarnation: firstIncarnation, into: &effects)
        case .topicUpdated(let stream, let id, let options):
            let place = try streamPlace(stream)
            streams[place].topics[try topicPlace(id, in: place)].options = options
        case .topicDeleted(let stream, let id):
            let place = try streamPlace(stream)
            let topic = try topicPlace(id, in: place)
            remove(streams[place].topics[topic], of: stream, into: &effects)
            topicCount -= 1
            partitionCount -= streams[place].topics[topic].partitions.count
            streams[place].topics.remove(at: topic)
        case .topicPurged(let stream, let id, let firstIncarnation):
            let place = try streamPlace(stream)
            try renew(
                stream: place, topic: try topicPlace(id, in: place), firstIncarnation: firstIncarnation,
                into: &effects)
        case .partitionsAdded(let stream, let topic, let time, let count, let firstIncarnation):
            try add(
                count, to: try streamPlace(stream), topicID: topic, at: time, firstIncarnation: firstIncarnation,
                into: &effects)
        case .partitionsRemoved(let stream, let topic, let count):
            let place = try streamPlace(stream)
            let topicPlace = try topicPlace(topic, in: place)
            for _ in 0..<count {
                let number = streams[place].topics[topicPlace].partitions.count - 1
                try invariant(number >= 0, "only partitions that exist are removed")
                let last = streams[place].topics[topicPlace].partitions.removeLast()
                partitionCount -= 1
                effects.removed.append(
                    (
                        PartitionAddress(stream: stream, topic: topic, partition: UInt32(number)),
                        incarnation: last.incarnation
                    ))
            }
        case .userCreated(let id, let time, let name, let hash):
            try invariant(user(id: id) == nil && user(named: name) == nil, "a created user is new")
            users.insert(
                User(id: id, createdAt: time, name: name, passwordHash: hash),
                at: insertionIndex(of: id, in: users) { $0.id })
        case .passwordChanged(let id, let hash):
            guard let place = users.firstIndex(where: { $0.id == id }) else {
                throw MachineFailure("a change names a user who exists")
            }
            users[place].passwordHash = hash
        }
        return effects
    }

    private func streamPlace(_ id: UInt32) throws(MachineFailure) -> Int {
        guard let place = streamIndex(id: id) else { throw MachineFailure("a change names a stream that exists") }
        return place
    }

    private func topicPlace(_ id: UInt32, in stream: Int) throws(MachineFailure) -> Int {
        guard let place = streams[stream].topicIndex(id: id) else {
            throw MachineFailure("a change names a topic that exists")
        }
        return place
    }

    private mutating func add(
        _ count: UInt32, to stream: Int, topicID: UInt32, at time: UInt64, firstIncarnation: UInt64,
        into effects: inout CatalogEffects
    ) throws(MachineFailure) {
        try invariant(firstIncarnation >= nextIncarnation, "an incarnation is never reused")
        let topic = try topicPlace(topicID, in: stream)
        var incarnation = firstIncarnation
        for _ in 0..<count {
            let number = UInt32(streams[stream].topics[topic].partitions.count)
            streams[stream].topics[topic].partitions.append(Partition(createdAt: time, incarnation: incarnation))
            effects.opened.append(
                (
                    PartitionAddress(stream: streams[stream].id, topic: topicID, partition: number),
                    incarnation: incarnation
                ))
            incarnation += 1
        }
        partitionCount += Int(count)
        nextIncarnation = incarnation
    }

    private func remove(_ topic: Topic, of stream: UInt32, into effects: inout CatalogEffects) {
        for (number, partition) in topic.partitions.enumerated() {
            effects.removed.append(
                (
                    PartitionAddress(stream: stream, topic: topic.id, partition: UInt32(number)),
                    incarnation: partition.incarnation
                ))
        }
    }

    /// Every partition of the topic begins a new, empty life.
    private mutating func renew(
        stream: Int, topic: Int, firstIncarnation: UInt64, into effects: inout CatalogEffects
    ) throws(MachineFailure) {
        try invariant(firstIncarnation >= nextIncarnation, "an incarnation is never reused")
        remove(streams[stream].topics[topic], of: streams[stream].id, into: &effects)
        var incarnation = firstIncarnation
        for number in streams[stream].topics[topic].partitions.indices {
            streams[stream].topics[topic].partitions[number].incarnation = incarnation
            effects.opened.append(
                (
                    PartitionAddress(
                        stream: streams[stream].id, topic: streams[stream].topics[topic].id,
                        partition: UInt32(number)),
                    incarnation: incarnation
                ))
            incarnation += 1
        }
        nextIncarnation = incarnation
    }
}
