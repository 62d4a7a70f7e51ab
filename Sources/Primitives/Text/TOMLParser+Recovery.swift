extension TOML {
    /// What can be read of a document that may have errors, and those errors in its order: the first is the one that
    /// `init(parsing:)` throws. What an error makes doubtful is passed over rather than guessed at: a key whose value is
    /// wrong is left out, and so are the keys behind a header that cannot be read.
    ///
    /// - Parameter errorsMax: after so many the rest is not looked at.
    public static func leniently(
        parsing bytes: [UInt8], version: Version = .v1_0, errorsMax: Int
    ) -> (toml: TOML, errors: [TOMLError]) {
        do {
            var parser = try TOMLParser(bytes, version: version)
            let errors = parser.parseLeniently(errorsMax: errorsMax)
            return (parser.document, errors)
        } catch {
            return (TOML(root: Table(members: [])), [error])
        }
    }
}

// Going on behind an error.
extension TOMLParser {
    mutating func parseLeniently(errorsMax: Int) -> [TOMLError] {
        var errors: [TOMLError] = []
        while errors.count < errorsMax {
            let start = position
            do throws(TOMLError) {
                guard try line() else { break }
            } catch {
                errors.append(error)
                if let another = goOn(behind: error, in: start) { errors.append(another) }
            }
            entry = nil
        }
        return errors
    }

    /// Sets the position to a line that can be read whatever was meant by the one that begins at `start`. Returns what
    /// else is wrong with that one.
    private mutating func goOn(behind error: TOMLError, in start: Int) -> TOMLError? {
        let reached = max(error.position, position)
        var first = start
        while first < bytes.count, bytes[first] == 0x20 || bytes[first] == 0x09 { first += 1 }
        if first < bytes.count, bytes[first] == UInt8(ascii: "[") {
            // Keys that follow are of a table that is there, or of none that is known.
            if case .tableIsDefined = error.reason, let table = tree.headerTable(headerPath) {
                section = table
                position = nextLine(behind: reached)
            } else {
                skipToHeader(from: nextLine(behind: start))
            }
            return nil
        }
        if let valueStart = valueStart(in: first), error.position < valueStart, error.isOfTables {
            return passValue(at: valueStart, from: first)
        }
        skipValue(from: first, reached: reached)
        return nil
    }

    /// Where the value of the line begins; nil if it has no key with an equals sign.
    private mutating func valueStart(in line: Int) -> Int? {
        position = line
        do throws(TOMLError) {
            _ = try key()
        } catch {
            return nil
        }
        skipBlanks()
        guard accept("=") else { return nil }
        skipBlanks()
        return position
    }

    /// Reads a value that belongs nowhere, since its key is wrong. What is wrong with it too.
    private mutating func passValue(at valueStart: Int, from line: Int) -> TOMLError? {
        position = valueStart
        let name = TOMLTree.Name(text: "", range: valueStart..<valueStart)
        let table = tree.detachedTable()
        entry = nil
        do throws(TOMLError) {
            try value(named: name, in: table)
            try lineEnd()
            return nil
        } catch {
            skipValue(from: line, reached: max(error.position, position))
            return error
        }
    }

    /// To the first line behind a value that went wrong. Where it may go on in the lines below, to the one behind its last
    /// bracket, or to one that can be none of it: a key with its equals sign, or a header.
    private mutating func skipValue(from line: Int, reached: Int) {
        if let entry { tree.cut(entry.container, to: entry.childCount) }
        entry = nil
        let valueStart = valueStart(in: line) ?? line
        if startsLongString(at: valueStart) {
            // Anything may stand in it.
            let end = endOfLongString(from: max(reached, valueStart + 3), quote: bytes[valueStart])
            position = end.map(nextLine) ?? bytes.count
            return
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
