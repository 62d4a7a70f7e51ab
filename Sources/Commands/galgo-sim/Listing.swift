import Platform
import Sim

// What there is: everything that a command line, a plan or a report may name.

/// Prints the catalogue.
func list(_ arguments: Arguments) {
    if arguments.isJSON { say(listingJSON) } else { say(listingText) }
}

private let sections: [(title: String, rows: [(name: String, text: String)])] = [
    ("faults", Fault.catalogue.map { ($0.id, "\($0.summary) (\($0.effect); ends \($0.ending))") }),
    ("families", Fault.Family.allCases.map { ($0.rawValue, "\($0.summary) (\(kindCount(of: $0)) kinds)") }),
    ("profiles", PlanGenerator.Profile.allCases.map { ($0.rawValue, $0.summary) }),
    ("mutants", Mutant.all.filter { !$0.isSabotage }.map { ($0.id, $0.sentence) }),
    ("sabotages", Mutant.all.filter(\.isSabotage).map { ($0.id, $0.sentence) }),
    ("ambushes", Ambush.allCases.map { ($0.rawValue, $0.summary) }),
    ("checkers", Property.allCases.map { ($0.rawValue, $0.isLiveness ? "exit 11" : "exit 10") } + otherCheckers),
    ("variants", Metamorphosis.Variant.allCases.map { ($0.rawValue, $0.summary) }),
    ("survivals", Survival.swept.map { ($0.rawValue, $0.summary) }),
    ("refusals", Refusal.allCases.map { ($0.rawValue, $0.summary) }),
    ("leaks", Leak.allCases.map { ($0.rawValue, $0.summary) }),
    ("marks", Mark.names.map { ($0, "") }),
    ("moments", Moment.Turn.allCases.map { ($0.rawValue, "") } + [("CLASS/KIND", "an IO of that class and kind begins")]),
    ("claims", Claim.catalogue.map { ($0.id, $0.kind.rawValue) }),
    ("io_classes", IOClass.allCases.map { ("\($0)", "") }),
    ("io_kinds", IOKind.allCases.map { ($0.rawValue, "") }),
]

/// What judges several runs, or the model itself.
private let otherCheckers = [
    ("determinism", "exit 12, verify: two runs of a seed have one trace"),
    ("metamorphic", "exit 10, metamorphic: variants of a plan leave the same"),
    ("conformance", "exit 70, conform: the disk model answers as this machine does"),
]

private func kindCount(of family: Fault.Family) -> Int { Fault.catalogue.count { $0.family == family } }

private var listingText: String {
    sections.map { title, rows in
        let width = (rows.map(\.name.count).max() ?? 0) + 2
        let lines = rows.map { name, text in
            text.isEmpty ? "  \(name)" : "  " + name + String(repeating: " ", count: width - name.count) + text
        }
        return (["\(title) (\(rows.count))"] + lines).joined(separator: "\n")
    }.joined(separator: "\n\n")
}

private var listingJSON: String {
    func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}"
    }
    let faults = Fault.catalogue.map {
        object([
            ("id", $0.id), ("family", $0.family.rawValue), ("summary", $0.summary), ("effect", $0.effect),
            ("ends", $0.ending),
        ])
    }
    let others = sections.dropFirst().map { title, rows in
        "\(quoted(title)):[" + rows.map { object([("id", $0.name), ("summary", $0.text)]) }.joined(separator: ",") + "]"
    }
    return "{\"faults\":[\(faults.joined(separator: ","))],\(others.joined(separator: ","))}"
}

/// No text here has a character that JSON writes otherwise, but for the quotation mark.
private func quoted(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
}
