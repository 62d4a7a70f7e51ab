import Primitives

/// The lines of a file that may hold a secret, by the names in it.
///
/// They are found in one pass, and rather too many than too few: a line is shown because something is wrong with it. So
/// names that are only like a secret's count, wherever they stand, and what follows such a line is hidden until another
/// statement plainly begins.
struct SecretLines {
    static let mask: [Character] = Array("********")

    /// What may not be shown of a line.
    enum Veil {
        case nothing
        /// All but the name that it begins with.
        case value
        /// It goes on a secret.
        case everything
    }

    /// Of longer lines, in bytes, no value is shown, and nobody reads them.
    static let lengthMax = 4_096

    /// Lines of each kind, as ranges of bytes, ascending.
    private var withSecret: [Range<Int>] = []
    private var ofSecret: [Range<Int>] = []

    init(in bytes: [UInt8]) {
        var statement = Statement()
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            switch statement.goOn(with: bytes[start..<end]) {
            case .nothing: break
            case .value: Self.add(start..<end, to: &withSecret)
            case .everything: Self.add(start..<end, to: &ofSecret)
            }
            start = end
        }
    }

    /// - Parameter position: where the line begins, or any byte of it.
    func veil(at position: Int) -> Veil {
        if Self.holds(ofSecret, position) { return .everything }
        return Self.holds(withSecret, position) ? .value : .nothing
    }

    private static func add(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    private static func holds(_ ranges: [Range<Int>], _ position: Int) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= position { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(position)
    }
}

extension SecretLines.Veil {
    /// How many of a line's characters are shown, before the mask; nil where there is nothing to hide.
    func shownCount(of line: [Character]) -> Int? {
        let count: Int
        switch self {
        case .nothing: return nil
        case .value: count = Self.nameCount(in: line)
        case .everything: count = 0
        }
        return line[count...].allSatisfy { " \t".contains($0) } ? nil : count
    }

    /// The characters up to the value: a name, the sign behind it, blanks. Where the sign is missing, the first word is the
    /// name if it is like a secret's.
    private static func nameCount(in line: [Character]) -> Int {
        var place = 0
        func skipBlanks() {
            while place < line.count, " \t".contains(line[place]) { place += 1 }
        }
        skipBlanks()
        let start = place
        while place < line.count, line[place].isLetter || line[place].isNumber || "._-\"'".contains(line[place]) {
            place += 1
        }
        let name = Array(String(line[start..<place]).utf8)
        guard !name.isEmpty else { return 0 }
        skipBlanks()
        if place < line.count, "=:".contains(line[place]) {
            place += 1
            skipBlanks()
            return place
        }
        return SecretWord.stands(in: name[...]) ? place : 0
    }
}

/// Words that are like the name of a secret.
enum SecretWord {
    private static let parts = ["key", "secret", "pass", "pasw", "pwd", "token", "cred"].map { Array($0.utf8) }

    /// Names of known keys and tables that are like one and hold none.
    private static let harmless: [String] = {
        func words(_ path: String) -> [String] { path.split { $0 == "." || $0 == "[" || $0 == "]" }.map(String.init) }
        let secret = Keys.all.filter(\.isSecret).compactMap { words($0.path).last }
        return Keys.all.flatMap { words($0.path) }.filter { isLike(Array($0.utf8)[...]) && !secret.contains($0) }
            .sorted()
    }()

    static func stands(in line: ArraySlice<UInt8>) -> Bool {
        var place = line.startIndex
        while place < line.endIndex {
            let start = place
            while place < line.endIndex, isOfWord(line[place]) { place += 1 }
            let word = line[start..<place]
            if isLike(word), !harmless.sortedContains(String(decoding: word, as: UTF8.self)) { return true }
            place += 1
        }
        return false
    }

    /// Letters, digits, `_` and `-`; a dot stands between words.
    static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...:
            true
        default: false
        }
    }

    private static func isLike(_ word: ArraySlice<UInt8>) -> Bool {
        var rest = word
        while let first = rest.first {
            // Capitals count as small letters.
            switch first | 0x20 {
            case UInt8(ascii: "k"), UInt8(ascii: "s"), UInt8(ascii: "p"), UInt8(ascii: "t"), UInt8(ascii: "c"):
                for part in parts where rest.count >= part.count {
                    if zip(rest, part).allSatisfy({ $0 | 0x20 == $1 }) { return true }
                }
            default: break
            }
            rest = rest.dropFirst()
        }
        return false
    }
}
