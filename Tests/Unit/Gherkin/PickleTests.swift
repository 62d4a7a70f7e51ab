import Gherkin
import Testing

@Suite struct `Gherkin pickles` {
    private func pickles(_ text: String) throws -> [Pickle] {
        try Document(parsing: Array(text.utf8), uri: "x.feature").pickles(uri: "x.feature")
    }

    @Test func `a scenario is named by file, line and row of examples`() throws {
        let pickles = try pickles(
            """
            Feature: f
              Scenario: one
                Given a
              Scenario Outline: two <n>
                Given <n>
                Examples:
                  | n |
                  | 1 |
                  | 2 |
                Examples:
                  | n |
                  | 3 |
            """)

        #expect(
            pickles.map(\.id.description) == [
                "x.feature:2", "x.feature:4#1", "x.feature:4#2", "x.feature:4#3",
            ])
        #expect(pickles.map(\.name) == ["one", "two 1", "two 2", "two 3"])
        #expect(pickles[3].location == Location(line: 12, column: 7))
    }

    @Test func `tags are inherited from the outside in`() throws {
        let pickles = try pickles(
            """
            @f
            Feature: f
              @r
              Rule: r
                @s
                Scenario: s
                  Given <a>
                  @e
                  Examples:
                    | a |
                    | 1 |
            """)

        #expect(pickles.map { $0.tags.map(\.name) } == [["@f", "@r", "@s", "@e"]])
    }

    @Test func `a step knows its type and where it is written`() throws {
        let pickles = try pickles(
            """
            Feature: f
              Background:
                Given a
              Scenario: s
                And b
                When c
                But d
                * e
            """)

        #expect(
            pickles[0].steps.map(\.type) == [.context, .context, .action, .action, .unknown])
        #expect(pickles[0].steps.map(\.location.line) == [3, 5, 6, 7, 8])
    }

    @Test func `examples fill names, steps, tables and doc strings`() throws {
        let pickles = try pickles(
            #"""
            Feature: f
              Scenario: s
                Given <a> and <b>
                  | <a> | x\|<b> |
                Then it holds
                  """<b>
                  <a><a> <c>
                  """
                Examples:
                  | a   | b |
                  | <b> | 2 |
            """#)

        #expect(pickles[0].steps[0].text == "2 and 2")
        #expect(pickles[0].steps[0].arguments == [.table(Table(rows: [["2", "x|2"]]))])
        #expect(
            pickles[0].steps[1].arguments
                == [.docString(Pickle.Text(mediaType: "2", content: "22 <c>"))])
    }

    @Test func `examples that grow without bound are refused`() throws {
        // Each column doubles the one before it: thirty columns ask for a billion bytes.
        let names = (0..<30).map { "c\($0)" }
        let values = (1...30).map { "<c\($0)><c\($0)>" }
        let text = """
            Feature: f
              Scenario: s
                Given <c0>
                Examples:
                  | \(names.joined(separator: " | ")) |
                  | \(values.joined(separator: " | ")) |
            """

        let failure = #expect(throws: ParseFailure.self) { try pickles(text) }

        #expect(
            failure?.errors.map(\.description) == [
                "(3:5): too large: examples need more than \(Limits.pickleBytesMax) bytes"
            ])
    }

    @Test func `a name that almost matches everywhere is refused`() throws {
        func openings(_ count: Int) -> String { String(repeating: "<", count: count) }
        let rows = String(repeating: "      | 1 |\n", count: 100)
        let text = """
            Feature: f
              Scenario: s
                Given \(openings(4000))
                Examples:
                  | \(openings(2000)) |
            \(rows)
            """

        #expect(throws: ParseFailure.self) { try pickles(text) }
    }

    @Test func `a table gives records and named values`() {
        let table = Table(rows: [["name", "partitions"], ["orders", "3"]])

        #expect(table.records.map { $0["partitions"] } == ["3"])
        #expect(table.records[0]["absent"] == nil)
        #expect(table["orders"] == "3")
        #expect(table["absent"] == nil)
    }
}
