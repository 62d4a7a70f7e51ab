/// A JSON value (RFC 8259) as it was written: members keep their order, numbers keep their text.
///
/// Read with `JSON(parsing:)`; written with `JSONWriter`.
public indirect enum JSON: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(Number)
    case string(String)
    case array([JSON])
    case object([Member])

    /// One name and its value. An object may hold a name twice; looking it up finds the later one.
    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The characters of a number. Offsets and ids use all of 64 and 128 bits, so a number never passes through a
    /// floating-point type on its way.
    public struct Number: Equatable, Sendable {
        /// As written, and valid by RFC 8259: `-0`, `1e2` and `1.50` stay what they are.
        public let text: String

        /// Only the parser makes numbers from text: it has checked the grammar.
        init(checked text: String) {
            self.text = text
        }

        public init<Value: FixedWidthInteger>(_ value: Value) {
            text = String(value)
        }

        /// The integer; nil if it does not fit the type or was written with a fraction or an exponent.
        public func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
            Value(text)
        }
    }
}

// Reading a value of an expected shape: nil when it has another one.
extension JSON {
    public var isNull: Bool {
        switch self {
        case .null: true
        case .boolean, .number, .string, .array, .object: false
        }
    }

    public var boolean: Bool? {
        switch self {
        case .boolean(let flag): flag
        case .null, .number, .string, .array, .object: nil
        }
    }

    public var string: String? {
        switch self {
        case .string(let text): text
        case .null, .boolean, .number, .array, .object: nil
        }
    }

    public var array: [JSON]? {
        switch self {
        case .array(let elements): elements
        case .null, .boolean, .number, .string, .object: nil
        }
    }

    public var object: [Member]? {
        switch self {
        case .object(let members): members
        case .null, .boolean, .number, .string, .array: nil
        }
    }

    /// The integer; nil also if it does not fit the type or was written with a fraction or an exponent.
    public func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
        switch self {
        case .number(let number): number.integer(type)
        case .null, .boolean, .string, .array, .object: nil
        }
    }

    /// The member of that name; of several the last. Nil for anything but an object.
    public subscript(name: String) -> JSON? {
        object?.last { $0.name == name }?.value
    }
}
