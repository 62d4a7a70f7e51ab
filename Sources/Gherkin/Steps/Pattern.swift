/// A text's shape: what a step expression and its parameter types are made of.
///
/// Repetitions take as much as they can while the whole step still matches. `Program` runs a
/// pattern in time linear in its length and in the text's, whatever the pattern, so there is no
/// expensive one to avoid.
public indirect enum Pattern: Hashable, Sendable {
    case text(String)
    case one(ScalarClass)
    case optional(Pattern)
    /// Any number of times, also none.
    case many(Pattern)
    /// Once or more.
    case some(Pattern)
    case sequence([Pattern])
    /// The first that lets the whole step match.
    case choice([Pattern])
    /// What this matches is the argument with this number.
    case argument(Int, Pattern)

    /// One of these words.
    public static func words(_ words: [String]) -> Pattern {
        .choice(words.map(Pattern.text))
    }
}

/// A set of Unicode scalars.
public enum ScalarClass: Hashable, Sendable {
    case any
    /// `0` to `9`.
    case digit
    case letter
    case nonSpace
    case only([Unicode.Scalar])
    case except([Unicode.Scalar])

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .any: true
        case .digit: scalar >= "0" && scalar <= "9"
        case .letter: scalar.properties.isAlphabetic
        case .nonSpace: !scalar.properties.isWhitespace
        case .only(let scalars): scalars.contains(scalar)
        case .except(let scalars): !scalars.contains(scalar)
        }
    }
}
