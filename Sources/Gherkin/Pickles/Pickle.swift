/// A scenario ready to run: background steps first, examples filled in, tags inherited.
///
/// The shape is the `Pickle` of the Cucumber messages.
public struct Pickle: Hashable, Sendable {
    /// The same from run to run as long as the file does not change.
    public var id: ScenarioID
    public var nodeID: NodeID
    /// Where the scenario, or its row of examples, stands.
    public var location: Location
    public var language: String
    public var name: String
    /// Of the feature, the rule, the scenario and the examples, in this order.
    public var tags: [Tag]
    /// None if the scenario has no steps of its own, even if there is a background.
    public var steps: [Step]
    /// The scenario, and the row of examples if there is one.
    public var sources: [NodeID]

    public struct Tag: Hashable, Sendable {
        /// With its `@`.
        public var name: String
        public var source: NodeID
    }

    public struct Step: Hashable, Sendable {
        public var nodeID: NodeID
        /// Where the step is written; for a background step, in the background.
        public var location: Location
        /// Never a conjunction: `And` takes the type of the step before it.
        public var type: KeywordType
        public var text: String
        /// At most one table and one doc string, in the order in which they are written.
        public var arguments: [Argument]
        /// The step, and the row of examples if there is one.
        public var sources: [NodeID]
    }

    public enum Argument: Hashable, Sendable {
        case table(Table)
        case docString(Text)
    }

    public struct Text: Hashable, Sendable {
        public var mediaType: String?
        public var content: String

        public init(mediaType: String? = nil, content: String) {
            self.mediaType = mediaType
            self.content = content
        }
    }
}

/// Names one run of one scenario: `features/groups/join.feature:12`, or `…:12#3` for the third
/// row of its examples, counted over all its tables.
public struct ScenarioID: Hashable, Sendable {
    public var file: String
    /// Where the scenario begins.
    public var line: Int
    /// Counts from 1.
    public var row: Int?

    public init(file: String, line: Int, row: Int? = nil) {
        self.file = file
        self.line = line
        self.row = row
    }
}

extension ScenarioID: CustomStringConvertible {
    public var description: String {
        row.map { "\(file):\(line)#\($0)" } ?? "\(file):\(line)"
    }
}

/// A data table's values. The rows are of the same length.
public struct Table: Hashable, Sendable {
    public var rows: [[String]]

    public init(rows: [[String]]) {
        self.rows = rows
    }

    /// The rows below the first, whose cells are named by the first.
    public var records: [Record] {
        guard let header = rows.first else { return [] }
        return rows.dropFirst().map { Record(header: header, values: $0) }
    }

    /// The second column by the first, of a table of names and values: nil if there is no such
    /// name.
    public subscript(name: String) -> String? {
        guard let row = rows.first(where: { $0.first == name }), row.count > 1 else { return nil }
        return row[1]
    }

    public struct Record: Hashable, Sendable {
        public var header: [String]
        public var values: [String]

        /// The cell in this column, nil if there is no such column.
        public subscript(column: String) -> String? {
            guard let index = header.firstIndex(of: column), index < values.count else {
                return nil
            }
            return values[index]
        }
    }
}
