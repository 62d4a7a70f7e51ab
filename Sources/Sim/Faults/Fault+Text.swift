public import Platform

// Faults as lines of a plan: `fault <family> <parameters> when <trigger> for <duration>`. Times are in microseconds.

extension Fault {
    /// The line without its first word; `init?(text:)` reads it back.
    public var text: String {
        "\(kind.word)\(kind.text) when \(trigger.text) for \(duration / 1_000)us"
    }

    public init?(text: some StringProtocol) {
        let words: [String] = text.split { $0 == " " }.map { String($0) }
        guard let when = words.firstIndex(of: "when"), let until = words.lastIndex(of: "for"), when < until,
            when > 0, until + 2 == words.count, let kind = Kind(words[0], Array(words[1..<when])),
            let trigger = Trigger(Array(words[when + 1..<until])), let duration = nanoseconds(words[until + 1])
        else { return nil }
        self.init(kind, when: trigger, for: duration)
    }
}

extension Fault.Kind {
    /// The first word of a fault's line.
    var word: String {
        switch self {
        case .disturbance(let disturbance): disturbance.name.rawValue
        case .diskFull: Fault.Family.diskFull.rawValue
        case .shardPanic: Fault.Family.shardPanic.rawValue
        case .smtOversubscription: Fault.Family.smtOversubscription.rawValue
        case .rotationRace: Fault.Family.rotationRace.rawValue
        case .processKill: Fault.Family.processKill.rawValue
        case .powerCut: Fault.Family.powerCut.rawValue
        case .syncFails: Fault.Family.syncFails.rawValue
        case .slowIO: Fault.Family.slowIO.rawValue
        case .shardStall: Fault.Family.shardStall.rawValue
        case .clockStep: Fault.Family.clockStep.rawValue
        case .connectionReset: Fault.Family.connectionReset.rawValue
        }
    }

    /// The parameters, each with a space before it.
    var text: String {
        switch self {
        case .diskFull(let mode, let freeBlocks): " \(mode.rawValue) \(freeBlocks)"
        case .shardPanic(let shard): shard.map { " \($0.number)" } ?? " here"
        case .smtOversubscription(let percent, let quota): " \(percent) \(quota.map { "\($0 / 1_000)us" } ?? "none")"
        case .rotationRace(let action): " \(action.rawValue)"
        case .processKill(let delay), .powerCut(let delay): " \(delay / 1_000)us"
        case .syncFails(let ioClass, let count): " \(ioClass.text) \(count)"
        case .slowIO(let factor): " \(factor)"
        case .shardStall(let shard): " \(shard.number)"
        case .clockStep(let microseconds): " \(microseconds)us"
        case .connectionReset(let nth): " \(nth)"
        case .disturbance(let disturbance): disturbance.text
        }
    }

    fileprivate init?(_ word: String, _ words: [String]) {
        if let name = Disturbance.Name(rawValue: word) {
            guard let disturbance = Disturbance(name, words) else { return nil }
            self = .disturbance(disturbance)
        } else {
            guard let family = Fault.Family(rawValue: word) else { return nil }
            self.init(family, words)
        }
    }

    private init?(_ family: Fault.Family, _ words: [String]) {
        func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
        switch family {
        case .diskFull:
            guard let mode = Fault.FullMode(rawValue: word(0)), let blocks = Int(word(1)) else { return nil }
            self = .diskFull(mode, freeBlocks: blocks)
        case .shardPanic:
            if word(0) == "here" {
                self = .shardPanic(nil)
            } else {
                guard let shard = UInt16(word(0)) else { return nil }
                self = .shardPanic(ShardID(shard))
            }
        case .smtOversubscription:
            guard let percent = Int64(word(0)), percent > 0 else { return nil }
            if word(1) == "none" {
                self = .smtOversubscription(siblingPercent: percent, quotaPerPeriod: nil)
            } else {
                guard let quota = nanoseconds(word(1)) else { return nil }
                self = .smtOversubscription(siblingPercent: percent, quotaPerPeriod: quota)
            }
        case .rotationRace:
            guard let action = Fault.RaceAction(rawValue: word(0)) else { return nil }
            self = .rotationRace(action)
        case .processKill:
            guard let delay = nanoseconds(word(0)) else { return nil }
            self = .processKill(restartIn: delay)
        case .powerCut:
            guard let delay = nanoseconds(word(0)) else { return nil }
            self = .powerCut(restartIn: delay)
        case .syncFails:
            guard let ioClass = IOClass(text: word(0)), let count = Int(word(1)) else { return nil }
            self = .syncFails(ioClass, count: count)
        case .slowIO:
            guard let factor = Int64(word(0)), factor > 0 else { return nil }
            self = .slowIO(factor: factor)
        case .shardStall:
            guard let shard = UInt16(word(0)) else { return nil }
            self = .shardStall(ShardID(shard))
        case .clockStep:
            guard let step = nanoseconds(word(0)) else { return nil }
            self = .clockStep(microseconds: step / 1_000)
        case .connectionReset:
            guard let nth = UInt32(word(0)) else { return nil }
            self = .connectionReset(nth: nth)
        case .diskError, .shortage, .diskTime, .medium, .network, .timing, .memory, .processor, .crash, .stop, .mail:
            return nil
        }
    }
}

