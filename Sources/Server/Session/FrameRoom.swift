import Platform

/// Bytes of buffers, and how many large frames they are for.
struct RoomAmount: Equatable {
    var bytes = 0
    var frames = 0

    static let none = RoomAmount()

    static func + (one: RoomAmount, other: RoomAmount) -> RoomAmount {
        RoomAmount(bytes: one.bytes + other.bytes, frames: one.frames + other.frames)
    }
}

/// What a shard tells shard 0 of the room for large frames.
struct RoomNews: Equatable {
    /// It is used no more.
    var returned = RoomAmount.none
    /// Bytes for the frame that waits there for longest, since when it does, in nanoseconds; 0 if none waits.
    var wantedBytes = 0
    var since: Int64 = 0
    /// Of the wish, ascending: a grant says which it fulfils.
    var number: UInt64 = 0
}

/// The room that the large frames of all shards share, as shard 0 gives it out.
///
/// The law: all that is given and not returned is no more than the limit, or it is one frame alone. One wish of each shard
/// stands here at a time, and the oldest is next; none is passed over for a smaller one. A shard that is lost returns all
/// that it has. When shard 0 itself is made anew, nothing is given until every other shard has told what it has.
struct FrameRoom {
    struct Grant: Equatable {
        let shard: ShardID
        let byteCount: Int
        let number: UInt64
    }

    private struct Wish {
        let shard: ShardID
        let news: RoomNews
    }

    let limitBytes: Int
    /// What each shard was given and has not returned; nil for one that has not told.
    private(set) var given: [RoomAmount?]
    /// The oldest first.
    private var wishes: [Wish] = []
    /// Was asked to end a frame that is slow, and has not answered.
    private var recalledFrom: ShardID?
    private var nextToRecall = 0

    init(limitBytes: Int, shardCount: UInt16, own: ShardID) {
        self.limitBytes = limitBytes
        given = Array(repeating: nil, count: Int(shardCount))
        given[Int(own.number)] = RoomAmount.none
    }

    /// The shard begins, or begins with a new shard 0: it has so much.
    mutating func has(_ shard: ShardID, _ amount: RoomAmount) { given[Int(shard.number)] = amount }

    /// What it had is free with its Machine, and it waits for nothing.
    mutating func lose(_ shard: ShardID) {
        given[Int(shard.number)] = RoomAmount.none
        wishes.removeAll { $0.shard == shard }
        if recalledFrom == shard { recalledFrom = nil }
    }

    mutating func hear(_ news: RoomNews, from shard: ShardID) throws(MachineFailure) {
        guard let before = given[Int(shard.number)] else { throw MachineFailure("a shard joins before it asks for room") }
        let (bytes, frames) = (before.bytes - news.returned.bytes, before.frames - news.returned.frames)
        try invariant(bytes >= 0 && frames >= 0, "room is returned once")
        given[Int(shard.number)] = RoomAmount(bytes: bytes, frames: frames)
        wishes.removeAll { $0.shard == shard }
        guard news.wantedBytes > 0 else { return }
        let place = wishes.firstIndex { (news.since, shard.number) < ($0.news.since, $0.shard.number) }
        wishes.insert(Wish(shard: shard, news: news), at: place ?? wishes.endIndex)
    }

    /// What is to be given next, if there is room for it.
    var next: Grant? {
        guard let wish = wishes.first, given.allSatisfy({ $0 != nil }) else { return nil }
        let total = total
        guard total.frames == 0 || wish.news.wantedBytes <= limitBytes - total.bytes else { return nil }
        return Grant(shard: wish.shard, byteCount: wish.news.wantedBytes, number: wish.news.number)
    }

    mutating func charge(_ grant: Grant) {
        wishes.removeAll { $0.shard == grant.shard }
        let before = given[Int(grant.shard.number)] ?? .none
        given[Int(grant.shard.number)] = before + RoomAmount(bytes: grant.byteCount, frames: 1)
    }

    /// The shard to ask next for a frame that has come for too long: they take turns among those that have any. Nil while
    /// no wish is so old, and until the one asked before has looked.
    mutating func recall(wishesFrom oldest: Int64) -> ShardID? {
        guard recalledFrom == nil, let wish = wishes.first, wish.news.since <= oldest else { return nil }
        for step in given.indices {
            let place = (nextToRecall + step) % given.count
            guard let amount = given[place], amount.frames > 0 else { continue }
            nextToRecall = place + 1
            let shard = ShardID(UInt16(clamping: place))
            recalledFrom = shard
            return shard
        }
        return nil
    }

    mutating func looked(_ shard: ShardID) {
        if recalledFrom == shard { recalledFrom = nil }
    }

    /// Of all shards.
    var total: RoomAmount { given.reduce(.none) { $0 + ($1 ?? .none) } }

    func checkInvariants() throws(MachineFailure) {
        let total = total
        try invariant(
            total.bytes <= limitBytes || total.frames == 1,
            "large frames take no more than their room, or one takes it alone")
        for amount in given {
            guard let amount else { continue }
            try invariant(amount.frames > 0 || amount.bytes == 0, "room is given for frames")
        }
        for (place, wish) in wishes.enumerated() {
            try invariant(
                wishes[..<place].allSatisfy { $0.shard != wish.shard && $0.news.since <= wish.news.since },
                "a shard has one wish for room, and the oldest comes first")
        }
    }
}
