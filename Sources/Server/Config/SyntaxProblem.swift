import Primitives

/// What is no TOML in a configuration file, told without a word of it: any of them may be a secret, and a log keeps it.
struct SyntaxProblem {
    let problem: Problem

    init(_ flaw: TOML.Flaw, in bytes: [UInt8]) {
        let (error, path) = (flaw.error, Keys.path(of: flaw.path))
        let key = Keys.byPath[path]
        var problem = Problem(
            .error, .file(Self.range(of: error, in: bytes)), Self.message(error, in: bytes),
            suggestion: Self.suggestion(for: error, in: bytes))
        if let key {
            if problem.suggestion == nil, error.isOfValue { problem.suggestion = "\(path) takes \(key.kind.words)" }
        } else if let name = flaw.path.last, !Keys.tables.sortedContains(path) {
            let table = Keys.table(of: flaw.path)
            let meant = Keys.meant(by: name, under: table)
            // What may be meant for a secret is treated as one.
            problem.isOfSecret = meant?.isSecret ?? Keys.holdsSecrets(table)
            if problem.suggestion == nil, error.isOfValue, let meant {
                problem.suggestion = "the key is unknown, too: \(meant.suggestion)"
            }
        } else {
            problem.isOfSecret = Keys.holdsSecrets(path)
        }
        self.problem = problem
    }

    /// The word that is wrong, where it is one.
    private static func range(of error: TOMLError, in bytes: [UInt8]) -> Range<Int> {
        let start = error.position
        var end = min(start + 1, bytes.count)
        switch error.reason {
        case .unknownWord, .malformedNumber, .integerTooLarge, .malformedDateTime, .duplicateKey, .tableIsDefined,
            .notATable, .expected:
            while end < bytes.count, end > start, isOfWord(bytes[start]), isOfWord(bytes[end]) { end += 1 }
            // Carets stand below whole characters.
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        case .notUTF8, .controlCharacter, .endTooEarly, .tooDeep, .unknownEscape, .escapedSurrogate, .needsVersion1_1:
            break
        }
        return start..<max(start, end)
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        SecretWord.isOfWord(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func message(_ error: TOMLError, in bytes: [UInt8]) -> String {
        switch error.reason {
        case .unknownWord: "this is no value: texts stand in quotes"
        case .duplicateKey: "this key is given twice"
        case .tableIsDefined: "this table is defined already and cannot be added to here"
        case .notATable: "this key leads through a value that is no table"
        case .expected:
            // Some characters look like those that were meant, and some like nothing.
            error.description
                + (strange(at: error.position, in: bytes).map { ", and not the character \(name(of: $0))" } ?? "")
        case .notUTF8, .controlCharacter, .endTooEarly, .tooDeep, .unknownEscape, .escapedSurrogate, .malformedNumber,
            .integerTooLarge, .malformedDateTime, .needsVersion1_1:
            error.description
        }
    }

    private static func suggestion(for error: TOMLError, in bytes: [UInt8]) -> String? {
        let rest = bytes[min(error.position, bytes.count)...]
        switch error.reason {
        case .unknownEscape: return "in single quotes a backslash is a backslash: 'C:\\data'"
        case .notUTF8 where bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]):
            return "this looks like UTF-16; save it as UTF-8"
        case .expected(.key) where rest.starts(with: "//".utf8) || rest.starts(with: ";".utf8),
            .expected(.lineEnd) where rest.starts(with: "//".utf8) || rest.starts(with: ";".utf8):
            return "a comment begins with #"
        case .expected(.equalsSign) where rest.starts(with: ":".utf8):
            return "write `=` between a key and its value"
        case .expected(.value) where strange(at: error.position, in: bytes).map(isQuote) ?? false:
            return "quotes are straight: \" or '"
        case .expected(.lineEnd) where isHeader(lineOf: error.position, in: bytes):
            return "the keys of a table stand below it, each on a line of its own"
        default: return nil
        }
    }

    // MARK: Characters

    /// A character at the position that is none of ASCII's.
    private static func strange(at position: Int, in bytes: [UInt8]) -> Unicode.Scalar? {
        guard position < bytes.count, bytes[position] >= 0x80 else { return nil }
        return String(decoding: bytes[position...].prefix(4), as: UTF8.self).unicodeScalars.first
    }

    private static func name(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// What word processors make of `"` and `'`.
    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2018...0x201F, 0xAB, 0xBB, 0xB4, 0xFF02, 0xFF07: true
        default: false
        }
    }

    private static func isHeader(lineOf position: Int, in bytes: [UInt8]) -> Bool {
        let start = bytes[..<position].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return bytes[start...].first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "[")
    }
}

extension TOMLError {
    /// A value is wrong, as it stands.
    fileprivate var isOfValue: Bool {
        switch reason {
        case .endTooEarly(.closingQuote), .endTooEarly(.closingQuotes): false
        case .unknownWord, .malformedNumber, .integerTooLarge, .malformedDateTime, .expected(.value),
            .expected(.lineEnd),
            .expected(.commaOrBracket), .expected(.commaOrBrace), .endTooEarly:
            true
        case .notUTF8, .controlCharacter, .expected, .duplicateKey, .tableIsDefined, .notATable, .tooDeep,
            .unknownEscape,
            .escapedSurrogate, .needsVersion1_1:
            false
        }
    }
}
