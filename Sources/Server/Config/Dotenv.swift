import Primitives

/// A `.env` file: variables for the environment, a line each.
///
/// `NAME=VALUE`, with `export ` before it if one likes; `#` begins a comment at the start of a line or after a blank. A
/// value in single quotes is taken as it is, one in double quotes may hold `\n`, `\t`, `\"`, `\\` and `\$`. There is no
/// substitution: a dollar sign is a dollar sign. The first of two lines with one name counts, as with other readers.
public struct Dotenv: Equatable, Sendable {
    public private(set) var variables: [(name: String, value: String)] = []
    /// Lines that set nothing and are no comments, by their numbers from 1, and why.
    public private(set) var wrongLines: [(line: Int, reason: String)] = []

    public init(reading bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            wrongLines = [(1, "this is not UTF-8 text")]
            return
        }
        // Only asked, never walked.
        var names: Set<String> = []
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            var rest = Substring(line.drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" })
            if rest.isEmpty || rest.first == "#" { continue }
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7).drop { $0 == " " } }
            do throws(Malformed) {
                let (name, value) = try Self.assignment(rest)
                if names.insert(name).inserted { variables.append((name, value)) }
            } catch {
                wrongLines.append((index + 1, error.description))
            }
        }
    }

    /// The environment with these variables; those that are set already win.
    public func completing(_ environment: [String: String]) -> [String: String] {
        var result = environment
        for variable in variables where result[variable.name] == nil { result[variable.name] = variable.value }
        return result
    }

    private static func assignment(_ line: Substring) throws(Malformed) -> (name: String, value: String) {
        guard let equals = line.firstIndex(of: "=") else { throw Malformed("`=` should come here") }
        var name = line[..<equals]
        while name.last == " " { name.removeLast() }
        let isName = name.utf8.allSatisfy { byte in
            byte == 0x5F || byte == 0x2E || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & ~0x20)
        }
        guard isName, let first = name.utf8.first, !(0x30...0x39).contains(first) else {
            throw Malformed("\(quoted(String(name))) is not the name of a variable")
        }
        let value = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        return (String(name), try Self.value(value))
    }

    private static func value(_ text: Substring) throws(Malformed) -> String {
        guard let quote = text.first, quote == "'" || quote == "\"" else {
            var plain = Substring(text)
            if plain.first == "#" { return "" }
            if let comment = plain.firstRange(of: " #") { plain = plain[..<comment.lowerBound] }
            while let last = plain.last, last == " " || last == "\t" { plain.removeLast() }
            return String(plain)
        }
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let behind = rest.drop { $0 == " " || $0 == "\t" }
                guard behind.isEmpty || behind.first == "#" else {
                    throw Malformed("something follows the closing quote")
                }
                return value
            }
            guard character == "\\", quote == "\"" else {
                value.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "r": value.append("\r")
            case let escaped? where "\\\"'$`".contains(escaped): value.append(escaped)
            default: throw Malformed("a backslash stands before n, t, r, a quote, $ or another backslash")
            }
        }
        throw Malformed("the closing quote is missing")
    }

    public static func == (left: Dotenv, right: Dotenv) -> Bool {
        left.variables.elementsEqual(right.variables, by: ==) && left.wrongLines.elementsEqual(right.wrongLines, by: ==)
    }
}
