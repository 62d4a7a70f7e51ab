import Wire

/// What exists, rebuilt from a snapshot and the changes behind it.
struct CatalogState: Equatable {
    /// Ascending by id.
    var streams: [Stream] = []
    /// Ascending by id.
    var users: [User] = []
    var nextIncarnation: UInt64 = 1

    struct Stream: Equatable {
        let id: UInt32
        var name: Name
        /// Ascending by id.
        var topics: [Topic] = []
    }

    struct Topic: Equatable {
        let id: UInt32
        var name: Name
        /// By partition id.
        var incarnations: [UInt64] = []
    }

    struct User: Equatable {
        let id: UInt32
        let name: Name
    }

    /// A law that a record breaks, and how.
    struct Breach: Error, Equatable {
        let law: Law
        let detail: String
    }
}

extension CatalogState {
    mutating func createStream(_ id: UInt32, _ name: Name) throws(Breach) {
        try require(!streams.contains { $0.name == name }, .namesAreUnique, "stream \(name) exists")
        let place = try placeOfNew(id, in: streams.map(\.id), "stream")
        streams.insert(Stream(id: id, name: name), at: place)
    }

    mutating func renameStream(_ id: UInt32, _ name: Name) throws(Breach) {
        let place = try placeOfStream(id)
        try require(
            !streams.contains { $0.name == name && $0.id != id }, .namesAreUnique, "another stream is named \(name)")
        streams[place].name = name
    }

    mutating func deleteStream(_ id: UInt32) throws(Breach) {
        streams.remove(at: try placeOfStream(id))
    }

    /// Every partition of the stream begins a new life.
    mutating func purgeStream(_ id: UInt32, firstIncarnation: UInt64) throws(Breach) {
        let place = try placeOfStream(id)
        var first = firstIncarnation
        for topic in streams[place].topics.indices {
            let count = streams[place].topics[topic].incarnations.count
            streams[place].topics[topic].incarnations = try begin(count, from: first)
            first = nextIncarnation
        }
    }

    mutating func createTopic(
        _ id: UInt32, of stream: UInt32, _ name: Name, partitionCount: UInt32, firstIncarnation: UInt64
    ) throws(Breach) {
        let place = try placeOfStream(stream)
        try require(
            !streams[place].topics.contains { $0.name == name }, .namesAreUnique,
            "topic \(name) of stream \(stream) exists")
        let topic = try placeOfNew(id, in: streams[place].topics.map(\.id), "topic")
        let incarnations = try begin(Int(partitionCount), from: firstIncarnation)
        streams[place].topics.insert(Topic(id: id, name: name, incarnations: incarnations), at: topic)
    }

    mutating func updateTopic(_ id: UInt32, of stream: UInt32, _ name: Name) throws(Breach) {
        let (place, topic) = try placeOfTopic(id, of: stream)
        try require(
            !streams[place].topics.contains { $0.name == name && $0.id != id }, .namesAreUnique,
            "another topic of stream \(stream) is named \(name)")
        streams[place].topics[topic].name = name
    }

    mutating func deleteTopic(_ id: UInt32, of stream: UInt32) throws(Breach) {
        let (place, topic) = try placeOfTopic(id, of: stream)
        streams[place].topics.remove(at: topic)
    }

    mutating func purgeTopic(_ id: UInt32, of stream: UInt32, firstIncarnation: UInt64) throws(Breach) {
        let (place, topic) = try placeOfTopic(id, of: stream)
        let count = streams[place].topics[topic].incarnations.count
        streams[place].topics[topic].incarnations = try begin(count, from: firstIncarnation)
    }

    mutating func addPartitions(
        _ count: UInt32, to id: UInt32, of stream: UInt32, firstIncarnation: UInt64
    ) throws(Breach) {
        let (place, topic) = try placeOfTopic(id, of: stream)
        streams[place].topics[topic].incarnations += try begin(Int(count), from: firstIncarnation)
    }

    mutating func removePartitions(_ count: UInt32, from id: UInt32, of stream: UInt32) throws(Breach) {
        let (place, topic) = try placeOfTopic(id, of: stream)
        let existing = streams[place].topics[topic].incarnations.count
        try require(count <= existing, .changesFit, "\(count) of \(existing) partitions are removed")
        streams[place].topics[topic].incarnations.removeLast(Int(count))
    }

    mutating func createUser(_ id: UInt32, _ name: Name) throws(Breach) {
        try require(!users.contains { $0.name == name }, .namesAreUnique, "user \(name) exists")
        users.insert(User(id: id, name: name), at: try placeOfNew(id, in: users.map(\.id), "user"))
    }

    func changePassword(ofUser id: UInt32) throws(Breach) {
        try require(users.contains { $0.id == id }, .changesFit, "there is no user \(id)")
    }

    // MARK: Places

    private func placeOfStream(_ id: UInt32) throws(Breach) -> Int {
        guard let place = streams.firstIndex(where: { $0.id == id }) else {
            throw Breach(law: .changesFit, detail: "there is no stream \(id)")
        }
        return place
    }

    private func placeOfTopic(_ id: UInt32, of stream: UInt32) throws(Breach) -> (Int, Int) {
        let place = try placeOfStream(stream)
        guard let topic = streams[place].topics.firstIndex(where: { $0.id == id }) else {
            throw Breach(law: .changesFit, detail: "there is no topic \(id) in stream \(stream)")
        }
        return (place, topic)
    }

    /// Where an id that is not there yet belongs.
    private func placeOfNew(_ id: UInt32, in ids: [UInt32], _ noun: String) throws(Breach) -> Int {
        try require(!ids.contains(id), .changesFit, "\(noun) \(id) exists")
        return ids.firstIndex { $0 > id } ?? ids.count
    }

    /// New lives, numbered from `first` on, which was never used.
    private mutating func begin(_ count: Int, from first: UInt64) throws(Breach) -> [UInt64] {
        try require(
            first >= nextIncarnation, .incarnationsAreFresh, "\(first) is given out again: the next is \(nextIncarnation)")
        let (end, isOver) = first.addingReportingOverflow(UInt64(count))
        try require(!isOver, .incarnationsAreFresh, "\(count) lives from \(first) on exceed 64 bits")
        nextIncarnation = end
        return (first..<end).map { $0 }
    }

    private func require(_ holds: Bool, _ law: Law, _ detail: String) throws(Breach) {
        if !holds { throw Breach(law: law, detail: detail) }
    }
}

extension CatalogState {
    /// Every partition, in order.
    var partitions: [PartitionFacts] {
        streams.flatMap { stream in
            stream.topics.flatMap { topic in
                topic.incarnations.enumerated().map { number, incarnation in
                    PartitionFacts(
                        stream: stream.id, topic: topic.id, partition: UInt32(number), incarnation: incarnation)
                }
            }
        }
    }

    var facts: CatalogFacts {
        CatalogFacts(
            streams: streams.map { stream in
                CatalogFacts.StreamFacts(
                    id: stream.id, name: stream.name.text,
                    topics: stream.topics.map {
                        CatalogFacts.TopicFacts(id: $0.id, name: $0.name.text, incarnations: $0.incarnations)
                    })
            },
            users: users.map { CatalogFacts.UserFacts(id: $0.id, name: $0.name.text) },
            nextIncarnation: nextIncarnation)
    }
}
