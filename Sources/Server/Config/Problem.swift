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
    /// What might have been meant.
    public var suggestion: String?

    init(_ severity: Severity, _ source: Source, _ message: String, suggestion: String? = nil) {
        self.severity = severity
        self.source = source
        self.message = message
        self.suggestion = suggestion
    }

    /// The lines to show: `config.toml:12:8: error: …`, the line of the file, carets below, and the suggestion.
    public func lines(file: String, bytes: [UInt8]) -> [String] {
        var lines: [String]
        switch source {
        case .file(let range):
            let place = TextPlace(of: range.lowerBound, in: bytes)
            lines = ["\(printable(file)):\(place.line):\(place.column): \(severity.rawValue): \(message)"]
            let end = min(max(range.upperBound, range.lowerBound), bytes.count)
            let marked = String(decoding: bytes[min(range.lowerBound, end)..<end], as: UTF8.self)
            lines += place.picture(caretCount: marked.prefix { $0 != "\n" && $0 != "\r\n" }.count)
        case .variable(let name):
            lines = ["\(printable(name)): \(severity.rawValue): \(message)"]
        case .argument(let argument):
            lines = ["\(printable(argument)): \(severity.rawValue): \(message)"]
        case .standard:
            lines = ["\(severity.rawValue): \(message)"]
        }
        if let suggestion { lines.append("      = \(suggestion)") }
        return lines
    }
}

extension [Problem] {
    /// Nobody reads more at a time.
    static let shownMax = 50

    public var errorCount: Int { count { $0.severity == .error } }

    /// The lines of each, as far as people read, and how many more there are.
    ///
    /// - Parameters:
    ///   - file: the name that places are shown under.
    ///   - bytes: of the file.
    public func lines(file: String, bytes: [UInt8]) -> [String] {
        told(file: file, bytes: bytes).map(\.line)
    }

    /// The same, with how severe each line is.
    func told(file: String, bytes: [UInt8]) -> [(severity: Problem.Severity, line: String)] {
        var told = prefix(Self.shownMax).flatMap { problem in
            problem.lines(file: file, bytes: bytes).map { (problem.severity, $0) }
        }
        let rest = Array(dropFirst(Self.shownMax))
        let counts = [(rest.errorCount, "more error"), (rest.count - rest.errorCount, "other")].filter { $0.0 > 0 }
        guard !counts.isEmpty else { return told }
        let parts = counts.map { counted($0.0, $0.1) }.joined(separator: ", ")
        told.append((rest.errorCount > 0 ? .error : .warning, "… and \(parts)"))
        return told
    }
}
