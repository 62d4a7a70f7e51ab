import Gherkin

/// Pickles for tests of the step library.
enum Play {
    /// A scenario `s` on line 2 of `x.feature` with these steps, all of them `Given`.
    static func pickle(_ steps: [String]) throws -> Pickle {
        try pickle(feature: steps.map { "Given " + $0 }.joined(separator: "\n"))
    }

    /// A scenario `s` on line 2 of `x.feature` that goes on with this text.
    static func pickle(feature steps: String) throws -> Pickle {
        let text = "Feature: f\nScenario: s\n" + steps
        let document = try Document(parsing: Array(text.utf8), uri: "x.feature")
        return try document.pickles(uri: "x.feature")[0]
    }
}
