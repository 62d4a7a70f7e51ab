/// What the JSON line of an outcome says. Its bytes are looked at: thousands of lines come a minute, and comparing
/// characters took a thirtieth of all the time that seeds take.
extension Outcome {
    /// A number of the JSON line.
    func number(_ name: String) -> Int? {
        let bytes = json.utf8.span
        guard let start = bytes.end(of: "\"\(name)\":") else { return nil }
        var end = start
        while end < bytes.count, bytes[end].isDigit { end += 1 }
        return Int(text(start..<end))
    }

    /// A text of the JSON line, with its escapes.
    func text(_ name: String) -> String? {
        let bytes = json.utf8.span
        guard let start = bytes.end(of: "\"\(name)\":\"") else { return nil }
        let end = bytes.end(of: "\",\"", from: start).map { $0 - 3 } ?? bytes.end(of: "\"}", from: start).map { $0 - 2 }
        return end.map { text(start..<$0) }
    }

    /// The members of an object of the JSON line, each with its number or its array of numbers.
    func members(_ name: String) -> [(name: String, numbers: [Int])] {
        let bytes = json.utf8.span
        guard var place = bytes.end(of: "\"\(name)\":{") else { return [] }
        var members: [(name: String, numbers: [Int])] = []
        while place < bytes.count, bytes[place] != UInt8(ascii: "}") {
            let start = place
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard let end = bytes.end(of: "\"", from: start + 1) else { return members }
                members.append((text(start + 1..<end - 1), []))
                place = end
            case let byte where byte.isDigit && !members.isEmpty:
                while place < bytes.count, bytes[place].isDigit { place += 1 }
                if let number = Int(text(start..<place)) { members[members.count - 1].numbers.append(number) }
            default: place += 1
            }
        }
        return members
    }

    private func text(_ range: Range<Int>) -> String {
        let start = json.utf8.index(json.startIndex, offsetBy: range.lowerBound)
        return String(json[start..<json.utf8.index(start, offsetBy: range.count)])
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension Span<UInt8> {
    /// Where the first `text` at or behind `start` ends.
    fileprivate func end(of text: String, from start: Int = 0) -> Int? {
        let wanted = text.utf8.span
        var place = start
        while place + wanted.count <= count {
            var length = 0
            while length < wanted.count, self[place + length] == wanted[length] { length += 1 }
            if length == wanted.count { return place + length }
            place += 1
        }
        return nil
    }
}
