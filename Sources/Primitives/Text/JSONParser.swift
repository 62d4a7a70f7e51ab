/// Why bytes are not JSON, and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        /// The text ends inside a value, or before one.
        case endTooEarly
        /// A byte that cannot stand here.
        case unexpectedByte(UInt8)
        /// More arrays and objects inside each other than `JSON.depthMax`.
        case tooDeep
        /// A string holds a byte below 0x20 that is not escaped.
        case controlCharacter(UInt8)
        /// A backslash with something behind it that JSON does not know.
        case unknownEscape
        /// Half of a surrogate pair without the other half.
        case loneSurrogate
        /// A string that is not UTF-8.
        case invalidUTF8
        /// Something stands behind the value.
        case trailingBytes
    }

    public let reason: Reason
    /// The byte, from 0, at which reading stopped. For a string that is not UTF-8, the string's first byte.
    public let position: Int

    public init(reason: Reason, position: Int) {
        self.reason = reason
        self.position = position
    }
}

extension JSON {
    /// How many arrays and objects may stand inside each other.
    public static let depthMax = 64

    /// Reads one value and the white space around it. Strict: no byte order mark, no comments, no trailing commas, no
    /// lone surrogates. The caller bounds the length; what is kept is in proportion to it.
    public init(parsing bytes: RawSpan) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.parse()
    }

    public init(parsing text: String) throws(JSONError) {
        let bytes = Array(text.utf8)
        try self.init(parsing: bytes.rawSpan)
    }
}

/// Reads without recursion: the containers that are open stand in an array, so depth costs no stack.
private struct JSONParser: ~Escapable {
    /// An array or object whose end has not come.
    private struct Container {
        let isObject: Bool
        var elements: [JSON] = []
        /// For an object: one name for each element, and during a member's value one more.
        var names: [String] = []

        consuming func closed() -> JSON {
            isObject ? .object(zip(names, elements).map { JSON.Member($0, $1) }) : .array(elements)
        }
    }

    private let bytes: RawSpan
    private var position = 0
    private var open: [Container] = []

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    mutating func parse() throws(JSONError) -> JSON {
        while true {
            skipSpace()
            guard var value = try startValue() else { continue }
            while true {
                skipSpace()
                guard !open.isEmpty else {
                    guard position == bytes.byteCount else { throw error(.trailingBytes) }
                    return value
                }
                guard let closed = try take(value) else { break }
                value = closed
            }
        }
    }

    // MARK: Containers

    /// A whole value, or nil when one was opened and its first element comes next.
    private mutating func startValue() throws(JSONError) -> JSON? {
        switch try peek() {
        case UInt8(ascii: "["):
            try openContainer(isObject: false)
            return accept("]") ? close() : nil
        case UInt8(ascii: "{"):
            try openContainer(isObject: true)
            if accept("}") { return close() }
            try readName()
            return nil
        default:
            return try scalar()
        }
    }

    private mutating func openContainer(isObject: Bool) throws(JSONError) {
        guard open.count < JSON.depthMax else { throw error(.tooDeep) }
        position &+= 1
        open.append(Container(isObject: isObject))
        skipSpace()
    }

    /// Puts `value` into the innermost container; the container when that ends it, nil when another element follows.
    private mutating func take(_ value: JSON) throws(JSONError) -> JSON? {
        let last = open.count &- 1
        open[last].elements.append(value)
        let isObject = open[last].isObject
        if accept(",") {
            if isObject {
                skipSpace()
                try readName()
            }
            return nil
        }
        guard accept(isObject ? "}" : "]") else { throw unexpected() }
        return close()
    }

    private mutating func close() -> JSON? {
        open.popLast()?.closed()
    }

    /// A member's name and the colon behind it.
    private mutating func readName() throws(JSONError) {
        guard try peek() == UInt8(ascii: "\"") else { throw unexpected() }
        let name = try string()
        open[open.count &- 1].names.append(name)
        skipSpace()
        guard accept(":") else { throw unexpected() }
    }

    // MARK: Scalars

    private mutating func scalar() throws(JSONError) -> JSON {
        switch try peek() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw unexpected()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for expected in text.description.utf8 {
            guard try peek() == expected else { throw unexpected() }
            position &+= 1
        }
        return value
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func number() throws(JSONError) -> JSON.Number {
        let start = position
        _ = accept("-")
        if !accept("0") { try digits() }
        if accept(".") { try digits() }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            try digits()
        }
        guard let digits = bytes.slice(at: start, byteCount: position &- start),
            let text = String(utf8: digits)
        else { throw unexpected() }
        return JSON.Number(checked: text)
    }

    /// At least one digit.
    private mutating func digits() throws(JSONError) {
        guard isDigit(try peek()) else { throw unexpected() }
        while let byte = bytes.load(UInt8.self, at: position), isDigit(byte) { position &+= 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    // MARK: Strings

    /// A string, from its first quote. Most have no escape, and are made from their bytes as they lie.
    private mutating func string() throws(JSONError) -> String {
        position &+= 1
        let start = position
        var text: [UInt8] = []
        var runStart = position
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                let hasEscapes = runStart > start
                if hasEscapes { append(from: runStart, to: &text) }
                position &+= 1
                return try hasEscapes
                    ? checked(text.rawSpan, at: start)
                    : checked(bytes.slice(at: start, byteCount: position &- 1 &- start), at: start)
            case UInt8(ascii: "\\"):
                append(from: runStart, to: &text)
                position &+= 1
                try escape(into: &text)
                runStart = position
            case ..<0x20:
                throw error(.controlCharacter(byte))
            default:
                position &+= 1
            }
        }
    }

    private func checked(_ text: RawSpan?, at start: Int) throws(JSONError) -> String {
        guard let text, let string = String(utf8: text) else {
            throw JSONError(reason: .invalidUTF8, position: start)
        }
        return string
    }

    /// Adds the bytes from `start` up to where reading is.
    private func append(from start: Int, to text: inout [UInt8]) {
        guard let run = bytes.slice(at: start, byteCount: position &- start) else { return }
        // SAFETY: the pointer lives inside the closure only.
        unsafe run.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let byte = try peek()
        position &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try escapedScalar())).utf8)
        default:
            position &-= 1
            throw error(.unknownEscape)
        }
    }

    /// The four digits behind `\u`, and for the first half of a pair the `\u` and four digits of the second.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let first = try hexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, accept("\\"), accept("u") else {
            throw JSONError(reason: .loneSurrogate, position: start)
        }
        let second = try hexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x1_0000 &+ ((first & 0x3FF) &<< 10) &+ (second & 0x3FF))
        else { throw JSONError(reason: .loneSurrogate, position: start) }
        return scalar
    }

    private mutating func hexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(of: try peek()) else { throw error(.unknownEscape) }
            value = value &<< 4 | UInt32(digit)
            position &+= 1
        }
        return value
    }

    // MARK: Bytes

    private func peek() throws(JSONError) -> UInt8 {
        guard let byte = bytes.load(UInt8.self, at: position) else { throw error(.endTooEarly) }
        return byte
    }

    /// Passes over the character if it comes next.
    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = bytes.load(UInt8.self, at: position), UInt32(byte) == character.value else { return false }
        position &+= 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = bytes.load(UInt8.self, at: position),
            byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position &+= 1
        }
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: reason, position: position)
    }

    /// The end, or a byte that does not belong here.
    private func unexpected() -> JSONError {
        guard let byte = bytes.load(UInt8.self, at: position) else { return error(.endTooEarly) }
        return error(.unexpectedByte(byte))
    }
}
