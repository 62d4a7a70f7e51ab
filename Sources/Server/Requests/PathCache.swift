import Primitives

/// The topic that a session named last: its names are looked up once, not for every batch.
struct PathCache {
    /// The bytes of the two identifiers, as the client sends them.
    private var key: [UInt8] = []
    /// The catalog that was asked; a changed one is asked again.
    private var version: UInt64 = 0
    private var topic: ResolvedTopic?

    func topic(_ bytes: RawSpan, version: UInt64) -> ResolvedTopic? {
        guard let topic, version == self.version, bytes.byteCount == key.count else { return nil }
        for place in key.indices where bytes.load(UInt8.self, at: place) != key[place] { return nil }
        return topic
    }

    mutating func remember(_ topic: ResolvedTopic, as bytes: RawSpan, version: UInt64) {
        key = [UInt8](copying: bytes)
        self.version = version
        self.topic = topic
    }
}

/// A topic, and what the session's user may do there.
struct ResolvedTopic: BitwiseCopyable {
    let stream: UInt32
    let topic: UInt32
    let partitionCount: UInt32
    let maySend: Bool
    let mayPoll: Bool
}
