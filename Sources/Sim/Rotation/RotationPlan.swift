import Platform
import Primitives
public import Server

/// What happens to a log writer: its settings over several lives, lines, and how rough the world is.
public struct RotationPlan: Sendable {
    /// One process after the other writes the same log.
    struct Life: Sendable {
        var limits: LogArchives.Limits
        var checkInterval: Int64
        var backlogBytesMax: Int
    }

    /// How often each thing happens, in relation to the others; 0 for never.
    struct Weights: Sendable {
        var deliver: UInt64 = 0, timer: UInt64 = 0, complete: UInt64 = 0
        var fill: UInt64 = 0, forbid: UInt64 = 0, jump: UInt64 = 0, crash: UInt64 = 0, stop: UInt64 = 0
        var obstruct: UInt64 = 0
        /// Of a hundred operations on files so many fail once, or write a part.
        var failure: UInt64 = 0, short: UInt64 = 0
    }

    var lives: [Life]
    var lineCount: Int
    /// Lines that come together, at most.
    var linesTogether: Int
    var fillerMax: Int
    var weights: Weights
    /// How many disturbances there may be in all: with a path each is a choice at every step.
    var disturbancesMax = Int.max
    /// Archives that lie there before the first start, and microseconds between their last writes.
    var olderArchives = 0
    var olderPeriod: UInt64 = 0
    /// Wall clock at the beginning, microseconds.
    var startsAt: UInt64 = 1_770_977_308_000_000
    var mutation: LogMutation?

    /// What a seed means.
    public init(seed: UInt64, mutation: LogMutation? = nil) {
        var dice = PRNG(seed: seed, label: "rotation/plan")
        lives = (0...dice.next(below: 5)).map { _ in Self.life(&dice) }
        lineCount = dice.next(in: 20...400)
        linesTogether = dice.next(in: 1...12)
        fillerMax = dice.next(in: 0...80)
        weights = Weights(deliver: 30, timer: UInt64(dice.next(in: 1...20)), complete: UInt64(dice.next(in: 20...200)))
        // Each kind of trouble is there in half of the seeds.
        func rate(_ most: UInt64) -> UInt64 { dice.chance(1, in: 2) ? 1 + dice.next(below: most) : 0 }
        weights.fill = rate(4)
        weights.forbid = rate(3)
        weights.jump = rate(3)
        weights.crash = rate(2)
        weights.stop = rate(2)
        weights.obstruct = dice.chance(1, in: 8) ? 1 : 0
        weights.failure = rate(10)
        weights.short = rate(15)
        olderArchives = dice.chance(1, in: 3) ? dice.next(in: 1...8) : 0
        olderPeriod = dice.nextSkewed(below: 40_000_000)
        self.mutation = mutation
    }

    init(lives: [Life], lineCount: Int, weights: Weights, disturbancesMax: Int, mutation: LogMutation?) {
        self.lives = lives
        self.lineCount = lineCount
        linesTogether = 1
        fillerMax = 0
        self.weights = weights
        self.disturbancesMax = disturbancesMax
        self.mutation = mutation
    }

    private static func life(_ dice: inout PRNG) -> Life {
        let file: UInt64 = dice.chance(1, in: 8) ? 0 : UInt64(dice.next(in: 60...2_000))
        let total: UInt64 = dice.chance(1, in: 5) ? 0 : max(file, 100) * UInt64(dice.next(in: 1...7))
        let retention: UInt64 =
            switch dice.next(below: 4) {
            case 0: .max
            case 1: 100 * 31_557_600_000_000
            default: 1_000_000 + dice.nextSkewed(below: 200_000_000)
            }
        return Life(
            limits: LogArchives.Limits(fileBytes: file, totalBytes: total, retention: retention),
            checkInterval: Int64(dice.next(in: 1...20)) * 1_000_000_000, backlogBytesMax: dice.next(in: 2_000...20_000))
    }

    func settings(life: Int) -> LogWriter.Settings {
        let life = lives[min(life, lives.count - 1)]
        var settings = LogWriter.Settings()
        settings.limits = life.limits
        settings.checkInterval = life.checkInterval
        settings.backlogBytesMax = life.backlogBytesMax
        settings.mutation = mutation
        return settings
    }
}
