/// Reads a date, a time or both in the form of RFC 3339: `1979-05-27T07:32:00.5-07:00` and parts of it.
struct TOMLTime {
    private var rest: ArraySlice<UInt8>
    /// A time ended with its minutes, which TOML 1.0 does not know.
    private(set) var lacksSeconds = false

    init(_ word: ArraySlice<UInt8>) {
        rest = word
    }

    /// Whether the word begins as a date does: four digits and a hyphen.
    static func isDate(_ word: ArraySlice<UInt8>) -> Bool {
        word.prefix(4).count == 4 && word.prefix(4).allSatisfy(TOMLParser.isDigit)
            && word.dropFirst(4).first == UInt8(ascii: "-")
    }

    /// Whether the word begins as a time does: two digits and a colon.
    static func isTime(_ word: ArraySlice<UInt8>) -> Bool {
        word.prefix(2).count == 2 && word.prefix(2).allSatisfy(TOMLParser.isDigit)
            && word.dropFirst(2).first == UInt8(ascii: ":")
    }

    /// The whole word; nil if it is anything else.
    mutating func dateTime() -> TOML.DateTime? {
        guard Self.isDate(rest) else {
            guard let time = time(), rest.isEmpty else { return nil }
            return TOML.DateTime(date: nil, time: time, offsetMinutes: nil)
        }
        guard let date = date() else { return nil }
        guard !rest.isEmpty else { return TOML.DateTime(date: date, time: nil, offsetMinutes: nil) }
        guard accept("T") || accept("t") || accept(" "), let time = time() else { return nil }
        guard !rest.isEmpty else { return TOML.DateTime(date: date, time: time, offsetMinutes: nil) }
        guard let offset = offset(), rest.isEmpty else { return nil }
        return TOML.DateTime(date: date, time: time, offsetMinutes: offset)
    }

    private mutating func date() -> TOML.LocalDate? {
        guard let year = number(digits: 4), accept("-"), let month = number(digits: 2), accept("-"),
            let day = number(digits: 2), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        return TOML.LocalDate(year: year, month: month, day: day)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private mutating func time() -> TOML.LocalTime? {
        guard let hour = number(digits: 2), hour < 24, accept(":"), let minute = number(digits: 2), minute < 60 else {
            return nil
        }
        guard accept(":") else {
            lacksSeconds = true
            return TOML.LocalTime(hour: hour, minute: minute, second: 0, nanosecond: 0)
        }
        guard let second = number(digits: 2), second <= 60 else { return nil }
        var nanosecond = 0
        if accept(".") {
            let digits = rest.prefix(while: TOMLParser.isDigit)
            guard !digits.isEmpty else { return nil }
            for place in 0..<9 {
                let digit = place < digits.count ? digits[digits.startIndex + place] - UInt8(ascii: "0") : 0
                nanosecond = nanosecond * 10 + Int(digit)
            }
            rest = rest[digits.endIndex...]
        }
        return TOML.LocalTime(hour: hour, minute: minute, second: second, nanosecond: nanosecond)
    }

    private mutating func offset() -> Int? {
        if accept("Z") || accept("z") { return 0 }
        let isWest = accept("-")
        guard isWest || accept("+"), let hours = number(digits: 2), hours < 24, accept(":"),
            let minutes = number(digits: 2), minutes < 60
        else { return nil }
        return isWest ? -(hours * 60 + minutes) : hours * 60 + minutes
    }

    private mutating func number(digits count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(TOMLParser.isDigit) else { return nil }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == character.value else { return false }
        rest.removeFirst()
        return true
    }
}
