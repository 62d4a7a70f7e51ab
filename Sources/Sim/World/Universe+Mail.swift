import Platform

// Mail between shards: first in, first out for each pair, and never to another life of the receiver than was meant.

extension Universe {
    /// The letter just put into the mailbox arrives after a while, and not before the one sent before it.
    func sendMail(from sender: Int, to receiver: Int) {
        let latency = tape.latency(settings.mailLatency, .schedule) + disturbedMail(from: sender)
        let time = max(mailboxes[sender][receiver].lastArrival, clock.now + latency)
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
        case .letter(let letter, let meant, let writer):
            let mail = Inbox.Item(
                event: .mail(from: ShardID(UInt16(sender)), letter), operation: nil, writer: writer)
            guard shards[receiver].generation == meant, !shards[receiver].isDraining else {
                returnCredit(from: sender, to: receiver, writer)
                return
            }
            guard shards[receiver].cell != nil else {
                // Who heard of the loss may write to the next life before that begins.
                shards[receiver].early.append((sender, mail))
                return
            }
            post(mail, to: receiver)
        }
    }

    /// A shard is lost: what it sent and nobody has been given, and what was sent to it, is never read.
    func discardMail(of shard: Int) {
        for other in shards.indices where other != shard {
            for item in mailboxes[shard][other].takeAll() {
                if case .lost = item { mailboxes[shard][other].append(item) }
            }
            for item in mailboxes[other][shard].takeAll() {
                if case .letter(_, _, let writer) = item { returnCredit(from: other, to: shard, writer) }
            }
            shards[other].early.removeAll { $0.sender == shard }
        }
        for (sender, item) in shards[shard].early { returnCredit(from: sender, to: shard, item.writer) }
        shards[shard].early = []
    }

    /// A letter of this Machine is on its way no more.
    func returnCredit(from sender: Int, to receiver: Int, _ writer: UInt32) {
        guard let desk = shards[sender].desk, desk.generation == writer else { return }
        desk.unreadLetters[receiver] -= 1
    }
}
