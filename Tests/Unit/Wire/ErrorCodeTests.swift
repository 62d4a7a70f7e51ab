import Testing
import Wire

@Suite struct ErrorCodeTests {
    private static let rows: [[Substring]] = String(decoding: goldenFile("errors", "csv"), as: UTF8.self)
        .split(separator: "\n").dropFirst().map { $0.split(separator: ",") }

    @Test func `every error of the table has its number and its name`() {
        let table = Self.rows.map { "\($0[0]) \($0[1])" }

        #expect(ErrorCode.allCases.map { "\($0.rawValue) \($0.name)" } == table)
    }

    @Test func `errors that not every classic client knows are marked`() throws {
        for row in Self.rows {
            let code = try #require(UInt32(row[0]).flatMap(ErrorCode.init(rawValue:)))
            let versions = try #require(row.last)

            #expect(code.isClassic == versions.hasPrefix("0.7.0"), "\(code)")
        }
    }
}
