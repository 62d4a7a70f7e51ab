public import Platform
import Primitives

/// Puts records into lines, each ended by a line feed.
///
///     2026-02-13T10:08:28.268923Z  INFO shard-0 server::catalog: stream created stream_id=1 by_user_id=1 name="orders"
///
/// Time (UTC, microseconds), level in five columns, thread as wide as the widest so far, target, message, name. What
/// came from outside cannot end a line or command a terminal: control characters are shown, not obeyed.
public struct LogFormat: Equatable, Sendable {
    public enum Style: Equatable, Sendable {
        case plain
        /// For a terminal.
        case coloured
        /// An object for each line: `timestamp`, `level`, `thread`, `target`, `message`, `name`.
        case json
    }

    public let style: Style
    private var threadWidth = 0
    private var clock = LogClock()

    public init(_ style: Style) { self.style = style }

    public mutating func append(_ record: LogRecord, to line: inout [UInt8]) {
        switch style {
        case .plain: appendText(record, isColoured: false, &line)
        case .coloured: appendText(record, isColoured: true, &line)
        case .json: appendObject(record, &line)
        }
        line.append(UInt8(ascii: "\n"))
    }

    private mutating func appendText(_ record: LogRecord, isColoured: Bool, _ line: inout [UInt8]) {
        let (dim, plain) = isColoured ? ("\u{1b}[2m", "\u{1b}[0m") : ("", "")
        line += dim.utf8
        clock.append(record.time, to: &line)
        line += plain.utf8
        line.append(UInt8(ascii: " "))
        if isColoured { line += record.level.colour.utf8 }
        line += record.level.columns.utf8
        line += plain.utf8
        let thread = record.thread.name
        threadWidth = max(threadWidth, thread.utf8.count)
        for _ in thread.utf8.count...threadWidth { line.append(UInt8(ascii: " ")) }
        line += thread.utf8
        line.append(UInt8(ascii: " "))
        line += dim.utf8
        line += record.target.name.utf8
        line.append(UInt8(ascii: ":"))
        line += plain.utf8
        line.append(UInt8(ascii: " "))
        switch record.message {
        case .text: Self.append(record.text, .text, to: &line)
        case .notice(let notice):
            line += notice.description.utf8
            guard !record.text.isEmpty else { return }
            line += " name=\"".utf8
            Self.append(record.text, .quoted, to: &line)
            line.append(UInt8(ascii: "\""))
        }
    }

    private mutating func appendObject(_ record: LogRecord, _ line: inout [UInt8]) {
        line += "{\"timestamp\":\"".utf8
        clock.append(record.time, to: &line)
        line += "\",\"level\":\"\(record.level.name)\",\"thread\":\"\(record.thread.name)\",\"target\":\"".utf8
        line += record.target.name.utf8
        line += "\",\"message\":\"".utf8
        switch record.message {
        case .text: Self.append(record.text, .json, to: &line)
        case .notice(let notice):
            line += notice.description.utf8
            if !record.text.isEmpty {
                line += "\",\"name\":\"".utf8
                Self.append(record.text, .json, to: &line)
            }
        }
        line += "\"}".utf8
    }

    // MARK: Text from outside

    private enum Escape { case text, quoted, json }

    /// Bytes that are no UTF-8 become U+FFFD.
    private static func append(_ text: [UInt8], _ escape: Escape, to line: inout [UInt8]) {
        let isSimple = text.allSatisfy {
            (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        if isSimple {
            line += text
            return
        }
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { append(scalar, escape, to: &line) }
    }

    private static func append(_ scalar: Unicode.Scalar, _ escape: Escape, to line: inout [UInt8]) {
        switch scalar {
        case "\"" where escape != .text, "\\" where escape != .text:
            line.append(UInt8(ascii: "\\"))
            line.append(UInt8(truncatingIfNeeded: scalar.value))
        case "\n": line += "\\n".utf8
        case "\r": line += "\\r".utf8
        case "\t": line += "\\t".utf8
        case _ where isCommand(scalar):
            let digits = String(scalar.value, radix: 16)
            line +=
                (escape == .json
                ? "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits : "\\u{\(digits)}").utf8
        default: line += String(Character(scalar)).utf8
        }
    }

    /// Control characters, and those that turn the direction of writing or end a line for some readers.
    private static func isCommand(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}

extension LogRecord.Thread {
    var name: String {
        switch self {
        case .main: "main"
        case .log: "log"
        case .shard(let number): "shard-\(number)"
        }
    }
}

extension Notice.Level {
    var name: String {
        switch self {
        case .error: "ERROR"
        case .warning: "WARN"
        case .info: "INFO"
        case .debug: "DEBUG"
        }
    }

    fileprivate var columns: String {
        switch self {
        case .error: "ERROR"
        case .warning: " WARN"
        case .info: " INFO"
        case .debug: "DEBUG"
        }
    }

    fileprivate var colour: String {
        switch self {
        case .error: "\u{1b}[31m"
        case .warning: "\u{1b}[33m"
        case .info: "\u{1b}[32m"
        case .debug: "\u{1b}[34m"
        }
    }
}

/// Times as `2026-02-13T10:08:28.268923Z`. Most lines share their second with the one before.
struct LogClock: Equatable, Sendable {
    private var second = Int64.min
    private var text: [UInt8] = []

    mutating func append(_ microseconds: Int64, to line: inout [UInt8]) {
        let time = max(0, microseconds)
        if time / 1_000_000 != second {
            second = time / 1_000_000
            text = Self.text(second: second)
        }
        line += text
        Self.append(Int(time % 1_000_000), digits: 6, to: &line)
        line.append(UInt8(ascii: "Z"))
    }

    /// `2026-02-13T10:08:28.`: days to a date by the civil calendar, whose years begin in March here.
    private static func text(second: Int64) -> [UInt8] {
        let days = Int(second / 86_400) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let time = Int(second % 86_400)
        var text: [UInt8] = []
        append(year, digits: 4, to: &text)
        for (mark, value) in [("-", month), ("-", day), ("T", time / 3_600), (":", time / 60 % 60), (":", time % 60)] {
            text += mark.utf8
            append(value, digits: 2, to: &text)
        }
        text.append(UInt8(ascii: "."))
        return text
    }

    private static func append(_ value: Int, digits: Int, to line: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        // Years have five digits from the year 10000 on.
        while value / divisor > 9 { divisor *= 10 }
        while divisor > 0 {
            line.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
