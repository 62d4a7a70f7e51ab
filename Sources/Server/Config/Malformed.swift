/// Why a text is no value of its key, in words for the operator. Safe for a terminal.
public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
