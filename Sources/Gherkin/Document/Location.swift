/// A place in a feature file. Lines and columns count from 1; a column counts Unicode scalars.
/// Column 0 means the whole line, as at the end of a file.
public struct Location: Hashable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

extension Location: CustomStringConvertible {
    public var description: String { "\(line):\(column)" }
}

/// Names a node of one document and its pickles. Numbers are given in the order in which the
/// community's parsers finish nodes: a step before its scenario, a table's rows before the step.
public struct NodeID: Hashable, Sendable {
    public let number: Int

    public init(number: Int) {
        self.number = number
    }
}

extension NodeID: CustomStringConvertible {
    public var description: String { "\(number)" }
}

/// Hands out node numbers from 0.
struct NodeIDs {
    private(set) var count = 0

    init(startingAt count: Int = 0) {
        self.count = count
    }

    mutating func next() -> NodeID {
        defer { count += 1 }
        return NodeID(number: count)
    }
}
