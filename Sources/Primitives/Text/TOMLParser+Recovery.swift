extension TOML {
    /// An error, and what could not be read because of it.
    public struct Flaw: Equatable, Sendable {
        public let error: TOMLError
        /// The names that lead to it: of a key whose value is wrong, of a table that has a line without a key, or none
        /// where it may be anything.
        public let path: [String]
    }

    /// What can be read of a document that may have errors, and those errors in its order: the first is the one that
    /// `init(parsing:)` throws. What an error makes doubtful is passed over rather than guessed at: a key whose value is
    /// wrong is left out, and so are the keys behind a header that cannot be read.
    ///
    /// - Parameter errorsMax: after so many the rest is not looked at.
    public static func leniently(
        parsing bytes: [UInt8], version: Version = .v1_0, errorsMax: Int
    ) -> (toml: TOML, flaws: [Flaw]) {
        do {
            var parser = try TOMLParser(bytes, version: version)
            let flaws = parser.parseLeniently(errorsMax: errorsMax)
            return (parser.document, flaws)
        } catch {
            return (TOML(root: Table(members: [])), [Flaw(error: error, path: [])])
        }
    }
}

// Going on behind an error.
extension TOMLParser {
    mutating func parseLeniently(errorsMax: Int) -> [TOML.Flaw] {
        var flaws: [TOML.Flaw] = []
        while flaws.count < errorsMax {
            let start = position
            do throws(TOMLError) {
                guard try line() else { break }
            } catch {
                let (path, another) = goOn(behind: error, in: start)
                flaws.append(TOML.Flaw(error: error, path: path))
                if let another { flaws.append(TOML.Flaw(error: another, path: path)) }
            }
            entry = nil
        }
        return flaws
    }

    /// Sets the position to a line that can be read whatever was meant by the one that begins at `start`. Returns the path
    /// of what is not read, and what else is wrong with that line.
    private mutating func goOn(behind error: TOMLError, in start: Int) -> (path: [String], another: TOMLError?) {
        let reached = max(error.position, position)
        var first = start
        while first < bytes.count, bytes[first] == 0x20 || bytes[first] == 0x09 { first += 1 }
        if first < bytes.count, bytes[first] == UInt8(ascii: "[") {
            guard let table = table(ofHeaderWith: error) else {
                skipToHeader(from: nextLine(behind: start))
                return ([], nil)
            }
            section = table
            position = nextLine(behind: reached)
            return (sectionPath, nil)
        }
        guard let (names, valueStart) = keyAndValueStart(in: first) else {
            return (skipValue(at: first, reached: reached, of: sectionPath), nil)
        }
        let path = sectionPath + names
        if error.position < valueStart, error.isOfTables {
            return passValue(at: valueStart, of: path)
        }
        return (skipValue(at: valueStart, reached: reached, of: path), nil)
    }

    private var sectionPath: [String] { headerPath.map(\.text) }

    /// The table that the keys behind a wrong header belong to; nil if nobody can tell.
    private mutating func table(ofHeaderWith error: TOMLError) -> TOMLTree.ContainerID? {
        switch headerState {
        case .unread: return nil
        case .opened:
            // What goes on with a comma or a bracket is a piece of a list, and no header.
            let next = error.position < bytes.count ? bytes[error.position] : 0x0A
            return next == UInt8(ascii: ",") || next == UInt8(ascii: "]") ? nil : section
        case .named(let isArray):
            if case .tableIsDefined = error.reason { return tree.headerTable(headerPath) }
            // Nothing but its bracket is missing.
            guard error.lacksBracket, isLineBreak() || byte() == nil || byte() == UInt8(ascii: "#") else { return nil }
            do throws(TOMLError) {
                return try isArray ? tree.appendTable(headerPath) : tree.openTable(headerPath)
            } catch {
                return nil
            }
        }
    }

    /// The key of the line, and where its value starts; nil if it has no key with an equals sign.
    private mutating func keyAndValueStart(in line: Int) -> (names: [String], start: Int)? {
        position = line
        let names: [String]
        do throws(TOMLError) {
            names = try key().map(\.text)
        } catch {
            return nil
        }
        skipBlanks()
        guard accept("=") else { return nil }
        skipBlanks()
        return (names, position)
    }

    /// Reads a value that belongs nowhere, since its key is wrong. What is wrong with it too.
    private mutating func passValue(at valueStart: Int, of path: [String]) -> (path: [String], another: TOMLError?) {
        position = valueStart
        let name = TOMLTree.Name(text: "", range: valueStart..<valueStart)
        let table = tree.detachedTable()
        entry = nil
        do throws(TOMLError) {
            try value(named: name, in: table)
            try lineEnd()
            return (path, nil)
        } catch {
            return (skipValue(at: valueStart, reached: max(error.position, position), of: path), error)
        }
    }

