import Sim

// What `sweep` is asked for.

extension Arguments {
    /// Scenarios by name, each once.
    func checkScenarios() throws(Problem) {
        let known =
            interleaving == nil ? SweepScenario.allCases.map(\.rawValue) : InterleavingScenario.allCases.map(\.rawValue)
        for (place, name) in scenarios.enumerated() {
            guard known.contains(name) else {
                throw Problem(text: "no scenario '\(name)' of \(interleaving == nil ? "crashes" : "orders") (--list)")
            }
            guard !scenarios[..<place].contains(name) else { throw Problem(text: "\(name) is given twice") }
        }
    }

    /// The same of `rotation`.
    func checkRotationScenarios() throws(Problem) {
        for (place, name) in scenarios.enumerated() {
            guard RotationScenario(rawValue: name) != nil else { throw Problem(text: "no scenario '\(name)' of rotation (--list)") }
            guard !scenarios[..<place].contains(name) else { throw Problem(text: "\(name) is given twice") }
        }
    }

    /// How `sweep` explores orders.
    enum Interleave {
        /// All with at most so many departures from the order of time.
        case atMost(Int)
        case all
        case schedule(DecisionPath)

        /// Departures; nil for any number.
        var bound: Int? { if case .atMost(let count) = self { count } else { nil } }
    }

    static func interleave(_ text: String) throws(Problem) -> Interleave {
        text == "all" ? .all : .atMost(try number(Option.interleave.rawValue, text))
    }

    func interleaving(_ scenario: InterleavingScenario) -> Interleaving {
        var interleaving = Interleaving(scenario)
        interleaving.mutation = mutation
        interleaving.sabotage = sabotage
        return interleaving
    }

    func sweep(_ scenario: SweepScenario) -> Sweep {
        var sweep = Sweep(scenario)
        sweep.mutation = mutation
        sweep.sabotage = sabotage
        return sweep
    }

    var sweepKind: Sweep.Kind { refuses ? .refusals : .crashes }

    /// The options that a worker of a sweep needs beside the scenario.
    var sweepOptions: [String] {
        (refuses ? [Option.refusals.rawValue] : [])
            + (nesting == .sampled ? [] : ["--nested", nesting.rawValue]) + plantedOptions
    }
}
