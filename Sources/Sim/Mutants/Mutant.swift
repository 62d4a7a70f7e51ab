public import Platform

/// A bug that can be planted, and what is known of it.
///
/// The catalogue is data: a new bug is a case of `Mutation` with its line in the server, or of `Sabotage` with its line
/// in the world, and an entry in one of the lists.
public struct Mutant: Sendable, Equatable {
    /// How it is planted.
    public enum Plant: Sendable, Equatable {
        /// In the server.
        case mutation(Mutation)
        /// At the seam: the world breaks a promise.
        case sabotage(Sabotage)
    }

    /// What kind of mistake it is.
    public enum Family: String, CaseIterable, Sendable {
        case acknowledgement = "answer before it is safe"
        case wrongSync = "wrong file synced"
        case directory = "directory not synced"
        case rotation
        case visibility = "seen too early"
        case boundary = "off by one, boundaries"
        case index
        case tornTail = "torn tail, cut"
        case checksum
        case restart = "state over a restart"
        case recovery
        case removal
        case space = "no space"
        case shortWrite = "short or misplaced write"
        case syncError = "sync error"
        case errorMapped = "error told wrongly"
        case wakeup = "lost wake-up"
        case twice = "done twice"
        case time = "timestamps"
        case offsets = "consumer offsets"
        case catalog
        case mail
        case framing = "frame splitting"
        case access
        case cache = "stale cache"
        case reply = "a wrong field of a reply"
        case partitioning = "the wrong partition"
        case leak
        case stop
    }

    /// The worst that it does to a client.
    public enum Harm: String, CaseIterable, Sendable {
        /// Something that was acknowledged is gone.
        case loss
        /// Something is read that nobody wrote there, or was told has no effect.
        case corruption
        case duplicate
        case other

        /// Such a bug must be found, always.
        public var isGrave: Bool { self != .other }
    }

    public let plant: Plant
    public let family: Family
    public let harm: Harm
    public let sentence: String
    /// The historical bug that it re-creates.
    public let recreates: String?
    /// Why nothing that is promised can show it, if that is so: it is not hunted, and does not count.
    public let equivalence: String?
    /// No run shows it: it takes a comparison of several, under other circumstances.
    public let takesComparison: Bool
    /// Seeds draw what it takes too seldom, or never: this scenario has it.
    public let stage: Stage?

    /// A scenario of the sweep, and what happens at the disk in it, if anything; `sweep SCENARIO --refusals --mutant …`
    /// finds other points when the code has moved.
    public struct Stage: Equatable, Sendable {
        public let scenario: SweepScenario
        public let points: [DiskPoint]

        public init(_ scenario: SweepScenario, _ points: DiskPoint...) {
            self.scenario = scenario
            self.points = points
        }

        public var plan: Plan { Sweep(scenario).plan(points) }
    }

    /// Planted by `canary` too: the properties whose violation has to do with it.
    public let canary: [Property]?

    init(
        _ mutation: Mutation, _ family: Family, _ harm: Harm, _ sentence: String, recreates: String? = nil,
        canary: [Property]? = nil, equivalence: String? = nil
    ) {
        self.init(
            .mutation(mutation), family, harm, sentence, recreates: recreates, canary: canary, equivalence: equivalence)
    }

    init(comparison mutation: Mutation, _ family: Family, _ harm: Harm, _ sentence: String) {
        self.init(.mutation(mutation), family, harm, sentence, takesComparison: true)
    }

    init(_ mutation: Mutation, in stage: Stage, _ family: Family, _ harm: Harm, _ sentence: String) {
        self.init(.mutation(mutation), family, harm, sentence, stage: stage)
    }

    init(sabotage: Sabotage, _ family: Family, _ harm: Harm, _ sentence: String) {
        self.init(.sabotage(sabotage), family, harm, sentence)
    }

    private init(
        _ plant: Plant, _ family: Family, _ harm: Harm, _ sentence: String, recreates: String? = nil,
        canary: [Property]? = nil, equivalence: String? = nil, takesComparison: Bool = false, stage: Stage? = nil
    ) {
        self.plant = plant
        self.family = family
        self.harm = harm
        self.sentence = sentence
        self.recreates = recreates
        self.canary = canary
        self.equivalence = equivalence
        self.takesComparison = takesComparison
        self.stage = stage
    }

    /// As `--mutant` or `--sabotage` names it.
    public var id: String {
        switch plant {
        case .mutation(let mutation): "\(mutation)"
        case .sabotage(let sabotage): sabotage.rawValue
        }
    }

    /// What a lost write shows as.
    static let lossSeen: [Property] = [
        .lostWrite, .durabilityByClass, .endRegress, .onDisk, .inconsistentOffset, .finalScan, .consumerOffset,
    ]

    /// The world breaks a promise, and the server is as it is.
    public var isSabotage: Bool { if case .sabotage = plant { true } else { false } }

    /// The whole catalogue.
    public static let all: [Mutant] = storage + recovery + offsets + shards + sessions + room + seam

    /// Those that can be found.
    public static let hunted: [Mutant] = all.filter { $0.equivalence == nil }

    /// Of those, the ones that a single seed may find.
    public var isFoundBySeeds: Bool { !takesComparison && stage == nil }

    public static func named(_ id: String) -> Mutant? { all.first { $0.id == id } }

    /// The plan with this bug in it.
    public func planted(in plan: Plan) -> Plan {
        var plan = plan
        switch plant {
        case .mutation(let mutation): plan.mutation = mutation
        case .sabotage(let sabotage): plan.sabotage = sabotage
        }
        return plan
    }
}
