/// What a parser builds while it reads: the nodes it enters and leaves, and the lines between.
package protocol TreeBuilder {
    mutating func open(_ node: Node)
    mutating func close(_ node: Node) throws(ParseError)
    mutating func add(_ token: Token)
}

/// Drives a builder through the automaton, line by line.
///
/// A line that no transition accepts is reported and skipped, and the state stays: that is how one
/// run finds every error. What a tag line opens is decided by looking ahead over tags, comments
/// and empty lines; the automaton asks that only for the first tag line of a block, so the run is
/// linear.
package struct Parser<Builder: TreeBuilder> {
    private let source: Source
    private var matcher = TokenMatcher()
    private var builder: Builder
    private var errors: [ParseError]

    /// Plays the lines of a file to the builder and returns it. Throws every error found, up to
    /// `Limits.errorsMax`.
    package static func run(
        _ bytes: some Collection<UInt8>, uri: String, building builder: Builder
    ) throws(ParseFailure) -> Builder {
        guard bytes.count <= Limits.sourceBytesMax else {
            let reason = ParseError.Reason.tooLarge("more than \(Limits.sourceBytesMax) bytes")
            let error = ParseError(location: Location(line: 1, column: 0), reason: reason)
            throw ParseFailure(uri: uri, errors: [error])
        }
        var parser = Parser(Source(bytes), builder)
        parser.readAll()
        guard parser.errors.isEmpty else { throw ParseFailure(uri: uri, errors: parser.errors) }
        return parser.builder
    }

    private init(_ source: Source, _ builder: Builder) {
        self.source = source
        self.builder = builder
        errors = source.errors
    }

    private mutating func readAll() {
        var state = 0
        for index in source.lines.indices {
            state = read(lineAt: index, in: state)
            if errors.count >= Limits.errorsMax { return }
        }
        finish(in: state)
    }

    /// The state after the line.
    private mutating func read(lineAt index: Int, in state: Int) -> Int {
        let line = source.lines[index]
        for transition in Automaton.gherkin.states[state].transitions {
            guard let token = match(line, as: transition.kind) else { continue }
            if let wanted = transition.tagsMustLeadTo, !tags(at: index, leadTo: wanted) { continue }
            follow(transition, token)
            return transition.target
        }
        let expected = Automaton.gherkin.states[state].expected
        let got = String(line.text.trimmed)
        report(
            ParseError(
                location: line.location, reason: .unexpectedLine(expected: expected, got: got)))
        return state
    }

    private mutating func finish(in state: Int) {
        let end = matcher.end(at: source.end)
        let transitions = Automaton.gherkin.states[state].transitions
        guard let transition = transitions.first(where: { $0.kind == .end }) else {
            let expected = Automaton.gherkin.states[state].expected
            report(ParseError(location: end.location, reason: .unexpectedEnd(expected: expected)))
            return
        }
        follow(transition, end)
    }

    private mutating func follow(_ transition: Automaton.Transition, _ token: Token) {
        for edge in transition.edges {
            switch edge {
            case .open(let node): builder.open(node)
            case .close(let node):
                do throws(ParseError) { try builder.close(node) } catch { report(error) }
            }
        }
        builder.add(token)
    }

    /// Whether the block of tags, comments and empty lines that goes on after this line ends with
    /// a line of the wanted kind.
    private mutating func tags(at index: Int, leadTo wanted: TokenKind) -> Bool {
        for line in source.lines[(index + 1)...] {
            if match(line, as: wanted) != nil { return true }
            let goesOn = line.isEmpty || line.starts(with: "#") || match(line, as: .tagLine) != nil
            if !goesOn { return false }
        }
        return false
    }

    private mutating func match(_ line: Line, as kind: TokenKind) -> Token? {
        do throws(ParseError) { return try matcher.match(line, as: kind) } catch {
            report(error)
            return nil
        }
    }

    /// A line may be tried several times, so the same error may come again.
    private mutating func report(_ error: ParseError) {
        guard errors.count < Limits.errorsMax, !errors.contains(error) else { return }
        errors.append(error)
    }
}
