import Foundation
import Gherkin
import Testing

/// The scenarios of `features/`, in the order of their files' names: what each test of this folder plays.
enum Features {
    static var all: [Scenario] { loaded.scenarios }

    /// What is to be played: all, or those whose id and name contain `GALGO_SCENARIO` of the environment.
    static let scenarios: [Scenario] = {
        let wanted = ProcessInfo.processInfo.environment["GALGO_SCENARIO"]
        return all.filter { scenario in wanted.map { scenario.description.contains($0) } ?? true }
    }()

    /// What cannot be read; a test of its own fails for it.
    static var problems: [String] { loaded.problems }

    private static let loaded = load()

    private static func load() -> (scenarios: [Scenario], problems: [String]) {
        // Tests/BDD/Features.swift → the package.
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let root = package.appendingPathComponent("features")
        let names = (FileManager.default.enumerator(atPath: root.path)?.allObjects ?? []).compactMap { $0 as? String }
        var scenarios: [Scenario] = []
        var problems: [String] = []
        for name in names.filter({ $0.hasSuffix(".feature") }).sorted() {
            do {
                let bytes = [UInt8](try Data(contentsOf: root.appendingPathComponent(name)))
                let document = try Document(parsing: bytes, uri: "features/\(name)")
                scenarios += try document.pickles(uri: "features/\(name)").map { Scenario(pickle: $0) }
            } catch {
                problems.append("features/\(name): \(error)")
            }
        }
        return (scenarios, problems)
    }
}

/// One scenario as the argument of a test, named by where it stands and what it is called.
struct Scenario: Sendable, CustomStringConvertible {
    let pickle: Pickle

    var description: String { "\(pickle.id) \(pickle.name)" }

    /// The fault that the scenario is about, from its tag `@fault:NAME`. Its own steps bring it about.
    var fault: String? {
        pickle.tags.lazy.map(\.name).first { $0.hasPrefix("@fault:") }.map { String($0.dropFirst("@fault:".count)) }
    }

    /// What it takes cannot be had on the machine of a test: it is played in the simulator alone.
    var isSimulated: Bool { pickle.tags.contains { $0.name == "@simulated" } }
}
