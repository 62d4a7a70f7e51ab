import Sim

/// What the options make of a seed, and the options that make it again.
extension Arguments {
    var generator: PlanGenerator {
        var generator = PlanGenerator()
        generator.profile = profile
        let kinds = only?.filter { Fault.Family(rawValue: $0) == nil } ?? []
        generator.only = only?.compactMap { Fault.Family(rawValue: $0) }
        if !kinds.isEmpty { generator.onlyKinds = kinds }
        generator.without = without.compactMap { Fault.Family(rawValue: $0) }
        generator.withoutKinds = without.filter { Fault.Family(rawValue: $0) == nil }
        return generator
    }

    func plan(seed: UInt64) -> Plan {
        var plan = generator.plan(seed: seed)
        plan.mutation = mutation
        plan.sabotage = sabotage
        plan.ambush = ambush
        plan.leak = leak
        return plan
    }

    /// The options that choose the plans: the same for a worker, and for the line that reproduces a failure.
    var planOptions: [String] {
        var options: [String] = []
        if profile != .std { options += ["--profile", profile.rawValue] }
        if let only { options += ["--only", only.joined(separator: ",")] }
        if !without.isEmpty { options += ["--without", without.joined(separator: ",")] }
        return options + plantedOptions
    }

    /// The options that plant a bug.
    var plantedOptions: [String] {
        var options: [String] = []
        if let mutation { options += ["--mutant", "\(mutation)"] }
        if let sabotage { options += ["--sabotage", sabotage.rawValue] }
        if let ambush { options += ["--ambush", ambush.rawValue] }
        if let leak { options += ["--leak", leak.rawValue] }
        return options
    }

    /// Whether the runs are the ones that have to do a least amount of everything.
    var hasFloors: Bool {
        profile == .std && only == nil && without.isEmpty && plantedOptions.isEmpty
    }

    /// Whether the command plays seeds or scenarios rather than plans that are named.
    var playsSeeds: Bool {
        switch command {
        case .run, .verify, .marks, .canary, .metamorphic: true
        case .sweep: !listsOnly && !printsPlan
        case .mutants: !listsOnly
        // What they play they read first.
        case .replay, .shrink, .explain, .branch, .confirm, .report, .corpus: false
        case .rotation, .conform, .list, .help: false
        // They look at each one.
        case .worker, .planWorker, .sweepWorker, .orderWorker, .metamorphicWorker, .conformWorker: false
        }
    }

    /// The files that the command is to write in the end.
    var outputs: [String] { [outputPath, junitPath].compactMap { $0 } }

    func reproduction(of seed: UInt64) -> String {
        (["galgo-sim", "replay", "\(seed)"] + planOptions).joined(separator: " ")
    }
}
