import Platform
import Primitives
import Verifier

/// The simulated world at one moment of a run, for whoever debugs it: what the server has on disk and under way, what
/// clients know, which faults are at work. Tables of plain values, in an order that the run decides alone.
///
/// It is what can be seen from outside. The ends of logs are read from the files by the verifier, which shares no code with
/// the server.
public struct WorldState: Equatable, Sendable {
    public enum Cell: Equatable, Sendable {
        case number(Int64)
        case text(String)
        /// Not known, or none.
        case nothing
    }

    public struct Table: Equatable, Sendable {
        public let name: String
        public let columns: [String]
        public internal(set) var rows: [[Cell]] = []

        init(_ name: String, _ columns: String...) {
            self.name = name
            self.columns = columns
        }
    }

    /// Happenings of the run so far.
    public let event: Int
    /// Simulated microseconds.
    public let time: Int64
    public let phase: String
    public let tables: [Table]

    init(_ run: Run, phase: String) {
        let universe = run.universe
        event = universe.counts.happenings
        time = universe.clock.now / microsecond
        self.phase = phase
        tables = [
            universe.processTable, universe.shardTable, universe.operationTable, run.partitionTable,
            universe.disk.fileTable, run.clientTable, universe.connectionTable, universe.faultTable,
        ]
    }

    public subscript(_ name: String) -> Table? { tables.first { $0.name == name } }

    // MARK: Text

    /// For a person: a table each, with its columns in line.
    public var lines: [String] {
        tables.flatMap { table in
            guard !table.rows.isEmpty else { return ["\(table.name): none"] }
            let cells = [table.columns] + table.rows.map { $0.map(\.words) }
            let widths = table.columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
            return ["\(table.name):"] + cells.map { row in Self.line(row, widths, table.rows) }
        }
    }

    private static func line(_ row: [String], _ widths: [Int], _ rows: [[Cell]]) -> String {
        var line = " "
        for (column, text) in row.enumerated() {
            let pad = String(repeating: " ", count: widths[column] - text.count)
            let isText = rows.contains { if case .text = $0[column] { true } else { false } }
            line += " " + (isText ? text + pad : pad + text)
        }
        return line.trimmedEnd
    }

    /// An object with an array of objects for each table.
    public var json: String {
        var writer = JSONWriter()
        writer.object { json in
            json.object("state") { state in
                state.member("event", event)
                state.member("time_us", time)
                state.member("phase", phase)
                for table in tables {
                    state.array(table.name) { array in
                        for row in table.rows {
                            array.object { object in
                                for (name, cell) in zip(table.columns, row) { cell.write(name, to: &object) }
                            }
                        }
                    }
                }
            }
        }
        return writer.text
    }
}

extension WorldState.Cell {
    init(_ number: some BinaryInteger) { self = .number(Int64(clamping: number)) }

    fileprivate var words: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        case .nothing: "-"
        }
    }

    fileprivate func write(_ name: String, to object: inout JSONWriter) {
        switch self {
        case .number(let number): object.member(name, number)
        case .text(let text): object.member(name, text)
        case .nothing: object.member(name, JSON.null)
        }
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
