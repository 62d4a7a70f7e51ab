extension Invocation {
    /// Words that begin with a dash, wherever they stand.
    enum Option: String, CaseIterable {
        case config = "--config"
        case provider = "--config-provider"
        case fresh = "--fresh"
        case defaultCredentials = "--with-default-root-credentials"
        case follower = "--follower"
        case replicaID = "--replica-id"
        case json = "--json"
        case synthetic = "--synthetic"
        case version = "--version"
        case help = "--help"

        init?(_ word: String) {
            switch word {
            case "-c": self = .provider
            case "-f": self = .fresh
            case "-V": self = .version
            case "-h": self = .help
            default: self.init(rawValue: word)
            }
        }

        /// A value stands behind it, or after an equals sign.
        var takesValue: Bool {
            switch self {
            case .config, .provider, .replicaID, .synthetic: true
            case .fresh, .defaultCredentials, .follower, .json, .version, .help: false
            }
        }
    }

    /// A command line by its options, whose order does not count, and the other words in theirs.
    struct ArgumentLine {
        /// Of the options that were given; empty for one that takes none.
        private(set) var values: [Option: String] = [:]
        private var operands: ArraySlice<String> = []

        init(_ arguments: [String]) throws(Wrong) {
            var rest = arguments[...]
            while let word = rest.popFirst() {
                guard word.hasPrefix("-") else {
                    operands.append(word)
                    continue
                }
                let equals = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
                let name = equals.map { String(word[..<$0]) } ?? word
                guard let option = Option(name) else { throw Wrong.unknown(name) }
                var value = equals.map { String(word[word.index(after: $0)...]) }
                if option.takesValue {
                    guard values[option] == nil else { throw Wrong("\(name) is given twice") }
                    value = value ?? rest.popFirst()
                    if value?.isEmpty ?? true { throw Wrong("\(name) needs a value behind it") }
                } else if value != nil {
                    throw Wrong("\(name) takes no value")
                }
                values[option] = value ?? ""
            }
        }

        func has(_ option: Option) -> Bool { values[option] != nil }

        mutating func takeOperand() -> String? { operands.popFirst() }

        /// Everything that is left belongs to the command.
        func require(_ command: String, allowing options: [Option]) throws(Wrong) {
            if let word = operands.first { throw Wrong.unknown(word) }
            if let strange = Option.allCases.first(where: { has($0) && !options.contains($0) }) {
                throw Wrong("\(strange.rawValue) does not go with \(command)")
            }
        }
    }
}
