import Platform
import Primitives
import Verifier
import Wire

// When all is settled and nobody else is there, everything that a client can ask for is asked for. What the answers must
// be follows from the last scan, from what is asked, and from the protocol.

extension Run {
    func askQuestions() -> Bool {
        // A crash point has its judgement behind it, and where memory is short an answer may be shorter than asked for.
        guard plan.diskPoints.isEmpty, plan.memoryLimitBytes == nil else { return true }
        enter("questions")
        guard run(within: bounds.stop, until: { universe.openPeerCount == 0 }) else { return false }
        let idlers = [Idler(saying: []), Idler(saying: [40, 0])]
        let began = universe.clock.now
        for idler in idlers { idler.join(universe) }
        return question() && welcomeGuest() && slowDown() && sendAway(idlers, since: began)
    }

    /// Requests without waiting for answers, and an end that leaves the answers to come.
    private func welcomeGuest() -> Bool {
        guard let guest = Guest(account: "iggy", stream: "guest") else { return false }
        guest.join(universe)
        let isOver = run(within: bounds.recovery) { guest.isOver }
        for finding in guest.findings {
            oracle.holds(.answers, finding == nil, finding ?? "", law: "pipelined", at: universe.clock.now)
        }
        oracle.holds(
            .answers, guest.isAnswered || self.isOver, "who asks for all at once gets \(guest.state)", law: "pipelined",
            at: universe.clock.now)
        return isOver && !self.isOver
    }

    private func question() -> Bool {
        var dice = PRNG(seed: plan.seed, label: "questions")
        let bystanders = universe.shards.indices.map { Bystander(through: ShardID(UInt16($0))) }
        for bystander in bystanders { bystander.join(universe, in: 0) }
        guard run(within: bounds.recovery, until: { bystanders.allSatisfy { $0.record != nil } }) else { return false }
        let topics = knownTopics
        let questioner = Questioner(stamp: plan.stamp, oracle: oracle)
        questioner.wantedShard = ShardID(UInt16(dice.next(below: universe.shards.count)))
        questioner.askForServer(bystanders.compactMap(\.record), topics, place.stream, segmentFileCount: segmentFileCount)
        let asked = topics.prefix(1) + topics.dropFirst().filter { $0.messageCount > 0 }.prefix(1)
        for topic in asked {
            let partition = dice.next(below: topic.logs.count)
            questioner.askForMessages(of: topic, partition, &dice)
            questioner.askForOffsets(of: topic, partition)
            questioner.askForMissing(topic)
        }
        questioner.askForTopics(since: universe.clock.wall.micros, in: universe)
        questioner.askForStream(topics, place.stream)
        questioner.join(universe, in: 0)
        let isThrough = run(within: bounds.recovery) { questioner.isFinished }
        oracle.holds(
            .liveness, isThrough || isOver, "no answer to \(questioner.state)", at: universe.clock.now)
        for bystander in bystanders { bystander.finish(in: universe) }
        return isThrough
    }

    /// Who guesses a password waits longer and longer; nobody else does.
    private func slowDown() -> Bool {
        for attempts in [Guesser.guesses, Guesser.knowledge] {
            let guesser = Guesser(attempts, through: ShardID(0))
            guesser.join(universe)
            guard run(within: bounds.recovery, until: { guesser.isFinished }) else { return false }
            for finding in guesser.findings {
                oracle.holds(.answers, finding == nil, finding ?? "", law: "logins", at: universe.clock.now)
            }
        }
        return !isOver
    }

    /// Who says nothing, or only the beginning of something, is sent away.
    private func sendAway(_ idlers: [Idler], since began: Int64) -> Bool {
        let bound = began + Self.idleMax - universe.clock.now
        let isDone = run(within: max(0, bound)) { idlers.allSatisfy(\.isOver) }
        oracle.holds(
            .liveness, isDone || isOver, "who says nothing still has its connection after \(Self.idleMax / second) s",
            law: "who says nothing is sent away", at: universe.clock.now)
        return isDone && !isOver
    }

    /// More than a first frame may take to come.
    private static let idleMax = 15 * second

    /// What the last scan has found, by topic.
    private var knownTopics: [KnownTopic] {
        let messages = Dictionary(logs.map { ($0.partition, $0.messages) }, uniquingKeysWith: { first, _ in first })
        return places.map { place in KnownTopic(path: place.path, logs: place.partitions.map { messages[$0] ?? [] }) }
    }

    /// Files of segments, less the partitions that have any: one without a file counts as one segment all the same.
    private var segmentFileCount: Int {
        let counts = universe.disk.directories().filter { $0.hasPrefix("partitions/") }.map { directory in
            universe.disk.names(in: directory).count { $0.hasSuffix(".log") && $0 != "offsets.log" }
        }
        return counts.reduce(0, +) - counts.count { $0 > 0 }
    }
}

extension Disk {
    /// Where the logs of a topic end if the power goes out now and leaves only what is synced, by partition.
    func durableEnds(_ topic: String, in stream: String) -> [UInt64] {
        let verdict = verify(DiskImage(durable: self), Options(.crashed, hasLostPower: true))
        let found = verdict.catalog.streams.first { $0.name == stream }
        let topic = found?.topics.first { $0.name == topic }
        return verdict.partitions.filter { $0.stream == found?.id && $0.topic == topic?.id }
            .sorted { $0.partition < $1.partition }.map(\.endOffset)
    }
}
