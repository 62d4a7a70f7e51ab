import Wire

/// A topic that only one client makes, empties and deletes, as far as that client knows.
struct OwnedTopic {
    enum State: Equatable {
        case absent
        /// The oracle's numbers of its partitions: others after each purge, for nothing of before may show up again.
        case present(partitions: [UInt32])
    }

    private let owner: UInt32
    private let number: UInt32
    /// Another name from time to time: see `forget`.
    private var life: UInt32 = 0
    private(set) var state = State.absent
    /// An append without an answer may still arrive, whatever has happened to the topic since.
    private var hasStray = false

    init(owner: UInt32, number: UInt32) {
        self.owner = owner
        self.number = number
    }

    var text: String { text(life) }
    /// Its name after it is renamed.
    var nextText: String { text(life + 1) }

    private func text(_ life: UInt32) -> String { "o\(owner)-\(number)-\(life)" }

    /// The oracle's numbers of its partitions; none while it is absent.
    var partitions: [UInt32] {
        switch state {
        case .absent: []
        case .present(let partitions): partitions
        }
    }

    mutating func made(partitions: [UInt32]) { state = .present(partitions: partitions) }

    mutating func dropped() { if hasStray { forget() } else { state = .absent } }

    mutating func purged(partitions: [UInt32]) {
        if hasStray { forget() } else { state = .present(partitions: partitions) }
    }

    mutating func renamed() { life += 1 }

    mutating func widened(by added: [UInt32]) { state = .present(partitions: partitions + added) }

    mutating func narrowed(by count: Int) {
        if hasStray { forget() } else { state = .present(partitions: partitions.dropLast(count)) }
    }

    mutating func appendUnanswered() { hasStray = true }

    /// Nothing can be said of it any more, now or later: the next topic in its place has another name, and not the one
    /// that a rename may have given to this one.
    mutating func forget() {
        life += 2
        state = .absent
        hasStray = false
    }
}