    /// To the first line behind a value that went wrong. Where it may go on in the lines below, to the one behind its last
    /// bracket, or to one that can be none of it: a key with its equals sign, or a header. Returns the path of what is
    /// passed over.
    private mutating func skipValue(at valueStart: Int, reached: Int, of path: [String]) -> [String] {
        if let entry { tree.cut(entry.container, to: entry.childCount) }
        entry = nil
        if startsLongString(at: valueStart) {
            // Anything may stand in it.
            let end = endOfLongString(from: max(reached, valueStart + 3), quote: bytes[valueStart])
            position = end.map(nextLine) ?? bytes.count
            return end == nil ? [] : path
        }
        var place = valueStart
        var (brackets, braces) = (0, 0)
        repeat {
            let end = nextLine(behind: place)
            for byte in bytes[place..<end] {
                switch byte {
                case UInt8(ascii: "["): brackets += 1
                case UInt8(ascii: "]"): brackets -= 1
                case UInt8(ascii: "{"): braces += 1
                case UInt8(ascii: "}"): braces -= 1
                default: break
                }
            }
            place = end
            // A table in braces has keys too.
            guard place < bytes.count, !isHeader(at: place), braces > 0 || !isKey(at: place) else { break }
        } while brackets + braces > 0
        position = place
        // Keys behind a brace that is never closed are the section's.
        return braces > 0 ? sectionPath : path
    }

    private mutating func skipToHeader(from line: Int) {
        var place = line
        while place < bytes.count, !isHeader(at: place) { place = nextLine(behind: place) }
        position = place
    }

    // MARK: Lines by their looks

    private func nextLine(behind place: Int) -> Int {
        guard place < bytes.count else { return bytes.count }
        return bytes[place...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    }

    private func startsLongString(at place: Int) -> Bool {
        bytes[min(place, bytes.count)...].starts(with: "\"\"\"".utf8)
            || bytes[min(place, bytes.count)...].starts(with: "'''".utf8)
    }

    /// The last of its closing quotes; nil if there are none.
    private func endOfLongString(from place: Int, quote: UInt8) -> Int? {
        var place = place
        while place + 2 < bytes.count {
            if bytes[place] == quote, bytes[place + 1] == quote, bytes[place + 2] == quote { return place + 2 }
            place += 1
        }
        return nil
    }

    /// `[a.b]` or `[[a.b]]`, which no array of values looks like.
    private func isHeader(at line: Int) -> Bool {
        var place = line
        skipBlanks(&place)
        guard accepts("[", &place) else { return false }
        let isArray = accepts("[", &place)
        skipBlanks(&place)
        guard let word = bareKey(&place), word != "true", word != "false", word != "inf", word != "nan" else {
            return false
        }
        skipBlanks(&place)
        // `[ a . b ]`
        while accepts(".", &place) {
            skipBlanks(&place)
            guard bareKey(&place) != nil else { return false }
            skipBlanks(&place)
        }
        guard accepts("]", &place), !isArray || accepts("]", &place) else { return false }
        skipBlanks(&place)
        return place >= bytes.count || [0x0A, 0x0D, UInt8(ascii: "#")].contains(bytes[place])
    }

    /// `a.b =`, which stands in no array.
    private func isKey(at line: Int) -> Bool {
        var place = line
        skipBlanks(&place)
        guard bareKey(&place) != nil else { return false }
        skipBlanks(&place)
        return accepts("=", &place)
    }

    private func skipBlanks(_ place: inout Int) {
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
    }

    private func accepts(_ character: Unicode.Scalar, _ place: inout Int) -> Bool {
        guard place < bytes.count, UInt32(bytes[place]) == character.value else { return false }
        place += 1
        return true
    }

    /// Letters, digits, `_`, `-` and dots, of which the first is a letter or `_`.
    private func bareKey(_ place: inout Int) -> String? {
        let start = place
        while place < bytes.count, Self.isBareKey(bytes[place]) || bytes[place] == UInt8(ascii: ".") { place += 1 }
        guard place > start, !(0x2D...0x39).contains(bytes[start]) else { return nil }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }
}

extension TOMLError {
    fileprivate var lacksBracket: Bool {
        reason == .expected(.closingBracket) || reason == .endTooEarly(.closingBracket)
    }

    /// The text is TOML, and its tables do not fit each other.
    fileprivate var isOfTables: Bool {
        switch reason {
        case .duplicateKey, .tableIsDefined, .notATable: true
        case .notUTF8, .controlCharacter, .endTooEarly, .expected, .tooDeep, .unknownEscape, .escapedSurrogate,
            .malformedNumber, .integerTooLarge, .malformedDateTime, .unknownWord, .needsVersion1_1:
            false
        }
    }
}
