import Platform

/// The other shards: who is there, and how many requests each still owes an answer.
struct Peers {
    private struct Peer {
        var unanswered = 0
        /// Serving or about to: gets changes of the catalog and questions for facts.
        var isJoined = false
        var isRecovered = false
    }

    private var peers: [Peer]
    let own: ShardID

    private let sessionCredits: Int

    /// `sessionCredits`: of each other shard, those that sessions may use.
    init(count: UInt16, own: ShardID, sessionCredits: Int) {
        self.sessionCredits = sessionCredits
        peers = Array(repeating: Peer(), count: Int(count))
        self.own = own
    }

    /// Every shard but this one, ascending.
    var others: [ShardID] { peers.indices.map { ShardID(UInt16($0)) }.filter { $0 != own } }
    var joined: [ShardID] { others.filter { peers[Int($0.number)].isJoined } }
    var areAllRecovered: Bool { others.allSatisfy { peers[Int($0.number)].isRecovered } }

    func isJoined(_ shard: ShardID) -> Bool { peers[Int(shard.number)].isJoined }

    func hasCredit(_ shard: ShardID, reserved: Bool = false) -> Bool {
        let limit = reserved ? MailLimits.requestCredits : sessionCredits
        return shard == own || peers[Int(shard.number)].unanswered < limit
    }

    mutating func asked(_ shard: ShardID) throws(MachineFailure) {
        try invariant(peers[Int(shard.number)].unanswered < MailLimits.requestCredits, "a request has a credit")
        peers[Int(shard.number)].unanswered += 1
    }

    mutating func answered(_ shard: ShardID) throws(MachineFailure) {
        try invariant(peers[Int(shard.number)].unanswered > 0, "an answer has a request")
        peers[Int(shard.number)].unanswered -= 1
    }

    mutating func join(_ shard: ShardID) { peers[Int(shard.number)].isJoined = true }
    mutating func recover(_ shard: ShardID) { peers[Int(shard.number)].isRecovered = true }

    /// It owes nothing any more and has to begin again.
    mutating func lose(_ shard: ShardID) { peers[Int(shard.number)] = Peer() }

    func checkInvariants() throws(MachineFailure) {
        for peer in peers {
            try invariant((0...MailLimits.requestCredits).contains(peer.unanswered), "credits are counted")
        }
    }
}
