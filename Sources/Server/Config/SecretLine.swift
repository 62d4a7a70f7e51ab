/// Lines of a file that may hold a secret, by the names in them: a message shows them without what stands behind. Names
/// that are only like a secret's count too, since a line is shown because something in it is wrong.
struct SecretLine {
    static let mask: [Character] = Array("********")

    /// The line as it may be shown, and from which character on it is masked; nil where there is nothing to hide.
    static func masked(_ line: String) -> (text: [Character], maskStart: Int)? {
        let characters = Array(line)
        var place = 0
        while place < characters.count {
            guard isNameCharacter(characters[place]) else {
                place += 1
                continue
            }
            let start = place
            while place < characters.count, isNameCharacter(characters[place]) { place += 1 }
            guard isSecret(name: String(characters[start..<place])), isName(endingAt: place, in: characters) else {
                continue
            }
            // Behind the name: a quote that closes it, blanks, the sign that should be there, blanks.
            var valueStart = place
            while valueStart < characters.count, " \t\"'=:".contains(characters[valueStart]) {
                let isOpeningQuote = "\"'".contains(characters[valueStart]) && valueStart > place
                if isOpeningQuote { break }
                valueStart += 1
            }
            guard valueStart < characters.count else { return nil }
            return (Array(characters[..<valueStart]) + mask, valueStart)
        }
        return nil
    }

    /// A word is a name where something that separates it from a value follows; a comment's words are none, unless a value
    /// follows there.
    private static func isName(endingAt place: Int, in characters: [Character]) -> Bool {
        guard place < characters.count else { return false }
        return characters[place...].contains("=") || characters[place...].contains(":")
            || characters[..<place].allSatisfy { isNameCharacter($0) || " \t\"'".contains($0) }
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "._-".contains(character)
    }

    /// Of a dotted name the last part counts.
    static func isSecret(name: String) -> Bool {
        let last = (name.split(separator: ".").last.map(String.init) ?? name).lowercased()
        return last == "key" || last.hasSuffix("_key") || last.hasSuffix("token") || last.hasPrefix("pass")
            || ["secret", "passw", "passphrase", "pasw", "credential"].contains { last.contains($0) }
    }

    /// A line goes on a text or an array that a line above begins behind a secret's name.
    static func continues(in bytes: [UInt8], lineStart: Int) -> Bool {
        var end = lineStart
        // No secret has more lines.
        for _ in 0..<64 {
            guard end > 0 else { return false }
            let start = bytes[..<(end - 1)].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            let line = String(decoding: bytes[start..<(end - 1)], as: UTF8.self)
            if let equals = line.firstIndex(of: "=") {
                let value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
                let opens = ["\"\"\"", "'''"].first { value.hasPrefix($0) }
                guard let opens, masked(line) != nil else { return false }
                let between = String(decoding: bytes[start..<lineStart], as: UTF8.self)
                return between.ranges(of: opens).count < 2
            }
            end = start
        }
        return false
    }
}
