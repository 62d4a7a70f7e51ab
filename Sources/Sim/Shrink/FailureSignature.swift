/// What two failures have in common when they have the same cause: the property, and where it broke. No numbers and no
/// texts of messages, which change with every operation that is left out.
public struct FailureSignature: Equatable, Sendable, CustomStringConvertible {
    public let property: String
    /// The phase of the run.
    public let phase: String
    /// Which of the property's laws, where it has several.
    public let law: String

    public init(property: String, phase: String, law: String = "") {
        self.property = property
        self.phase = phase
        self.law = law
    }

    /// nil for a run that found nothing.
    public init?(_ report: Report) {
        guard case .violated(let violation) = report.verdict else { return nil }
        self.init(property: violation.property.rawValue, phase: report.phase, law: violation.law)
    }

    /// The same, wherever in the run it was found.
    public func isAlike(_ other: FailureSignature) -> Bool { property == other.property && law == other.law }

    public var description: String {
        "\(property)\(phase.isEmpty ? "" : " in phase \(phase)")\(law.isEmpty ? "" : ", \"\(law)\"")"
    }
}
