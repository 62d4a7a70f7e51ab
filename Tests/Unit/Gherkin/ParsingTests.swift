import Gherkin
import Testing

@Suite struct `Gherkin parsing` {
    private func errors(_ text: String) -> [String] {
        errors(Array(text.utf8))
    }

    private func errors(_ bytes: [UInt8]) -> [String] {
        do throws(ParseFailure) {
            _ = try Document(parsing: bytes, uri: "x.feature")
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test func `an empty file has no feature and no pickles`() throws {
        let document = try Document(parsing: [], uri: "x.feature")

        #expect(document.feature == nil)
        #expect(try document.pickles(uri: "x.feature").isEmpty)
    }

    @Test func `every error of a file is reported with its place`() {
        let text = """
            Feature: f
              Scenario: s
                Given a table
                  | a | b |
                  | a |
            oops
                Given a step
            again
              @a b
            """

        #expect(
            errors(text) == [
                "(6:1): expected: #EOF, #TableRow, #DocStringSeparator, #StepLine, #TagLine, "
                    + "#ExamplesLine, #ScenarioLine, #RuleLine, #Comment, #Empty, got 'oops'",
                "(5:7): inconsistent cell count within the table",
                "(8:1): expected: #EOF, #TableRow, #DocStringSeparator, #StepLine, #TagLine, "
                    + "#ExamplesLine, #ScenarioLine, #RuleLine, #Comment, #Empty, got 'again'",
                "(9:3): A tag may not contain whitespace",
                "(9:3): expected: #EOF, #TableRow, #DocStringSeparator, #StepLine, #TagLine, "
                    + "#ExamplesLine, #ScenarioLine, #RuleLine, #Comment, #Empty, got '@a b'",
            ])
    }

    @Test func `errors stop at the limit`() {
        let text = String(repeating: "oops\n", count: 100)

        #expect(errors(text).count == Limits.errorsMax)
    }

    @Test func `bytes that are not UTF-8 are an error with a place`() {
        let bytes = Array("Feature: f\n  Scenario: ".utf8) + [0xC3, 0x28, 0xFF]

        #expect(errors(bytes) == ["(2:13): not valid UTF-8"])
    }

    @Test func `a byte order mark is skipped`() throws {
        let document = try Document(
            parsing: [0xEF, 0xBB, 0xBF] + Array("Feature: f".utf8), uri: "x")

        #expect(document.feature?.location == Location(line: 1, column: 1))
    }

    @Test func `a file over the limit is refused before it is read`() {
        let bytes = [UInt8](repeating: 0x20, count: Limits.sourceBytesMax + 1)

        #expect(errors(bytes) == ["(1:0): too large: more than \(Limits.sourceBytesMax) bytes"])
    }

    @Test(arguments: ConformanceFiles.good)
    func `no beginning of a file traps`(name: String) throws {
        let bytes = try ConformanceFiles.bytes(name)

        // Short files at every length, long ones at about 150.
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 150)) {
            let document = try? Document(parsing: bytes.prefix(count), uri: name)
            _ = try? document?.pickles(uri: name)
        }
    }

    @Test func `no bytes trap`() {
        var random = FixedRandom(state: 0x5EED)
        let alphabet =
            Array("FeatureScenario:Given|@#\"`\\<>* \n\n\t".utf8) + [0, 0xC3, 0xFF, 0xF0]

        for _ in 0..<500 {
            let bytes = (0..<200).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            _ = errors(bytes)
            _ = errors(Array("Feature: f\nScenario: s\n".utf8) + bytes)
        }
    }
}

/// A linear congruential generator: the same bytes in every run.
private struct FixedRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