extension Disturbance {
    /// Strength and target, each with a space before it; a class of files by its name.
    fileprivate var text: String {
        guard case .file = name.row.target else { return " \(strength) \(target)" }
        return " \(strength) \(ioClass?.text ?? "")"
    }

    fileprivate init?(_ name: Name, _ words: [String]) {
        guard words.count == 2, let strength = Int64(words[0]) else { return nil }
        if case .file = name.row.target {
            guard let ioClass = IOClass(text: words[1]) else { return nil }
            self.init(name, strength: strength, target: UInt32(ioClass.rawValue))
        } else {
            guard let target = UInt32(words[1]) else { return nil }
            self.init(name, strength: strength, target: target)
        }
    }
}

extension Fault.Trigger {
    var text: String {
        switch self {
        case .at(let time): "at \(time / 1_000)us"
        case .io(let ioClass, let kind, let nth): "io \(ioClass.text) \(kind.rawValue) \(nth)"
        case .mark(let mark, let nth): "mark \(mark.text) \(nth)"
        case .event(let shard, let nth): "event \(shard.number) \(nth)"
        case .after(let waypoint, let steps): "after \(waypoint.moment.text) \(waypoint.nth) \(steps)"
        case .then(let moment, let steps): "then \(moment?.text ?? "any") \(steps)"
        case .felt(let steps): "felt \(steps)"
        case .spare: "spare"
        }
    }

    init?(_ words: [String]) {
        switch (words.first, words.count) {
        case ("at", 2):
            guard let time = nanoseconds(words[1]) else { return nil }
            self = .at(time)
        case ("io", 4):
            guard let ioClass = IOClass(text: words[1]), let kind = IOKind(rawValue: words[2]),
                let nth = UInt32(words[3])
            else { return nil }
            self = .io(ioClass, kind, nth: nth)
        case ("mark", 3):
            guard let mark = Mark(text: words[1]), let nth = UInt32(words[2]) else { return nil }
            self = .mark(mark, nth: nth)
        case ("event", 3):
            guard let shard = UInt16(words[1]), let nth = UInt32(words[2]) else { return nil }
            self = .event(ShardID(shard), nth: nth)
        case ("after", 4):
            guard let moment = Moment(text: words[1]), let nth = UInt32(words[2]), let steps = UInt32(words[3]) else {
                return nil
            }
            self = .after(Waypoint(moment, nth: nth), steps: steps)
        case ("then", 3):
            let moment = Moment(text: words[1])
            guard moment != nil || words[1] == "any", let steps = UInt32(words[2]) else { return nil }
            self = .then(moment, steps: steps)
        case ("felt", 2):
            guard let steps = UInt32(words[1]) else { return nil }
            self = .felt(steps: steps)
        case ("spare", 1): self = .spare
        default: return nil
        }
    }
}

/// `1500us` as nanoseconds.
func nanoseconds(_ text: String) -> Int64? {
    guard text.hasSuffix("us"), let micros = Int64(text.dropLast(2)), micros.magnitude < Int64.max / 1_000 else {
        return nil
    }
    return micros * 1_000
}

extension IOClass {
    /// The case's name: plans refer to it.
    var text: String { "\(self)" }
    init?(text: String) {
        guard let found = Self.allCases.first(where: { $0.text == text }) else { return nil }
        self = found
    }
}

extension Mark {
    /// The case's name: plans refer to it.
    public var text: String { "\(self)" }
    public init?(text: String) {
        guard let found = Self.allCases.first(where: { $0.text == text }) else { return nil }
        self = found
    }
}
