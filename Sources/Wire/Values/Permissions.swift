/// What a user may do: globally, in single streams, and in single topics of those.
///
/// Streams and topics are kept in ascending order of id, each id once: the wire may repeat one, and then the last
/// entry counts.
///
/// | Part | Bytes |
/// |---|---|
/// | global | 10 × `u8` in the order of `Global` |
/// | has_streams | `u8`; unless 1, the blob ends here |
/// | stream entry | `u32` id, 6 × `u8` in the order of `InStream` |
/// | has_topics | `u8`; if 1, topic entries follow |
/// | topic entry | `u32` id, 4 × `u8` in the order of `InTopic`, `u8` 1 if another follows |
/// | next | `u8` after each stream entry and its topics: 1 if another follows |
public struct Permissions: Equatable, Sendable {
    /// A larger blob is refused. Room for about 100,000 topic entries.
    public static let byteCountMax = 1 << 20

    public var global: Global
    public private(set) var streams: [Stream]

    public init(global: Global, streams: [Stream] = []) {
        self.global = global
        self.streams = lastOfEach(streams, by: \.id)
    }

    public struct Global: OptionSet, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let manageServers = Global(rawValue: 1 << 0)
        public static let readServers = Global(rawValue: 1 << 1)
        public static let manageUsers = Global(rawValue: 1 << 2)
        public static let readUsers = Global(rawValue: 1 << 3)
        public static let manageStreams = Global(rawValue: 1 << 4)
        public static let readStreams = Global(rawValue: 1 << 5)
        public static let manageTopics = Global(rawValue: 1 << 6)
        public static let readTopics = Global(rawValue: 1 << 7)
        public static let pollMessages = Global(rawValue: 1 << 8)
        public static let sendMessages = Global(rawValue: 1 << 9)

        /// What root has.
        public static let all = Global(rawValue: (1 << 10) - 1)
    }

    public struct InStream: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let manageStream = InStream(rawValue: 1 << 0)
        public static let readStream = InStream(rawValue: 1 << 1)
        public static let manageTopics = InStream(rawValue: 1 << 2)
        public static let readTopics = InStream(rawValue: 1 << 3)
        public static let pollMessages = InStream(rawValue: 1 << 4)
        public static let sendMessages = InStream(rawValue: 1 << 5)
    }

    public struct InTopic: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let manageTopic = InTopic(rawValue: 1 << 0)
        public static let readTopic = InTopic(rawValue: 1 << 1)
        public static let pollMessages = InTopic(rawValue: 1 << 2)
        public static let sendMessages = InTopic(rawValue: 1 << 3)
    }

    public struct Stream: Equatable, Sendable {
        public let id: UInt32
        public let granted: InStream
        public let topics: [Topic]

        public init(id: UInt32, granted: InStream, topics: [Topic] = []) {
            self.id = id
            self.granted = granted
            self.topics = lastOfEach(topics, by: \.id)
        }
    }

    public struct Topic: Equatable, Sendable {
        public let id: UInt32
        public let granted: InTopic

        public init(id: UInt32, granted: InTopic) {
            self.id = id
            self.granted = granted
        }
    }
}

extension Permissions {
    /// What is granted in one stream; nil without an entry for it.
    public func stream(_ id: UInt32) -> Stream? {
        find(id, in: streams, by: \.id)
    }

    /// Takes back all that was granted in one stream, as when the stream is deleted.
    public mutating func withdraw(stream id: UInt32) {
        streams.removeAll { $0.id == id }
    }

    /// Takes back all that was granted in one topic, as when the topic is deleted.
    public mutating func withdraw(topic id: UInt32, of stream: UInt32) {
        guard let entry = self.stream(stream), entry.topic(id) != nil else { return }
        let rest = Stream(id: stream, granted: entry.granted, topics: entry.topics.filter { $0.id != id })
        streams = streams.map { $0.id == stream ? rest : $0 }
    }
}

extension Permissions.Stream {
    /// What is granted in one topic; nil without an entry for it.
    public func topic(_ id: UInt32) -> Permissions.Topic? {
        find(id, in: topics, by: \.id)
    }
}

/// The entries in ascending order of id; of entries with one id, the last.
private func lastOfEach<T>(_ entries: [T], by id: KeyPath<T, UInt32>) -> [T] {
    var kept: [T] = []
    // Equal ids keep their order: the sort is stable.
    for entry in entries.sorted(by: { $0[keyPath: id] < $1[keyPath: id] }) {
        if let last = kept.last, last[keyPath: id] == entry[keyPath: id] { kept.removeLast() }
        kept.append(entry)
    }
    return kept
}

/// Binary search in entries that are in ascending order of id.
private func find<T>(_ wanted: UInt32, in entries: [T], by id: KeyPath<T, UInt32>) -> T? {
    var low = 0
    var high = entries.count
    while low < high {
        let middle = low + (high - low) / 2
        if entries[middle][keyPath: id] < wanted { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low][keyPath: id] == wanted else { return nil }
    return entries[low]
}
