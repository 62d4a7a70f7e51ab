import Platform

// Mail between shards: first in, first out for each pair, and never to another life of the receiver than was meant.

extension Universe {
    /// The letter just put into the mailbox arrives after a while, and not before the one sent before it.
    func sendMail(from sender: Int, to receiver: Int) {
        let time = max(mailboxes[sender][receiver].lastArrival, clock.now + tape.latency(settings.mailLatency))
        mailboxes[sender][receiver].lastArrival = time
        happen(
            .mail, in: time - clock.now, actor: receiver, slot: UInt32(sender), generation: process.generation)
    }

    func deliverMail(from sender: Int, to receiver: Int, _ generation: UInt32) {
        guard generation == process.generation, let item = mailboxes[sender][receiver].next() else { return }
        switch item {
        case .lost(let lost):
            guard shards[receiver].cell != nil, shards[receiver].known[sender] < lost else { return }
            post(.shardLost(ShardID(UInt16(sender)), generation: lost), to: receiver)
        case .letter(let letter, let meant):
            guard shards[receiver].generation == meant, !shards[receiver].isDraining else {
                discard(from: sender, to: receiver)
                return
            }
            guard shards[receiver].cell != nil else {
                // Who heard of the loss may write to the next life before that begins.
                shards[receiver].early.append(.mail(from: ShardID(UInt16(sender)), letter))
                return
            }
            post(.mail(from: ShardID(UInt16(sender)), letter), to: receiver)
        }
    }

    /// A shard is lost: what it sent and nobody has read, and what was sent to it, is never read.
    func discardMail(of shard: Int) {
        for other in shards.indices where other != shard {
            for item in mailboxes[shard][other].takeAll() {
                switch item {
                case .letter: discard(from: shard, to: other)
                case .lost: mailboxes[shard][other].append(item)
                }
            }
            for item in mailboxes[other][shard].takeAll() {
                if case .letter = item { discard(from: other, to: shard) }
            }
        }
    }

    private func discard(from sender: Int, to receiver: Int) {
        shards[sender].desk?.unreadLetters[receiver] -= 1
    }
}
