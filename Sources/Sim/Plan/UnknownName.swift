import Platform

/// A name in a plan that this version gives to nothing. Plans outlive the code they were made for: what is gone must not
/// look like a slip of the pen.
public struct UnknownName: Equatable, Sendable, CustomStringConvertible {
    /// What it should name.
    public let sort: String
    public let name: String

    public var description: String { "there is no \(sort) '\(name)'" }

    private init?(_ sort: String, _ name: String, unless isKnown: Bool) {
        guard !isKnown, name.first?.isLetter ?? false else { return nil }
        self.sort = sort
        self.name = name
    }

    /// The first unknown name of a line; nil if something else is wrong with it.
    init?(in line: String) {
        let words = line.split { $0 == " " }.map { String($0) }
        guard words.count > 1 else { return nil }
        let found: UnknownName? =
            switch words[0] {
            case "knob": UnknownName("knob", words[1], unless: Knob(rawValue: words[1]) != nil)
            case "family": UnknownName("family of faults", words[1], unless: Fault.Family(rawValue: words[1]) != nil)
            case "mutation":
                UnknownName("planted bug", words[1], unless: Mutation.allCases.contains { "\($0)" == words[1] })
            case "sabotage": UnknownName("broken promise", words[1], unless: Sabotage(rawValue: words[1]) != nil)
            case "chapter": UnknownName("chapter", words[1], unless: Chapter(rawValue: words[1]) != nil)
            case "ambush": UnknownName("ambush", words[1], unless: Ambush(rawValue: words[1]) != nil)
            case "leak": UnknownName("leak", words[1], unless: Leak(rawValue: words[1]) != nil)
            case "last-crash": UnknownName("crash", words[1], unless: CrashKind(rawValue: words[1]) != nil)
            case "tape": UnknownName("lane", words[1], unless: Tape.Lane(rawValue: words[1]) != nil)
            case "metadata": UnknownName("order of metadata", words[1], unless: MetadataOrder(rawValue: words[1]) != nil)
            case "op", "write":
                UnknownName("operation", words[1], unless: PlannedOperation.names.contains(words[1]))
            case "do": UnknownName("operation", words[1], unless: OwnerOperation.names.contains(words[1]))
            case "fault": Self.inFault(words)
            default: nil
            }
        guard let found else { return nil }
        self = found
    }

    private static func inFault(_ words: [String]) -> UnknownName? {
        let isKind = words[1] == "when" || Fault.Family(rawValue: words[1]) != nil || Disturbance.Name(rawValue: words[1]) != nil
        if let kind = UnknownName("fault", words[1], unless: isKind) { return kind }
        func ioClass(_ word: String) -> UnknownName? {
            UnknownName("class of files", word, unless: IOClass(text: word) != nil)
        }
        if words[1] == Fault.Family.syncFails.rawValue, words.count > 2, let found = ioClass(words[2]) { return found }
        if case .file = Disturbance.Name(rawValue: words[1])?.row.target, words.count > 3, let found = ioClass(words[3]) {
            return found
        }
        guard let when = words.firstIndex(of: "when"), when + 2 < words.count else { return nil }
        switch words[when + 1] {
        case "mark": return UnknownName("mark", words[when + 2], unless: Mark(text: words[when + 2]) != nil)
        case "io":
            if let found = ioClass(words[when + 2]) { return found }
            guard when + 3 < words.count else { return nil }
            return UnknownName("kind of IO", words[when + 3], unless: IOKind(rawValue: words[when + 3]) != nil)
        default: return nil
        }
    }
}
