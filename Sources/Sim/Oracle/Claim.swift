public import Platform

/// What runs have to show, taken together: the static catalogue of everything that is claimed about them.
public struct Claim: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Holds whenever it is looked at, and is looked at in nearly every run.
        case always
        /// Holds in some run.
        case sometimes
        /// Some run comes there.
        case reachable
        /// No run comes there.
        case unreachable
    }

    /// Where a report has what the claim is about.
    public enum Evidence: Equatable, Sendable {
        /// Facts that the checker compared.
        case facts(Property)
        /// Hits of the mark.
        case mark(Mark)
        /// The field of this name.
        case count(String)
        /// Effects of the family's faults.
        case effects(Fault.Family)
        /// The run ended with this finding.
        case finding(String)
    }

    public let kind: Kind
    public let id: String
    public let evidence: Evidence

    /// The part of a run that it is about, if not all of it.
    public var chapter: Chapter? {
        if case .facts(let property) = evidence { property.chapter } else { nil }
    }

    public static let catalogue: [Claim] =
        Property.allCases.map { Claim(kind: .always, id: $0.rawValue, evidence: .facts($0)) }
        + counts.map { Claim(kind: .sometimes, id: $0.id, evidence: .count($0.field)) }
        + Fault.Family.allCases.map { Claim(kind: .sometimes, id: "met-\($0.rawValue)", evidence: .effects($0)) }
        + Mark.allCases.map { Claim(kind: .reachable, id: $0.text, evidence: .mark($0)) }
        + Finding.names.map { Claim(kind: .unreachable, id: $0, evidence: .finding($0)) }

    private static let counts: [(id: String, field: String)] = [
        ("request-succeeds", "ok"), ("request-is-refused", "refused"), ("request-ends-unknown", "unknown"),
        ("process-is-killed", "kills"), ("power-goes-out", "power_cuts"), ("shard-fails", "panics"),
        ("process-starts-again", "restarts"),
    ]
}

extension Finding {
    static let names = ["broken-law", "livelock", "start-refused", "leaked-machine", "out-of-memory"]

    /// As reports and the catalogue of claims name it.
    var name: String {
        switch self {
        case .brokenLaw: Self.names[0]
        case .livelock: Self.names[1]
        case .startRefused: Self.names[2]
        case .leakedMachine: Self.names[3]
        case .outOfMemory: Self.names[4]
        }
    }
}
