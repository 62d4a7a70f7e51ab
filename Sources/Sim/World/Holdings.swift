import Platform

/// What a shard holds of its world: all of it has to come back.
public struct Holdings: Equatable, Sendable {
    /// Open.
    public internal(set) var files = 0
    /// Connections.
    public internal(set) var peers = 0
    public internal(set) var buffers = 0
    /// Of the buffers.
    public internal(set) var bytes = 0
    /// In flight.
    public internal(set) var operations = 0
    /// Credit of its mailboxes that has not come back.
    public internal(set) var letters = 0
}

extension Holdings: CustomStringConvertible {
    public var description: String {
        "\(files) files, \(peers) connections, \(buffers) buffers of \(bytes) bytes, \(operations) operations, "
            + "\(letters) letters"
    }
}

extension Universe {
    /// Files that shards have open and that are in no directory any more.
    var namelessFiles: Int {
        shards.reduce(0) { sum, shard in
            sum + (shard.desk?.files.count { $0.handle.map(disk.isNameless) ?? false } ?? 0)
        }
    }

    /// By shard.
    public var holdings: [Holdings] {
        shards.indices.map { shard in
            guard let desk = shards[shard].desk else { return Holdings() }
            return Holdings(
                files: desk.files.count { $0.handle != nil }, peers: desk.peers.count { $0.connection != nil },
                buffers: pool.ownedCount(of: desk.shard), bytes: pool.ownedBytes(of: desk.shard),
                operations: desk.operations.count,
                letters: desk.unreadLetters.reduce(0, +))
        }
    }
}
