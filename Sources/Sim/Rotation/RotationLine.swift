import Platform
import Primitives

/// A line of a simulated caller, and what a line of a log file turns out to be.
enum RotationLine: Equatable {
    /// The line of this number.
    case caller(Int)
    /// The writer says that so many lines are missing here.
    case missing(Int)
    /// The writer says something else.
    case own
    /// A line that is none: its beginning or its end is elsewhere.
    case torn

    static func text(_ number: Int, filler: Int) -> String {
        "n\(number) \(String(repeating: "x", count: filler)) end"
    }

    /// Positions of the format: the time has 27 bytes, then come a blank, five columns for the level and a blank.
    init(_ line: ArraySlice<UInt8>) {
        self = .torn
        guard line.count > 36, line[line.startIndex + 26] == UInt8(ascii: "Z") else { return }
        let rest = String(decoding: line.dropFirst(34), as: UTF8.self)
        guard let colon = rest.firstRange(of: ": ") else { return }
        let message = rest[colon.upperBound...]
        if rest[..<colon.lowerBound].hasSuffix("server::log") {
            let isMissing = message.contains(" lost here: ")
            let digits = message.prefix { $0 != " " }
            self = isMissing ? UInt32(digits: digits).map { .missing(Int($0)) } ?? .torn : .own
            return
        }
        let parts = message.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "end", parts[0].first == "n",
            let number = UInt32(digits: parts[0].dropFirst()), parts[1].utf8.allSatisfy({ $0 == UInt8(ascii: "x") })
        else { return }
        self = .caller(Int(number))
    }

    /// What stands in a file, and whether its last line has its end.
    static func lines(of bytes: [UInt8]) -> [RotationLine] {
        bytes.split(separator: 10, omittingEmptySubsequences: true).map { RotationLine($0) }
    }
}
