extension StepRegistry where Context: ~Copyable {
    /// Plays a scenario. The first step that does not pass ends it: those after it are skipped,
    /// except that undefined and ambiguous ones are still reported, so that one run names them
    /// all.
    public func run(_ pickle: Pickle, _ context: inout Context) -> ScenarioResult {
        var result = ScenarioResult(id: pickle.id, name: pickle.name)
        for step in pickle.steps {
            let outcome: StepOutcome
            switch resolve(step) {
            case .problem(let problem): outcome = problem
            case .found where !result.isPassed: outcome = .skipped
            case .found(let definition, let texts):
                outcome = perform(step, definition, texts, &context)
            }
            result.steps.append(StepResult(step: step, outcome: outcome))
        }
        return result
    }

    /// The steps that no definition or more than one would run, without running any: worth
    /// knowing before a long run.
    public func problems(in pickle: Pickle) -> [StepResult] {
        pickle.steps.compactMap { step in
            guard case .problem(let outcome) = resolve(step) else { return nil }
            return StepResult(step: step, outcome: outcome)
        }
    }

    private enum Resolution {
        case found(StepDefinition<Context>, [String])
        case problem(StepOutcome)
    }

    private func resolve(_ step: Pickle.Step) -> Resolution {
        let text = Array(step.text.unicodeScalars)
        guard text.count <= Limits.stepCharactersMax else {
            let message = "the step has more than \(Limits.stepCharactersMax) characters"
            return .problem(.failed(message: message))
        }
        var found: [(definition: StepDefinition<Context>, texts: [String])] = []
        for definition in definitions {
            if let texts = definition.expression.match(text) { found.append((definition, texts)) }
        }
        guard let first = found.first else { return .problem(.undefined(snippet: snippet(step))) }
        guard found.count == 1 else {
            return .problem(.ambiguous(definitions: found.map(\.definition.label)))
        }
        return .found(first.definition, first.texts)
    }

    private func perform(
        _ step: Pickle.Step, _ definition: StepDefinition<Context>, _ texts: [String],
        _ context: inout Context
    ) -> StepOutcome {
        do {
            let values = try zip(definition.expression.parameters, texts).map { type, text in
                try type.transform(text)
            }
            try definition.body(
                &context, StepArguments(values: values, arguments: step.arguments))
            return .passed
        } catch {
            return .failed(message: String(describing: error))
        }
    }
}

/// How one scenario went.
public struct ScenarioResult: Hashable, Sendable {
    public var id: ScenarioID
    public var name: String
    public var steps: [StepResult] = []

    /// Whether all steps passed; a scenario without steps passes.
    public var isPassed: Bool { steps.allSatisfy { $0.outcome == .passed } }
}

public struct StepResult: Hashable, Sendable {
    public var step: Pickle.Step
    public var outcome: StepOutcome
}

public enum StepOutcome: Hashable, Sendable {
    case passed
    case failed(message: String)
    /// A step before it did not pass.
    case skipped
    /// No definition matches; the snippet is one to paste.
    case undefined(snippet: String)
    /// More than one matches.
    case ambiguous(definitions: [String])
}

extension ScenarioResult: CustomStringConvertible {
    /// A line for the scenario and one per step, with reasons below.
    public var description: String {
        let lines = steps.map { result in
            "  \(id.file):\(result.step.location.line) \(result.step.text): \(result.outcome)"
        }
        return (["\(id) \(name): \(isPassed ? "passed" : "failed")"] + lines)
            .joined(separator: "\n")
    }
}

extension StepOutcome: CustomStringConvertible {
    public var description: String {
        switch self {
        case .passed: "passed"
        case .failed(let message): "failed: \(message)"
        case .skipped: "skipped"
        case .undefined(let snippet): "undefined; define it with:\n\n\(snippet)\n"
        case .ambiguous(let definitions):
            "ambiguous, these match:\n" + definitions.map { "    \($0)" }.joined(separator: "\n")
        }
    }
}
