/// Why a text is not TOML, and where.
public struct TOMLError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case notUTF8
        /// A control character other than a tab, or a carriage return that ends no line.
        case controlCharacter(UInt8)
        /// The document ends inside something.
        case endTooEarly(Expectation)
        case expected(Expectation)
        /// A name that its table has already.
        case duplicateKey(String)
        /// A table that a header, a dotted key or an inline table has defined, and that may not be added to here.
        case tableIsDefined(String)
        /// A key of a header or a dotted key leads through a value that is no table.
        case notATable(String)
        case tooDeep
        case unknownEscape
        /// An escape that names no Unicode scalar value.
        case escapedSurrogate
        case malformedNumber
        /// An integer of more than 64 bits.
        case integerTooLarge
        /// A date or time that the calendar or the clock does not have, or with too few digits.
        case malformedDateTime
        /// A word that is neither `true` nor `false`, and no number.
        case unknownWord(String)
        /// Something that only TOML 1.1 has.
        case needsVersion1_1(Newer)
    }

    /// What TOML 1.1 added.
    public enum Newer: Equatable, Sendable {
        /// A line break or a comment between the braces.
        case inlineTableOverLines
        case commaBeforeBrace
        /// `\e` or `\x00`.
        case escape
        case timeWithoutSeconds
    }

    public enum Expectation: Equatable, Sendable {
        case key
        case equalsSign
        case value
        case lineEnd
        case closingBracket
        case commaOrBracket
        case commaOrBrace
        case closingQuote
        case closingQuotes
    }

    public let reason: Reason
    /// The byte, from 0, that is wrong, or where the thing begins that is.
    public let position: Int

    public init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }
}

extension TOMLError: CustomStringConvertible {
    /// One sentence without its place, for people.
    public var description: String {
        switch reason {
        case .notUTF8: "this is not UTF-8 text"
        case .controlCharacter(let byte): "control character 0x\(Hex.encode(byte)) may not stand in a TOML document"
        // A text in one pair of quotes ends with its line.
        case .endTooEarly(.closingQuote): "the line ends where the closing quote should come"
        case .endTooEarly(.closingQuotes): "the three closing quotes of this text are missing"
        case .endTooEarly(let expected): "the document ends where \(expected.words) should come"
        case .expected(let expected): "\(expected.words) should come here"
        case .duplicateKey(let name): "the key `\(name)` is given twice"
        case .tableIsDefined(let name): "the table `\(name)` is defined already and cannot be added to here"
        case .notATable(let name): "`\(name)` is no table"
        case .tooDeep: "more than \(TOML.depthMax) tables and arrays stand inside each other"
        case .unknownEscape: "TOML has no such escape in a string"
        case .escapedSurrogate: "this escape names no Unicode character"
        case .malformedNumber: "this is not a number as TOML writes it"
        case .integerTooLarge: "this integer does not fit 64 bits"
        case .malformedDateTime: "this is no date or time"
        case .unknownWord(let word): "`\(word)` is no value: texts stand in quotes"
        case .needsVersion1_1(let newer): newer.words
        }
    }
}

extension TOMLError.Newer {
    var words: String {
        switch self {
        case .inlineTableOverLines: "a table in braces stands on one line in TOML 1.0"
        case .commaBeforeBrace: "no comma may stand before `}` in TOML 1.0"
        case .escape: "TOML 1.0 has no such escape in a string"
        case .timeWithoutSeconds: "a time has seconds in TOML 1.0"
        }
    }
}

extension TOMLError.Expectation {
    var words: String {
        switch self {
        case .key: "a key"
        case .equalsSign: "`=`"
        case .value: "a value"
        case .lineEnd: "the end of the line"
        case .closingBracket: "`]`"
        case .commaOrBracket: "`,` or `]`"
        case .commaOrBrace: "`,` or `}`"
        case .closingQuote: "the closing quote"
        case .closingQuotes: "the three closing quotes"
        }
    }
}
