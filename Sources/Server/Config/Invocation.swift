/// What a command line asks for.
public enum Invocation: Equatable, Sendable {
    case serve(Serving)
    /// Reads a configuration and says what is wrong with it.
    case checkConfiguration(file: String?)
    /// Shows what holds, and who said so.
    case dumpConfiguration(file: String?, asJSON: Bool)
    /// Shows the machine, or one in hwloc's synthetic notation, and what would run where.
    case showTopology(synthetic: String?, file: String?)
    /// Says what is worth changing on this machine.
    case diagnose(file: String?, asJSON: Bool)
    /// Gives an account another password while no server runs.
    case resetPassword(name: String, file: String?)
    case showHelp
    case showVersion

    public struct Serving: Equatable, Sendable {
        /// The configuration file; without it `IGGY_CONFIG_PATH` or the usual place.
        public var file: String?
        public var usesDefaultCredentials = false

        public init() {}
    }

    /// Why a command line cannot be meant, in words.
    public struct Wrong: Error, Equatable, Sendable {
        public let message: String
    }

    public init(_ arguments: [String]) throws(Wrong) {
        if arguments.contains(where: { $0 == "--help" || $0 == "-h" }) {
            self = .showHelp
        } else if arguments.contains(where: { $0 == "--version" || $0 == "-V" }) {
            self = .showVersion
        } else {
            var words = Words(arguments[...])
            switch words.rest.first {
            case "config": self = try Self.configuration(&words)
            case "topology": self = try Self.topology(&words)
            case "doctor": self = try Self.doctor(&words)
            case "user": self = try Self.user(&words)
            default: self = try Self.serve(&words)
            }
        }
    }

    private static func serve(_ words: inout Words) throws(Wrong) -> Invocation {
        var serving = Serving()
        while let word = words.next() {
            switch word {
            case "--with-default-root-credentials": serving.usesDefaultCredentials = true
            case "--config": serving.file = try words.value(of: word, old: serving.file)
            case "--config-provider", "-c":
                let provider = try words.value(of: word, old: nil)
                guard provider == "file" else {
                    throw Wrong(message: "\(word) \(quoted(provider)): there is one provider, file")
                }
            default: throw Wrong.unknown(word)
            }
        }
        return .serve(serving)
    }

    private static func configuration(_ words: inout Words) throws(Wrong) -> Invocation {
        _ = words.next()
        let verb = words.next()
        guard verb == "check" || verb == "dump" else {
            throw Wrong(message: "config is followed by check or dump: `galgo-server config check config.toml`")
        }
        var file: String?
        var asJSON = false
        while let word = words.next() {
            if word == "--json", verb == "dump" {
                asJSON = true
            } else if word.hasPrefix("-") {
                throw Wrong.unknown(word)
            } else if file == nil {
                file = word
            } else {
                throw Wrong(message: "config \(verb ?? "") reads one file, and \(quoted(word)) is another")
            }
        }
        return verb == "check" ? .checkConfiguration(file: file) : .dumpConfiguration(file: file, asJSON: asJSON)
    }

    private static func topology(_ words: inout Words) throws(Wrong) -> Invocation {
        _ = words.next()
        var synthetic: String?
        var file: String?
        while let word = words.next() {
            switch word {
            case "--synthetic": synthetic = try words.value(of: word, old: synthetic)
            case "--config": file = try words.value(of: word, old: file)
            default: throw Wrong.unknown(word)
            }
        }
        return .showTopology(synthetic: synthetic, file: file)
    }

    private static func doctor(_ words: inout Words) throws(Wrong) -> Invocation {
        _ = words.next()
        var file: String?
        var asJSON = false
        while let word = words.next() {
            switch word {
            case "--json": asJSON = true
            case "--config": file = try words.value(of: word, old: file)
            default: throw Wrong.unknown(word)
            }
        }
        return .diagnose(file: file, asJSON: asJSON)
    }

    private static func user(_ words: inout Words) throws(Wrong) -> Invocation {
        _ = words.next()
        guard words.next() == "reset-password" else {
            throw Wrong(message: "user is followed by reset-password: `galgo-server user reset-password iggy`")
        }
        var name: String?
        var file: String?
        while let word = words.next() {
            if word == "--config" {
                file = try words.value(of: word, old: file)
            } else if word.hasPrefix("-") {
                throw Wrong.unknown(word)
            } else if name == nil {
                name = word
            } else {
                throw Wrong(message: "the password is read from standard input, never from the command line")
            }
        }
        guard let name else { throw Wrong(message: "user reset-password needs the name of an account behind it") }
        return .resetPassword(name: name, file: file)
    }

    /// Arguments, one after the other; `--name=value` is two of them.
    private struct Words {
        private(set) var rest: ArraySlice<String>

        init(_ arguments: ArraySlice<String>) {
            rest = arguments
        }

        mutating func next() -> String? {
            guard let word = rest.popFirst() else { return nil }
            guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return word }
            rest = [String(word[word.index(after: equals)...])] + rest
            return String(word[..<equals])
        }

        mutating func value(of option: String, old: String?) throws(Wrong) -> String {
            guard old == nil else { throw Wrong(message: "\(option) is given twice") }
            guard let value = rest.popFirst(), !value.isEmpty else {
                throw Wrong(message: "\(option) needs a value behind it")
            }
            return value
        }
    }
}

extension Invocation.Wrong {
    fileprivate static func unknown(_ word: String) -> Self {
        let known = [
            "config", "doctor", "topology", "user", "--config", "--config-provider", "--help", "--json", "--synthetic", "--version",
            "--with-default-root-credentials",
        ]
        let near = Suggestion.nearest(to: word, among: known, count: 1).first.map { "; did you mean \($0)?" }
        return Self(message: "unknown argument \(quoted(word))\(near ?? "; --help lists what there is")")
    }
}
