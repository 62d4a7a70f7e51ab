/// Writes JSON whose bytes depend on nothing but what is written: members in the order of the calls, no white space,
/// no floating-point numbers.
///
/// ```swift
/// var json = JSONWriter()
/// json.object {
///     $0.member("name", "orders")
///     $0.member("rate", units: 1_250, decimals: 3)      // 1.250
///     $0.array("offsets") { $0.value(0); $0.value(UInt64.max) }
/// }
/// ```
///
/// Containers are closures, so what is opened is closed. One value is one document; a second value at the top is
/// separated by a comma, as in an array without brackets, and is the caller's mistake.
public struct JSONWriter {
    private var writer: ByteWriter
    private var needsComma = false

    public init(reserving byteCount: Int = 256) {
        writer = ByteWriter(reserving: byteCount)
    }

    public var bytes: [UInt8] { writer.bytes }
    public var text: String { String(decoding: writer.bytes, as: UTF8.self) }
}

// MARK: Values

extension JSONWriter {
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        container("{", "}", body)
    }

    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        container("[", "]", body)
    }

    public mutating func value(_ text: String) {
        separate()
        write(quoted: text)
    }

    public mutating func value(_ flag: Bool) {
        literal(flag ? "true" : "false")
    }

    /// All digits, also above 2^53, where readers that use doubles lose some.
    public mutating func value<Value: FixedWidthInteger>(_ number: Value) {
        literal(String(number))
    }

    /// `units` of `10^-decimals`: 1250 with 3 decimals is `1.250`.
    public mutating func value(units: Int64, decimals: Int) {
        literal(Self.fixedPoint(units, decimals: decimals))
    }

    public mutating func null() {
        literal("null")
    }

    /// A value that was read or made.
    public mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .boolean(let flag): value(flag)
        case .number(let number): literal(number.text)
        case .string(let text): value(text)
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .object(let members): object { for member in members { $0.member(member.name, member.value) } }
        }
    }
}

// MARK: Members

extension JSONWriter {
    /// A member's name; its value is what is written next.
    public mutating func name(_ name: String) {
        separate()
        write(quoted: name)
        writer.write(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func member(_ name: String, _ text: String) {
        self.name(name)
        value(text)
    }

    public mutating func member(_ name: String, _ flag: Bool) {
        self.name(name)
        value(flag)
    }

    public mutating func member<Value: FixedWidthInteger>(_ name: String, _ number: Value) {
        self.name(name)
        value(number)
    }

    public mutating func member(_ name: String, units: Int64, decimals: Int) {
        self.name(name)
        value(units: units, decimals: decimals)
    }

    public mutating func member(_ name: String, _ json: JSON) {
        self.name(name)
        value(json)
    }

    public mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        object(body)
    }

    public mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        array(body)
    }
}

// MARK: Characters

extension JSONWriter {
    private mutating func container(_ open: String, _ close: String, _ body: (inout JSONWriter) -> Void) {
        separate()
        writer.write(utf8: open)
        needsComma = false
        body(&self)
        writer.write(utf8: close)
        needsComma = true
    }

    private mutating func literal(_ text: String) {
        separate()
        writer.write(utf8: text)
    }

    private mutating func separate() {
        if needsComma { writer.write(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Escapes what RFC 8259 demands and nothing else; text stays UTF-8.
    private mutating func write(quoted text: String) {
        writer.write(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): writer.write(utf8: "\\\"")
            case UInt8(ascii: "\\"): writer.write(utf8: "\\\\")
            case 0x08: writer.write(utf8: "\\b")
            case 0x09: writer.write(utf8: "\\t")
            case 0x0A: writer.write(utf8: "\\n")
            case 0x0C: writer.write(utf8: "\\f")
            case 0x0D: writer.write(utf8: "\\r")
            case ..<0x20: writer.write(utf8: "\\u00" + Hex.encode(byte))
            default: writer.write(byte)
            }
        }
        writer.write(UInt8(ascii: "\""))
    }

    private static func fixedPoint(_ units: Int64, decimals: Int) -> String {
        var digits = String(units.magnitude)
        guard decimals > 0 else { return (units < 0 ? "-" : "") + digits }
        digits = String(repeating: "0", count: Swift.max(0, decimals &+ 1 &- digits.count)) + digits
        return (units < 0 ? "-" : "") + digits.dropLast(decimals) + "." + digits.suffix(decimals)
    }
}
