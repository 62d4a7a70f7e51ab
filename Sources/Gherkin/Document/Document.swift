/// A feature file as a tree: what was written, where, and with which keywords.
///
/// The shape is the `GherkinDocument` of the Cucumber messages. Names and texts are trimmed;
/// descriptions keep their indentation; tags keep their `@`.
public struct Document: Hashable, Sendable {
    /// Nil for a file with nothing but comments and empty lines.
    public var feature: Feature?
    public var comments: [Comment]

    /// How many node numbers the document used; pickles continue from here.
    public var nodeCount: Int
}

public struct Comment: Hashable, Sendable {
    public var location: Location
    /// The whole line, with the spaces before the `#`.
    public var text: String
}

public struct Tag: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    public var name: String
}

public struct Feature: Hashable, Sendable {
    public var location: Location
    public var tags: [Tag]
    /// The code of the keyword table, `en` unless the file says `# language:`.
    public var language: String
    public var keyword: String
    public var name: String
    public var description: String
    public var children: [Child]

    public enum Child: Hashable, Sendable {
        case background(Background)
        case scenario(Scenario)
        case rule(Rule)
    }
}

public struct Rule: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    public var tags: [Tag]
    public var keyword: String
    public var name: String
    public var description: String
    public var children: [Child]

    public enum Child: Hashable, Sendable {
        case background(Background)
        case scenario(Scenario)
    }
}

public struct Background: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    public var keyword: String
    public var name: String
    public var description: String
    public var steps: [Step]
}

/// A scenario, or an outline if it has examples: the keyword does not decide.
public struct Scenario: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    public var tags: [Tag]
    public var keyword: String
    public var name: String
    public var description: String
    public var steps: [Step]
    public var examples: [Examples]
}

public struct Examples: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    public var tags: [Tag]
    public var keyword: String
    public var name: String
    public var description: String
    /// Nil when the block has no table at all.
    public var header: TableRow?
    public var rows: [TableRow]
}

public struct Step: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    /// As written, with the space that ends it.
    public var keyword: String
    public var keywordType: KeywordType
    public var text: String
    public var table: DataTable?
    public var docString: DocString?
}

/// What a step's keyword says about the step.
public enum KeywordType: String, Hashable, Sendable {
    case context = "Context"
    case action = "Action"
    case outcome = "Outcome"
    /// `And`, `But`: the same as the step before. Pickles never carry it.
    case conjunction = "Conjunction"
    /// `*`, or a word that the language uses for more than one kind of step.
    case unknown = "Unknown"
}

public struct DataTable: Hashable, Sendable {
    public var location: Location
    /// All of the same length.
    public var rows: [TableRow]
}

public struct TableRow: Hashable, Sendable {
    public var id: NodeID
    public var location: Location
    public var cells: [TableCell]
}

public struct TableCell: Hashable, Sendable {
    public var location: Location
    /// Trimmed, with `\|`, `\\` and `\n` resolved.
    public var value: String
}

public struct DocString: Hashable, Sendable {
    public var location: Location
    /// `"""` or three backquotes.
    public var delimiter: String
    /// What follows the opening delimiter, nil if nothing does.
    public var mediaType: String?
    /// Without the indentation of the opening delimiter; lines are joined by `\n`.
    public var content: String
}
