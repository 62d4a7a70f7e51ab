/// A TOML document (TOML 1.0.0, https://toml.io/en/v1.0.0) with the place of everything in it, so that whoever reads a
/// configuration can point at the line that is wrong.
///
/// Read with `TOML(parsing:)`. Tables keep the order in which their members were written. Places are ranges of bytes,
/// counted from 0 in what was parsed; `TextPlace` turns them into line and column.
public struct TOML: Sendable {
    public let root: Table

    /// Which text is TOML. 1.1 adds line breaks, comments and a last comma in inline tables, the escapes `\e` and
    /// `\x00`, and times without seconds.
    public enum Version: Sendable {
        case v1_0
        case v1_1
    }

    public indirect enum Value: Sendable {
        case string(String)
        case integer(Int64)
        /// May be an infinity or not a number.
        case float(Double)
        case boolean(Bool)
        case dateTime(DateTime)
        case array([Item])
        case table(Table)
    }

    /// A value and the bytes it was written with: of a table that a header or a dotted key made, those of that key.
    public struct Item: Sendable {
        public let value: Value
        public let range: Range<Int>
    }

    /// A name in a table. Of several headers that name a table, the place is that of the first.
    public struct Member: Sendable {
        public let name: String
        public let nameRange: Range<Int>
        public let item: Item
    }

    public struct Table: Sendable {
        public let members: [Member]

        public subscript(name: String) -> Member? {
            members.first { $0.name == name }
        }
    }

    /// How many tables and arrays may stand inside each other, those of dotted keys and headers among them.
    public static let depthMax = 64
}

extension TOML.Value {
    /// What kind of value it is, in the words of the TOML specification.
    public var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a float"
        case .boolean: "a boolean"
        case .dateTime: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}

extension TOML {
    /// A date, a time, or both with or without an offset from UTC, as it was written and checked to exist.
    public struct DateTime: Equatable, Sendable {
        public let date: LocalDate?
        public let time: LocalTime?
        /// Minutes east of UTC; nil for a local date or time.
        public let offsetMinutes: Int?
    }

    public struct LocalDate: Equatable, Sendable {
        /// 0 to 9999.
        public let year: Int
        /// 1 to 12.
        public let month: Int
        /// 1 to 31, and never more than the month has.
        public let day: Int
    }

    public struct LocalTime: Equatable, Sendable {
        public let hour: Int
        public let minute: Int
        /// 0 to 60: RFC 3339 knows leap seconds.
        public let second: Int
        /// Finer fractions are cut off, as TOML asks.
        public let nanosecond: Int
    }
}
