import Platform
import Synchronization

extension Desk {
    /// Puts a letter into the receiver's box.
    func post(_ letter: Letter, to receiver: ShardID) throws(MachineFailure) {
        try invariant(
            receiver != shard && Int(receiver.number) < exchange.shardCount, "mail goes to another shard")
        if let lent = letter.lent { unsafe _ = try map.address(of: lent) }
        let envelope = Envelope(
            content: .letter(letter), senderGeneration: generation,
            receiverGeneration: knownGenerations[Int(receiver.number)])
        try invariant(
            exchange.mailbox(from: shard, to: receiver).append(envelope),
            "a mailbox has room for all that its credits allow")
        exchange.ports[Int(receiver.number)].wake()
    }

    func collectMail() {
        for other in exchange.ports where other.shard != shard {
            let box = exchange.mailbox(from: other.shard, to: shard)
            while let envelope = box.take() { deliver(envelope, from: other) }
        }
    }

    private func deliver(_ envelope: Envelope, from sender: ShardPort) {
        switch envelope.content {
        case .letter(let letter):
            // Neither what a dead Machine wrote nor what was meant for one.
            guard envelope.receiverGeneration == generation,
                envelope.senderGeneration == sender.generation.load(ordering: .acquiring)
            else { return }
            ready.append(.mail(from: sender.shard, letter))
        case .lost(let newGeneration):
            ready.append(.shardLost(sender.shard, generation: newGeneration))
            unsafe lossesQueued += 1
        }
    }

    /// The Machine is being told of a loss, or its next life is built on it: from now on letters are meant for the
    /// next life of the lost one.
    func learnLoss(_ lost: ShardID, _ newGeneration: UInt32) {
        unsafe lossesQueued -= 1
        knownGenerations[Int(lost.number)] = newGeneration
        unreleased.append(lost)
    }

    /// Tells lenders that died what nothing here uses any more. The Machine was told in an earlier round.
    func releaseLoans() {
        unreleased.removeAll { lender in
            let generation = knownGenerations[Int(lender.number)]
            guard !holds.usesLoans(of: lender, before: generation) else { return false }
            exchange.mailbox(from: lender, to: shard).released.store(generation, ordering: .releasing)
            return true
        }
    }

    /// Frees what a dead Machine had lent, once nobody can be reading it.
    func freeOrphans() {
        orphans.removeAll { generation, slots in
            let isReleased = exchange.ports.allSatisfy { other in
                other.shard == shard
                    || exchange.mailbox(from: shard, to: other.shard).released.load(ordering: .acquiring) >= generation
            }
            if isReleased { pool.free(orphans: slots) }
            return isReleased
        }
    }
}
