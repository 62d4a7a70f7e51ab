import Primitives

extension SecretLines {
    /// What the lines so far have begun, as far as it matters to what may be shown. The file may be broken anywhere, so
    /// this goes by the looks of lines, and where it cannot know, it hides.
    struct Statement {
        /// What goes on may belong to a secret.
        private var isSecret = false
        /// The table has a secret's name.
        private var isSecretTable = false
        /// Of the three quotes that a text has begun with.
        private var quote: UInt8?
        /// The one quote that a secret has begun with and not ended on its line, as no text may.
        private var openQuote: UInt8?
        /// Brackets and braces that a secret has open.
        private var depth = 0

        /// - Parameter line: the next one, with its end.
        mutating func goOn(with line: ArraySlice<UInt8>) -> Veil {
            let looksSecret = line.count > SecretLines.lengthMax || SecretWord.stands(in: line)
            if quote == nil, let name = Line.table(line), depth == 0 || Keys.tables.sortedContains(name) {
                (isSecret, isSecretTable, depth, openQuote) = (false, looksSecret, 0, nil)
                return looksSecret ? .value : .nothing
            }
            let begins = quote == nil && depth == 0 && openQuote == nil && Line.beginsValue(line)
            let goesOn = isSecret && !begins
            let hasSecret = looksSecret || isSecretTable
            isSecret = goesOn || hasSecret
            if let open = openQuote {
                if line.contains(open) { openQuote = nil }
            } else if hasSecret, quote == nil {
                openQuote = Line.openQuote(line)
            }
            if quote != nil || !Line.isComment(line) { follow(line, looksSecret: looksSecret) }
            return goesOn ? .everything : hasSecret ? .value : .nothing
        }

        private mutating func follow(_ line: ArraySlice<UInt8>, looksSecret: Bool) {
            quote = Self.quote(behind: line, within: quote)
            // A text that was thought to go on may have been none.
            if looksSecret, quote == nil { quote = Self.quote(behind: line, within: nil) }
            guard isSecret else {
                depth = 0
                return
            }
            for byte in line {
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
                default: break
                }
            }
        }

        /// The text of three quotes that goes on behind a line.
        private static func quote(behind line: ArraySlice<UInt8>, within quote: UInt8?) -> UInt8? {
            var quote = quote
            var place = line.startIndex
            while place < line.endIndex {
                let byte = line[place]
                let isQuote = byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
                if quote == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") {
                    place += 2
                } else if isQuote, quote ?? byte == byte, place + 2 < line.endIndex, line[place + 1] == byte,
                    line[place + 2] == byte
                {
                    quote = quote == nil ? byte : nil
                    place += 3
                } else {
                    place += 1
                }
            }
            return quote
        }
    }

    /// What a line looks like.
    private enum Line {
        static func isComment(_ line: ArraySlice<UInt8>) -> Bool {
            line.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "#")
        }

        /// The path in `[a.b]` or `[[a.b]]` where nothing follows but a comment.
        static func table(_ line: ArraySlice<UInt8>) -> String? {
            var rest = line
            skipBlanks(&rest)
            guard skip("[", &rest) else { return nil }
            let isArray = skip("[", &rest)
            skipBlanks(&rest)
            guard let name = name(&rest) else { return nil }
            skipBlanks(&rest)
            guard skip("]", &rest), !isArray || skip("]", &rest) else { return nil }
            skipBlanks(&rest)
            guard rest.isEmpty || [0x0A, 0x0D, UInt8(ascii: "#")].contains(rest[rest.startIndex]) else { return nil }
            return name
        }

        /// `a.b = c`, which the padding of Base64 or the end of a text, `abc=` or `abc="`, is not.
        static func beginsValue(_ line: ArraySlice<UInt8>) -> Bool {
            var rest = line
            skipBlanks(&rest)
            guard name(&rest) != nil else { return false }
            skipBlanks(&rest)
            guard skip("=", &rest) else { return false }
            skipBlanks(&rest)
            guard let first = rest.first, !"=#,]}\r\n".utf8.contains(first) else { return false }
            return rest.contains { !"\"', \t\r\n]})".utf8.contains($0) }
        }

        /// The quote that a text begins with and has none to end with; nil for three of them, which may go on.
        static func openQuote(_ line: ArraySlice<UInt8>) -> UInt8? {
            var open: UInt8?
            var place = line.startIndex
            while place < line.endIndex {
                let byte = line[place]
                switch byte {
                case UInt8(ascii: "\\") where open == UInt8(ascii: "\""): place += 1
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    if line[place...].starts(with: [byte, byte, byte]) { return nil }
                    if open == nil { open = byte } else if open == byte { open = nil }
                case UInt8(ascii: "#") where open == nil: return nil
                default: break
                }
                place += 1
            }
            return open
        }

        private static func skipBlanks(_ rest: inout ArraySlice<UInt8>) {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        }

        private static func skip(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
            guard let first = rest.first, UInt32(first) == character.value else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// Letters, digits, `_`, `-` and dots, of which the first is a letter or `_`.
        private static func name(_ rest: inout ArraySlice<UInt8>) -> String? {
            let name = rest.prefix { SecretWord.isOfWord($0) && $0 < 0x80 || $0 == UInt8(ascii: ".") }
            guard let first = name.first, !(0x2D...0x39).contains(first) else { return nil }
            rest = rest.dropFirst(name.count)
            return String(decoding: name, as: UTF8.self)
        }
    }
}
