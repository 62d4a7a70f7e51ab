// Booleans, numbers, dates and times: a run of letters, digits and signs, told apart by how it looks.
extension TOMLParser {
    mutating func word() throws(TOMLError) -> TOML.Value {
        let start = position
        while let byte = byte(), Self.isWordByte(byte) { position += 1 }
        guard position > start else { throw unexpected(.value) }
        if TOMLTime.isDate(bytes[start..<position]), byte() == 0x20, TOMLTime.isTime(bytes[(position + 1)...]) {
            position += 1
            while let byte = byte(), Self.isWordByte(byte) { position += 1 }
        }
        let word = bytes[start..<position]
        if TOMLTime.isDate(word) || TOMLTime.isTime(word) { return .dateTime(try dateTime(word)) }
        switch String(decoding: word, as: UTF8.self) {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        case let text:
            guard let first = word.first,
                first == UInt8(ascii: "+") || first == UInt8(ascii: "-") || Self.isDigit(first)
            else { throw TOMLError(.unknownWord(text), at: start) }
            return try number(word)
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    // MARK: Numbers

    private func number(_ word: ArraySlice<UInt8>) throws(TOMLError) -> TOML.Value {
        if word.starts(with: "0x".utf8) { return .integer(try integer(word.dropFirst(2), radix: 16)) }
        if word.starts(with: "0o".utf8) { return .integer(try integer(word.dropFirst(2), radix: 8)) }
        if word.starts(with: "0b".utf8) { return .integer(try integer(word.dropFirst(2), radix: 2)) }
        var rest = word
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let whole = rest.prefix { Self.isDigit($0) || $0 == UInt8(ascii: "_") }
        guard whole.first != UInt8(ascii: "0") || whole.count == 1 else {
            throw TOMLError(.malformedNumber, at: word.startIndex)
        }
        guard whole.count < rest.count else {
            let digits = try digits(whole, radix: 10)
            guard let value = Int64((word.first == UInt8(ascii: "-") ? "-" : "") + digits) else {
                throw TOMLError(.integerTooLarge, at: word.startIndex)
            }
            return .integer(value)
        }
        return .float(try float(word, whole: whole))
    }

    private func integer(_ digits: ArraySlice<UInt8>, radix: Int) throws(TOMLError) -> Int64 {
        guard let value = Int64(try self.digits(digits, radix: radix), radix: radix) else {
            throw TOMLError(.integerTooLarge, at: digits.startIndex - 2)
        }
        return value
    }

    /// The digits without the underscores, each of which has to stand between two digits.
    private func digits(_ text: ArraySlice<UInt8>, radix: Int) throws(TOMLError) -> String {
        var digits = ""
        var wasDigit = false
        for (place, byte) in zip(text.indices, text) {
            if byte == UInt8(ascii: "_"), wasDigit {
                wasDigit = false
            } else if let value = Hex.value(of: byte), value < radix {
                digits.unicodeScalars.append(Unicode.Scalar(byte))
                wasDigit = true
            } else {
                throw TOMLError(.malformedNumber, at: place)
            }
        }
        guard wasDigit else { throw TOMLError(.malformedNumber, at: text.startIndex) }
        return digits
    }

    /// Digits, then a fraction, an exponent, or both.
    private func float(_ word: ArraySlice<UInt8>, whole: ArraySlice<UInt8>) throws(TOMLError) -> Double {
        var text = word.first == UInt8(ascii: "-") ? "-" : ""
        text += try digits(whole, radix: 10)
        var rest = word[whole.endIndex...]
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { Self.isDigit($0) || $0 == UInt8(ascii: "_") }
            text += "." + (try digits(fraction, radix: 10))
            rest = rest[fraction.endIndex...]
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            text += "e"
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                text.unicodeScalars.append(Unicode.Scalar(sign))
                rest.removeFirst()
            }
            text += try digits(rest, radix: 10)
            rest = rest[rest.endIndex...]
        }
        guard rest.isEmpty, let value = Double(text) else { throw TOMLError(.malformedNumber, at: word.startIndex) }
        return value
    }

    // MARK: Dates and times

    private func dateTime(_ word: ArraySlice<UInt8>) throws(TOMLError) -> TOML.DateTime {
        var time = TOMLTime(word)
        guard let value = time.dateTime() else { throw TOMLError(.malformedDateTime, at: word.startIndex) }
        guard version == .v1_1 || !time.lacksSeconds else {
            throw TOMLError(.needsVersion1_1(.timeWithoutSeconds), at: word.startIndex)
        }
        return value
    }
}
