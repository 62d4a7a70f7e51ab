import Platform
import Primitives

/// Which lines a log keeps: directives such as `info,server::storage=debug`, in the syntax of `RUST_LOG`.
///
/// A directive with a target counts for every target that begins with its path; the longest that fits wins, and of
/// equals the last. A target alone means everything of it. Directives for spans are understood and never fit, since
/// this server has none.
public struct LogFilter: Equatable, Sendable {
    /// How much is kept, from nothing to everything.
    public enum Verbosity: UInt8, Comparable, Sendable {
        case off, error, warn, info, debug, trace

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// One directive that is none, and why the others count all the same.
    public struct Ignored: Equatable, Sendable {
        public let directive: String

        /// What may have been meant.
        var suggestion: String? {
            let plain = directive.filter { $0 != " " }
            if case .wrong = LogFilter.rule(plain) { return nil }
            return plain == directive ? nil : "spaces count: write `\(shortened(plain))`"
        }
    }

    private struct Rule: Equatable {
        let target: String
        let verbosity: Verbosity
    }

    /// The longest target first; of equals the last one written.
    private let rules: [Rule]
    /// The most that any rule keeps: what is above it is dropped without a look at its target.
    public let most: Verbosity

    /// Everything up to `verbosity`.
    public init(_ verbosity: Verbosity) {
        self.init(rules: [Rule(target: "", verbosity: verbosity)])
    }

    private init(rules: [Rule]) {
        var kept: [Rule] = []
        for rule in rules.reversed() where !kept.contains(where: { $0.target == rule.target }) { kept.append(rule) }
        self.rules = kept.sorted { $0.target.utf8.count > $1.target.utf8.count }
        most = kept.map(\.verbosity).max() ?? .off
    }

    /// From a variable of the environment: one wrong directive, and the whole text is refused. An empty text keeps
    /// nothing.
    public init(strictly text: String) throws(Malformed) {
        let (rules, ignored) = Self.parse(text)
        if let first = ignored.first {
            let hint = first.suggestion.map { "; \($0)" } ?? ""
            throw Malformed(
                "\(quoted(first.directive)) is no directive of a log filter, such as info or server=debug\(hint)")
        }
        self.init(rules: rules)
    }

    /// From the configuration: wrong directives are told and the others count. Without a right one, errors are kept.
    public static func leniently(_ text: String) -> (filter: LogFilter, ignored: [Ignored]) {
        // A word alone is a target, so that `none` would keep lines of a target of that name.
        if text.lowercased() == "none" { return (LogFilter(.off), []) }
        let (rules, ignored) = parse(text)
        return (rules.isEmpty ? LogFilter(.error) : LogFilter(rules: rules), ignored)
    }

    /// Words that count as targets, and no target of this server begins so: a level was meant, most likely.
    public static func strangers(in text: String) -> [String] {
        directives(text).filter { part in
            guard !part.isEmpty, !part.contains(where: { $0 == "=" || $0 == "[" }) else { return false }
            guard Verbosity(name: part) == nil else { return false }
            return !LogTarget.allCases.contains { $0.name.hasPrefix(part) }
        }
    }

    /// What is kept of a target.
    public func verbosity(of target: String) -> Verbosity {
        rules.first { target.hasPrefix($0.target) }?.verbosity ?? .off
    }

    // MARK: Grammar

    private static func parse(_ text: String) -> (rules: [Rule], ignored: [Ignored]) {
        var rules: [Rule] = []
        var ignored: [Ignored] = []
        for part in directives(text) where !part.isEmpty {
            switch rule(part) {
            case .rule(let rule): rules.append(rule)
            case .span: break
            case .wrong: ignored.append(Ignored(directive: part))
            }
        }
        return (rules, ignored)
    }

    /// The parts between commas; those within braces or brackets belong to a span.
    private static func directives(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for scalar in text.unicodeScalars {
            if scalar == "[" || scalar == "{" { depth += 1 }
            if scalar == "]" || scalar == "}" { depth = max(0, depth - 1) }
            if scalar == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].unicodeScalars.append(scalar)
            }
        }
        return parts
    }

    private enum Parsed {
        case rule(Rule)
        /// For a span, of which there are none.
        case span
        case wrong
    }

    /// `level`, `target`, `target=level`, or with a span in brackets between.
    private static func rule(_ text: String) -> Parsed {
        if let verbosity = Verbosity(name: text) { return .rule(Rule(target: "", verbosity: verbosity)) }
        var target = text
        if let bracket = text.firstIndex(of: "[") {
            guard let end = text.lastIndex(of: "]"), bracket < end else { return .wrong }
            let rest = text[text.index(after: end)...]
            let isLevel =
                rest.isEmpty || rest == "=" || rest.hasPrefix("=") && Verbosity(name: String(rest.dropFirst())) != nil
            return isLevel && isTarget(text[..<bracket]) ? .span : .wrong
        }
        var verbosity = Verbosity.trace
        if let equals = text.firstIndex(of: "=") {
            target = String(text[..<equals])
            let level = String(text[text.index(after: equals)...])
            if !level.isEmpty {
                guard let named = Verbosity(name: level) else { return .wrong }
                verbosity = named
            }
            guard !target.isEmpty, target.first != " ", target.last != " " else { return .wrong }
        }
        return isTarget(target[...]) ? .rule(Rule(target: target, verbosity: verbosity)) : .wrong
    }

    /// A path of a module; almost anything counts, as in the field.
    private static func isTarget(_ text: Substring) -> Bool {
        !text.contains { $0 == "=" || $0 == "{" || $0 == "}" || $0 == "]" }
    }
}

extension LogFilter.Verbosity {
    /// A level by its name in any case, or by its number.
    init?(name: String) {
        switch name.lowercased() {
        case "off", "0": self = .off
        case "error", "1": self = .error
        case "warn", "2": self = .warn
        case "info", "3": self = .info
        case "debug", "4": self = .debug
        case "trace", "5": self = .trace
        default: return nil
        }
    }
}
