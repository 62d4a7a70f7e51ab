/// What a step says to the closure that runs it: the values of its parameters, its table, its text.
public struct StepArguments: Sendable {
    /// The values that the parameter types made, in order.
    public let values: [any Sendable]
    private let arguments: [Pickle.Argument]

    init(values: [any Sendable], arguments: [Pickle.Argument]) {
        self.values = values
        self.arguments = arguments
    }

    /// The value at this index, counted from 0.
    public func value<Value>(
        _ index: Int = 0, as type: Value.Type = Value.self
    ) throws(ArgumentError) -> Value {
        guard values.indices.contains(index) else {
            throw .missing(index: index, count: values.count)
        }
        guard let value = values[index] as? Value else {
            throw .wrongType(index: index, wanted: "\(Value.self)")
        }
        return value
    }

    /// The value of an `{int}`.
    public func int(_ index: Int = 0) throws(ArgumentError) -> Int { try value(index) }

    /// The value of a `{float}`.
    public func float(_ index: Int = 0) throws(ArgumentError) -> Double { try value(index) }

    /// The value of a `{string}`, a `{word}` or a `{}`.
    public func string(_ index: Int = 0) throws(ArgumentError) -> String { try value(index) }

    /// The data table below the step.
    public func table() throws(ArgumentError) -> Table {
        for case .table(let table) in arguments { return table }
        throw .tableMissing
    }

    /// The doc string below the step.
    public func docString() throws(ArgumentError) -> Pickle.Text {
        for case .docString(let text) in arguments { return text }
        throw .docStringMissing
    }
}

/// A step that does not carry what its closure asks for.
public enum ArgumentError: Error, Hashable, Sendable {
    case missing(index: Int, count: Int)
    case wrongType(index: Int, wanted: String)
    case outOfRange(String)
    case tableMissing
    case docStringMissing
}

extension ArgumentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let index, let count):
            "the step has \(count) parameter(s), there is none at index \(index)"
        case .wrongType(let index, let wanted): "the parameter at index \(index) is no \(wanted)"
        case .outOfRange(let text): "the number \(text) is out of range"
        case .tableMissing: "the step has no table"
        case .docStringMissing: "the step has no doc string"
        }
    }
}
