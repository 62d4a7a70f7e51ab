/// One thing that is wrong with a configuration, or that its author should know: where, what, and what would be right.
public struct Problem: Error, Equatable, Sendable {
    public enum Severity: String, Sendable {
        /// The server does not start.
        case error
        case warning
        /// Right as it stands, and worth a line.
        case notice = "note"
    }

    /// Where a value was written.
    public enum Source: Equatable, Sendable {
        /// Bytes of the file.
        case file(Range<Int>)
        case variable(String)
        /// The command line.
        case argument(String)
        /// What holds by itself.
        case standard
    }

    public let severity: Severity
    public let source: Source
    public let message: String
    /// What might have been meant, or would be right: names of keys, never a word of a secret.
    public var suggestion: String?
    /// The line may hold a secret under a name that is like none: its value is not shown.
    var isOfSecret = false

    init(_ severity: Severity, _ source: Source, _ message: String, suggestion: String? = nil) {
        self.severity = severity
        self.source = source
        self.message = message
        self.suggestion = suggestion
    }

    /// The lines to show: `config.toml:12:8: error: …`, the line of the file, carets below, and the suggestion.
    func lines(file: String, bytes: [UInt8], secrets: SecretLines) -> [String] {
        var lines = [line(file: file, bytes: bytes)]
        if case .file(let range) = source {
            let end = min(max(range.upperBound, range.lowerBound), bytes.count)
            let marked = String(decoding: bytes[min(range.lowerBound, end)..<end], as: UTF8.self)
            let place = TextPlace(of: range.lowerBound, in: bytes)
            var veil = secrets.veil(at: place.lineStart)
            if isOfSecret, veil == .nothing { veil = .value }
            lines += place.picture(caretCount: marked.prefix { $0 != "\n" && $0 != "\r\n" }.count, under: veil)
        }
        if let suggestion { lines.append("      = \(suggestion)") }
        return lines
    }

    /// The first of the lines. Of the file it has at most names of keys and what is wrong as the value of a known key that
    /// is no secret; of what is no TOML it has nothing.
    func line(file: String, bytes: [UInt8]) -> String {
        let told = "\(severity.rawValue): \(message)"
        switch source {
        case .file(let range):
            let place = TextPlace(of: range.lowerBound, in: bytes)
            return "\(printable(file)):\(place.line):\(place.column): \(told)"
        case .variable(let name): return "\(printable(name)): \(told)"
        case .argument(let argument): return "\(printable(argument)): \(told)"
        case .standard: return told
        }
    }
}

extension [Problem] {
    /// Nobody reads more at a time.
    public static let shownMax = 50

    public var errorCount: Int { count { $0.severity == .error } }

    /// The lines of each, as far as people read, and how many more there are.
    ///
    /// - Parameters:
    ///   - file: the name that places are shown under.
    ///   - bytes: of the file.
    public func lines(file: String, bytes: [UInt8]) -> [String] {
        guard !isEmpty else { return [] }
        let secrets = SecretLines(in: bytes)
        return prefix(Self.shownMax).flatMap { $0.lines(file: file, bytes: bytes, secrets: secrets) }
            + (rest.map { [$0.line] } ?? [])
    }

    /// A line for each, with how severe it is, as a log may keep it: without the lines of the file.
    public func told(file: String, bytes: [UInt8]) -> [(severity: Problem.Severity, line: String)] {
        prefix(Self.shownMax).map { problem in
            let suggestion = problem.suggestion.map { "; \($0)" } ?? ""
            return (problem.severity, problem.line(file: file, bytes: bytes) + suggestion)
        } + (rest.map { [$0] } ?? [])
    }

    /// What is not shown.
    private var rest: (severity: Problem.Severity, line: String)? {
        let rest = Array(dropFirst(Self.shownMax))
        let counts = [(rest.errorCount, "more error"), (rest.count - rest.errorCount, "other")].filter { $0.0 > 0 }
        guard !counts.isEmpty else { return nil }
        let parts = counts.map { counted($0.0, $0.1) }.joined(separator: ", ")
        return (rest.errorCount > 0 ? .error : .warning, "… and \(parts)")
    }
}
