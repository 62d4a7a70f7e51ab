import Primitives

/// Which run is worth making next, given what the runs before it went through.
///
/// Every run tells which pairs of moments it went through, and where first. A pair whose second moment is a blow, such as
/// a kill soon after a file was begun, and that few runs have shown, is a place to branch from: the same way up to there,
/// then other decisions and other faults, most of them where few runs were struck so. What the branch shows counts like
/// any other run, so a search goes on from where it got to. One run in four is a fresh seed: else it would only ever
/// know the neighbourhood of its first ones.
///
/// It runs nothing itself. Trips are asked for in batches and their runs are told in the order of the trips, so that
/// the search depends on its first seed alone and not on the number of workers.
public struct Guide: Sendable {
    private var nextSeed: UInt64
    private var number: UInt32 = 0
    /// By code of a pair: the runs that went through it.
    private var runsWith = [UInt32](repeating: 0, count: MomentPair.count)
    /// By index of a moment: the runs that went through it.
    private var runsThrough = [UInt32](repeating: 0, count: Moment.count)
    private var runCount: UInt32 = 0
    private var points: [Point] = []
    /// Pairs that any run has shown.
    public private(set) var pairCount = 0

    /// A place to branch from.
    private struct Point {
        let trip: Trip
        let waypoint: Waypoint
        let pair: Int
        var tries: UInt32 = 0
    }

    /// One run in so many is a fresh seed.
    private static let freshOneIn: UInt32 = 4
    /// Places that one run adds, at most: the rarest.
    private static let pointsPerRun = 8
    private static let pointsMax = 2_048
    private static let branchesMax = 4
    /// What it is worth to strike where no run was struck so, against 1 where all were.
    private static let interestMax: UInt64 = 1_000
    /// Trips that are under way at once, whatever the number of workers.
    public static let batchCount = 8

    private let generator: PlanGenerator
    private var dice: PRNG

    public init(from seed: UInt64, by generator: PlanGenerator) {
        nextSeed = seed
        self.generator = generator
        dice = PRNG(seed: seed, label: "guide")
    }

    /// The next trips, as many as a batch has.
    public mutating func batch() -> [Trip] { (0..<Self.batchCount).map { _ in next() } }

    private mutating func next() -> Trip {
        number += 1
        var best: (place: Int, cost: UInt64)?
        for (place, point) in points.enumerated() {
            let cost = UInt64(runsWith[point.pair]) * UInt64(point.tries + 1)
            // Of two that are as rare the later one: it lies deeper.
            if cost <= best?.cost ?? .max { best = (place, cost) }
        }
        guard let best, number % Self.freshOneIn != 0 else {
            nextSeed &+= 1
            return Trip(seed: nextSeed &- 1)
        }
        points[best.place].tries += 1
        let point = points[best.place]
        let struck = runsWith
        let faults = generator.chain(
            from: point.waypoint, targets, of: generator.plan(seed: point.trip.seed), &dice
        ) { moment, turn in
            // The fewer runs were struck so, the more it is worth.
            guard let turn else { return 1 }
            return 1 + Self.interestMax / UInt64(1 + struck[MomentPair(moment, .turn(turn)).code])
        }
        return point.trip.turning(Branch(at: point.waypoint, number: number), into: faults)
    }

    /// Every moment that a quarter of the runs or more went through: what is rarer would hardly come again to be struck.
    private var targets: [Moment] {
        runsThrough.indices.filter { runsThrough[$0] * 4 >= runCount && runsThrough[$0] > 0 }.map { Moment(index: $0) }
    }

    /// What the run of a trip showed. Of its pairs those behind the last branch are its own, and behind the healing of
    /// all faults nothing can strike any more.
    public mutating func learn(_ trip: Trip, _ sightings: Sightings) {
        for sighting in sightings.pairs {
            if runsWith[sighting.pair.code] == 0 { pairCount += 1 }
            runsWith[sighting.pair.code] += 1
        }
        runCount += 1
        var isPassed = [Bool](repeating: false, count: Moment.count)
        for sighting in sightings.pairs { isPassed[sighting.pair.second.index] = true }
        for index in isPassed.indices where isPassed[index] { runsThrough[index] += 1 }
        guard trip.branches.count < Self.branchesMax else { return }
        let own = sightings.pairs.prefix(sightings.countBeforeHeal).dropFirst(sightings.countBeforeBranch)
            .filter { $0.pair.second.isBlow }
        let rarest = own.enumerated().sorted {
            let (left, right) = (runsWith[$0.element.pair.code], runsWith[$1.element.pair.code])
            return left == right ? $0.offset < $1.offset : left < right
        }
        points += rarest.prefix(Self.pointsPerRun).map { _, sighting in
            Point(trip: trip, waypoint: sighting.waypoint, pair: sighting.pair.code)
        }
        if points.count > Self.pointsMax { forgetCommonest() }
    }

    private mutating func forgetCommonest() {
        let costs = points.map { UInt64(runsWith[$0.pair]) * UInt64($0.tries + 1) }
        let order = points.indices.sorted { costs[$0] == costs[$1] ? $0 > $1 : costs[$0] < costs[$1] }
        points = order.prefix(Self.pointsMax / 2).sorted().map { points[$0] }
    }
}

/// The pairs of moments of one run, in the order in which they came.
public struct Sightings: Equatable, Sendable {
    public struct Sighting: Equatable, Sendable {
        public let pair: MomentPair
        /// The count of the second moment then.
        public let nth: UInt32

        public var waypoint: Waypoint { Waypoint(pair.second, nth: nth) }
    }

    public var pairs: [Sighting] = []
    /// Those that had come when the run took its last branch.
    public var countBeforeBranch = 0
    /// Those that had come when all faults were over.
    public var countBeforeHeal = 0

    public init() {}
}

extension Sightings {
    /// Numbers of this build: the counts before the branch and the healing, then code and count of each pair.
    public var text: String {
        pairs.reduce(into: "\(countBeforeBranch) \(countBeforeHeal)") { text, sighting in
            text += " "
            text += String(sighting.pair.code)
            text += "."
            text += String(sighting.nth)
        }
    }

    public init?(text: some StringProtocol) {
        let words = text.split(separator: " ")
        let counts = words.prefix(2).compactMap { Int($0) }
        guard counts.count == 2 else { return nil }
        (countBeforeBranch, countBeforeHeal) = (counts[0], counts[1])
        for word in words.dropFirst(2) {
            let parts = word.split(separator: ".")
            guard parts.count == 2, let code = Int(parts[0]), let pair = MomentPair(code: code),
                let nth = UInt32(parts[1])
            else { return nil }
            pairs.append(Sighting(pair: pair, nth: nth))
        }
    }
}
