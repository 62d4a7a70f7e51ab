import Foundation
import Gherkin
import Testing

/// The community's own test data, node numbers included.
@Suite struct `Gherkin conformance` {
    @Test func `there is test data to run`() {
        print(
            "gherkin conformance: \(ConformanceFiles.good.count) good files, "
                + "\(ConformanceFiles.bad.count) bad files")

        #expect(ConformanceFiles.good.count >= 31)
        #expect(ConformanceFiles.bad.count >= 8)
    }

    @Test(arguments: ConformanceFiles.good)
    func `a good file gives the expected tokens`(name: String) throws {
        let recorder = try Parser.run(
            ConformanceFiles.bytes(name), uri: name, building: TokenRecorder())

        let expected = try ConformanceFiles.text(name + ".tokens")
        #expect(recorder.text == expected)
    }

    @Test(arguments: ConformanceFiles.good)
    func `a good file gives the expected document`(name: String) throws {
        let document = try Document(parsing: ConformanceFiles.bytes(name), uri: name)

        let expected = try ConformanceFiles.values("gherkinDocument", in: name + ".ast.ndjson")
        #expect([MessageJSON.document(document, uri: ConformanceFiles.uri(name))] == expected)
    }

    @Test(arguments: ConformanceFiles.good)
    func `a good file gives the expected pickles`(name: String) throws {
        let document = try Document(parsing: ConformanceFiles.bytes(name), uri: name)

        let pickles = try document.pickles(uri: ConformanceFiles.uri(name))

        let expected = try ConformanceFiles.values("pickle", in: name + ".pickles.ndjson")
        #expect(pickles.map(MessageJSON.pickle) == expected)
    }

    @Test(arguments: ConformanceFiles.bad)
    func `a bad file gives every expected error`(name: String) throws {
        let bytes = try ConformanceFiles.bytes(name)

        let failure = #expect(throws: ParseFailure.self) {
            try Document(parsing: bytes, uri: name)
        }

        let expected = try ConformanceFiles.values("parseError", in: name + ".errors.ndjson")
        let errors = failure?.errors.map {
            MessageJSON.error($0, uri: ConformanceFiles.uri(name))
        }
        #expect(errors == expected)
    }

    @Test func `the keyword table is the community's`() throws {
        let bytes = try ConformanceFiles.bytes("gherkin-languages.json")

        let languages = try JSONDecoder().decode([String: Language].self, from: Data(bytes))

        #expect(Dialect.all.map(\.code) == languages.keys.sorted())
        for dialect in Dialect.all {
            #expect(Language(dialect) == languages[dialect.code])
        }
    }
}

/// A language of `gherkin-languages.json`.
private struct Language: Decodable, Equatable {
    var name: String
    var native: String
    var feature, background, rule, scenario, scenarioOutline, examples: [String]
    var given, when, then, and, but: [String]

    init(_ dialect: Dialect) {
        (name, native) = (dialect.name, dialect.nativeName)
        (feature, background, rule) = (dialect.feature, dialect.background, dialect.rule)
        (scenario, scenarioOutline) = (dialect.scenario, dialect.scenarioOutline)
        examples = dialect.examples
        (given, when, then) = (dialect.given, dialect.when, dialect.then)
        (and, but) = (dialect.and, dialect.but)
    }
}

/// Writes tokens as the `.tokens` files do: `(3:5)StepLine:(Context)Given /text/items`.
private struct TokenRecorder: TreeBuilder {
    var text = ""

    mutating func open(_ node: Node) {}
    mutating func close(_ node: Node) {}

    mutating func add(_ token: Token) {
        guard token.kind != .end else {
            text += "EOF\n"
            return
        }
        let keyword = token.keyword.map { "(\(token.keywordType?.rawValue ?? ""))\($0)" } ?? ""
        let items = token.items.map { "\($0.column):\($0.text)" }.joined(separator: ",")
        text += "(\(token.location))\(token.kind.rawValue):\(keyword)/\(token.text)/\(items)\n"
    }
}
