// Strings: basic ("…") with escapes, literal ('…') without, and the long forms of both with three quotes.
extension TOMLParser {
    private static let quote = UInt8(ascii: "\"")
    private static let apostrophe = UInt8(ascii: "'")

    mutating func basicString() throws(TOMLError) -> String {
        position += 1
        var text: [UInt8] = []
        while true {
            switch try stringByte() {
            case Self.quote:
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case let byte:
                text.append(byte)
                position += 1
            }
        }
    }

    mutating func literalString() throws(TOMLError) -> String {
        position += 1
        let start = position
        while try stringByte() != Self.apostrophe { position += 1 }
        position += 1
        return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }

    mutating func longBasicString() throws(TOMLError) -> String {
        let start = position
        var text = try longStart()
        while true {
            switch try longStringByte(of: start) {
            case Self.quote:
                if try longEnd(Self.quote, into: &text) { return String(decoding: text, as: UTF8.self) }
            case UInt8(ascii: "\\"):
                if !(try skipEscapedLineBreak()) { try escape(into: &text) }
            case let byte:
                text.append(byte)
                position += 1
            }
        }
    }

    mutating func longLiteralString() throws(TOMLError) -> String {
        let start = position
        var text = try longStart()
        while true {
            switch try longStringByte(of: start) {
            case Self.apostrophe:
                if try longEnd(Self.apostrophe, into: &text) { return String(decoding: text, as: UTF8.self) }
            case let byte:
                text.append(byte)
                position += 1
            }
        }
    }

    // MARK: Ends

    /// Passes over three quotes, and over a line break right behind them, which is no part of the text.
    private mutating func longStart() throws(TOMLError) -> [UInt8] {
        position += 3
        _ = try skipLineBreak()
        return []
    }

    /// Up to five quotes: the last three of three or more end the text, the others belong to it.
    private mutating func longEnd(_ quote: UInt8, into text: inout [UInt8]) throws(TOMLError) -> Bool {
        var count = 0
        while count < 5, byte() == quote {
            count += 1
            position += 1
        }
        text.append(contentsOf: repeatElement(quote, count: count >= 3 ? count - 3 : count))
        return count >= 3
    }

    // MARK: Bytes

    private func stringByte() throws(TOMLError) -> UInt8 {
        guard let byte = byte(), !isLineBreak() else {
            throw TOMLError(.endTooEarly(.closingQuote), at: position)
        }
        guard byte == 0x09 || !Self.isControl(byte) else { throw TOMLError(.controlCharacter(byte), at: position) }
        return byte
    }

    /// A line break counts as its bytes, one after the other. Where a text has no end, its beginning is wrong.
    private func longStringByte(of start: Int) throws(TOMLError) -> UInt8 {
        guard let byte = byte() else { throw TOMLError(.endTooEarly(.closingQuotes), at: start) }
        guard byte == 0x09 || byte == 0x0A || !Self.isControl(byte) || isLineBreak() else {
            throw TOMLError(.controlCharacter(byte), at: position)
        }
        return byte
    }

    // MARK: Escapes

    /// A backslash that ends a line takes away the break and all blanks and breaks behind it.
    private mutating func skipEscapedLineBreak() throws(TOMLError) -> Bool {
        let start = position
        position += 1
        skipBlanks()
        guard try skipLineBreak() else {
            position = start
            return false
        }
        repeat { skipBlanks() } while try skipLineBreak()
        return true
    }

    private mutating func escape(into text: inout [UInt8]) throws(TOMLError) {
        let start = position
        position += 1
        guard let byte = byte() else { throw TOMLError(.endTooEarly(.closingQuote), at: position) }
        position += 1
        switch byte {
        case Self.quote, UInt8(ascii: "\\"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "u"): text.append(contentsOf: try escapedScalar(digits: 4, from: start))
        case UInt8(ascii: "U"): text.append(contentsOf: try escapedScalar(digits: 8, from: start))
        case UInt8(ascii: "e"):
            guard version == .v1_1 else { throw TOMLError(.needsVersion1_1(.escape), at: start) }
            text.append(0x1B)
        case UInt8(ascii: "x"):
            let scalar = try escapedScalar(digits: 2, from: start)
            guard version == .v1_1 else { throw TOMLError(.needsVersion1_1(.escape), at: start) }
            text.append(contentsOf: scalar)
        default: throw TOMLError(.unknownEscape, at: start)
        }
    }

    private mutating func escapedScalar(digits: Int, from start: Int) throws(TOMLError) -> String.UTF8View {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = byte().flatMap(Hex.value) else { throw TOMLError(.unknownEscape, at: start) }
            value = value &<< 4 | UInt32(digit)
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw TOMLError(.escapedSurrogate, at: start) }
        return String(Character(scalar)).utf8
    }
}
