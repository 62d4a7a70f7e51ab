/// The grammar as a table: in which state which line leads where, opening and closing which nodes.
///
/// A state is what is left to read, a stack of grammar terms. A line's transition is found by
/// unfolding the stack until a token is on top, in the order of the grammar (a term that may be
/// repeated or left out is tried before what follows it). The grammar never repeats a term that can
/// be empty and contains no recursion, so there are finitely many stacks: about sixty.
struct Automaton: Sendable {
    struct State: Sendable {
        var transitions: [Transition] = []
        /// The kinds of line that the state accepts, as error messages list them.
        var expected: [String] = []
    }

    struct Transition: Sendable {
        var kind: TokenKind
        /// Only if the tags are followed by this kind of line.
        var tagsMustLeadTo: TokenKind?
        var edges: [Edge]
        var target: Int
    }

    enum Edge: Hashable, Sendable {
        case open(Node)
        case close(Node)
    }

    private(set) var states: [State] = []

    /// Built once: deriving it takes longer than parsing a small file.
    static let gherkin = Automaton(.document)

    init(_ grammar: Grammar) {
        var stacks: [[Term]] = [[.grammar(grammar)]]
        var numbers: [[Term]: Int] = [stacks[0]: 0]
        while states.count < stacks.count {
            let current = states.count
            var unfolding = Unfolding()
            unfolding.unfold(stacks[current], edges: [], lead: nil)
            let transitions = unfolding.found.map { found in
                let target = numbers[found.rest] ?? stacks.count
                if target == stacks.count {
                    stacks.append(found.rest)
                    numbers[found.rest] = target
                }
                return Transition(
                    kind: found.kind, tagsMustLeadTo: found.lead, edges: found.edges, target: target
                )
            }
            states.append(State(transitions, number: current))
        }
    }
}

extension Automaton.State {
    /// The end comes first and `#Other` last, because it accepts every line. Where it is not
    /// accepted, comments and empty lines may come anywhere.
    init(_ found: [Automaton.Transition], number: Int) {
        let isProse = found.contains { $0.kind == .other }
        transitions = found.filter { $0.kind == .end }
        transitions += found.filter { $0.kind != .end && $0.kind != .other }
        if !isProse {
            for kind in [TokenKind.comment, .empty] {
                transitions.append(.init(kind: kind, edges: [], target: number))
            }
        }
        transitions += found.filter { $0.kind == .other }

        for transition in transitions {
            let name = "#" + transition.kind.rawValue
            if !expected.contains(name) { expected.append(name) }
        }
    }
}

/// What is left to read: a piece of grammar, or the end of an open node.
private enum Term: Hashable {
    case grammar(Grammar)
    case close(Node)
}

/// The transitions out of one stack.
private struct Unfolding {
    struct Found {
        var kind: TokenKind
        var lead: TokenKind?
        var edges: [Automaton.Edge]
        var rest: [Term]
    }

    var found: [Found] = []

    /// The top of the stack is its last element.
    mutating func unfold(_ stack: [Term], edges: [Automaton.Edge], lead: TokenKind?) {
        var rest = stack
        guard let top = rest.popLast() else {
            add(Found(kind: .end, edges: edges, rest: []))
            return
        }
        switch top {
        case .close(let node):
            unfold(rest, edges: edges + [.close(node)], lead: lead)
        case .grammar(.token(let kind)):
            add(Found(kind: kind, lead: kind == .tagLine ? lead : nil, edges: edges, rest: rest))
        case .grammar(.node(let node)):
            unfold(
                rest + [.close(node), .grammar(node.grammar)], edges: edges + [.open(node)],
                lead: node.tagsMustLeadTo ?? lead)
        case .grammar(.optional(let inner)):
            unfold(rest + [.grammar(inner)], edges: edges, lead: lead)
            unfold(rest, edges: edges, lead: lead)
        case .grammar(.many(let inner)):
            unfold(rest + [top, .grammar(inner)], edges: edges, lead: lead)
            unfold(rest, edges: edges, lead: lead)
        case .grammar(.some(let inner)):
            unfold(rest + [.grammar(.many(inner)), .grammar(inner)], edges: edges, lead: lead)
        case .grammar(.sequence(let parts)):
            unfold(rest + parts.reversed().map(Term.grammar), edges: edges, lead: lead)
        case .grammar(.choice(let parts)):
            for part in parts { unfold(rest + [.grammar(part)], edges: edges, lead: lead) }
        }
    }

    /// The first way to accept a line wins.
    private mutating func add(_ new: Found) {
        guard !found.contains(where: { $0.kind == new.kind && $0.lead == new.lead }) else { return }
        found.append(new)
    }
}
