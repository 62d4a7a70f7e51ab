/// What a line can be. The raw value is the community's name, without the `#`.
package enum TokenKind: String, Hashable, Sendable {
    case end = "EOF"
    case empty = "Empty"
    case comment = "Comment"
    case tagLine = "TagLine"
    case featureLine = "FeatureLine"
    case ruleLine = "RuleLine"
    case backgroundLine = "BackgroundLine"
    case scenarioLine = "ScenarioLine"
    case examplesLine = "ExamplesLine"
    case stepLine = "StepLine"
    case docStringSeparator = "DocStringSeparator"
    case tableRow = "TableRow"
    case language = "Language"
    /// Any line: a description, or the inside of a doc string.
    case other = "Other"
}

/// A line that was recognised.
package struct Token {
    package var kind: TokenKind
    package var location: Location
    /// Titles, steps and doc strings only. A step's keyword keeps the space that ends it.
    package var keyword: String?
    package var keywordType: KeywordType?
    /// What follows the keyword, or the line.
    package var text: String
    /// The cells of a row, the tags of a tag line.
    package var items: [Item]
    /// The keyword table in force.
    package var language: String

    package struct Item {
        package var column: Int
        package var text: String
    }
}
