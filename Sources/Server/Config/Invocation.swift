import Primitives

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
    /// Of one command; of everything without one.
    case showHelp(Command?)
    case showVersion

    /// What stands before everything that is no option.
    public enum Command: String, CaseIterable, Sendable {
        case config, doctor, topology, user
    }

    public struct Serving: Equatable, Sendable {
        /// The configuration file; without it `IGGY_CONFIG_PATH` or the usual place.
        public var file: String?
        public var usesDefaultCredentials = false
        /// What is in the data directory goes before the start.
        public var removesData = false
        /// Options of Iggy's that were given and change nothing here.
        public var idleOptions: [String] = []

        public init() {}
    }

    /// Why a command line cannot be meant, in words.
    public struct Wrong: Error, Equatable, Sendable {
        public let message: String

        init(_ message: String) { self.message = message }
    }

    public init(_ arguments: [String]) throws(Wrong) {
        if arguments.contains(where: { Option($0) == .help }) {
            self = .showHelp(arguments.lazy.compactMap { Command(rawValue: $0) }.first)
        } else if arguments.contains(where: { Option($0) == .version }) {
            self = .showVersion
        } else {
            var line = try ArgumentLine(arguments)
            switch line.takeOperand() {
            case nil: self = .serve(try Self.serving(line))
            case "config": self = try Self.configuration(line)
            case "topology":
                try line.require("topology", allowing: [.config, .synthetic])
                self = .showTopology(synthetic: line.values[.synthetic], file: line.values[.config])
            case "doctor":
                try line.require("doctor", allowing: [.config, .json])
                self = .diagnose(file: line.values[.config], asJSON: line.has(.json))
            case "user": self = try Self.user(line)
            case let word?: throw Wrong.unknown(word)
            }
        }
    }

    private static func serving(_ line: ArgumentLine) throws(Wrong) -> Serving {
        try line.require(
            "galgo-server", allowing: [.config, .provider, .fresh, .defaultCredentials, .follower, .replicaID])
        var serving = Serving()
        serving.file = line.values[.config]
        serving.usesDefaultCredentials = line.has(.defaultCredentials)
        serving.removesData = line.has(.fresh)
        serving.idleOptions = [Option.follower, .replicaID].filter(line.has).map(\.rawValue)
        if let replica = line.values[.replicaID], UInt8(digits: replica[...]) == nil {
            throw Wrong("\(Option.replicaID.rawValue) \(quoted(replica)) is not a number from 0 to 255")
        }
        if let provider = line.values[.provider], provider != "file" {
            throw Wrong("\(Option.provider.rawValue) \(quoted(provider)): there is one provider, file")
        }
        return serving
    }

    private static func configuration(_ line: ArgumentLine) throws(Wrong) -> Invocation {
        var line = line
        let verb = line.takeOperand()
        guard let verb, verb == "check" || verb == "dump" else {
            throw Wrong("config is followed by check or dump: `galgo-server config check config.toml`")
        }
        let operand = line.takeOperand()
        if let other = line.takeOperand() ?? (operand == nil ? nil : line.values[.config]) {
            throw Wrong("config \(verb) reads one file, and \(quoted(other)) is another")
        }
        try line.require("config \(verb)", allowing: verb == "check" ? [.config] : [.config, .json])
        let file = operand ?? line.values[.config]
        return verb == "check"
            ? .checkConfiguration(file: file) : .dumpConfiguration(file: file, asJSON: line.has(.json))
    }

    private static func user(_ line: ArgumentLine) throws(Wrong) -> Invocation {
        var line = line
        guard line.takeOperand() == "reset-password" else {
            throw Wrong("user is followed by reset-password: `galgo-server user reset-password iggy`")
        }
        guard let name = line.takeOperand() else {
            throw Wrong("user reset-password needs the name of an account behind it")
        }
        guard line.takeOperand() == nil else {
            throw Wrong("the password is read from standard input, never from the command line")
        }
        try line.require("user reset-password", allowing: [.config])
        return .resetPassword(name: name, file: line.values[.config])
    }
}

extension Invocation.Wrong {
    static func unknown(_ word: String) -> Self {
        let known = Invocation.Command.allCases.map(\.rawValue) + Invocation.Option.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: word, among: known, count: 1, reach: .far).first.map { "; did you mean \($0)?" }
        return Self("unknown argument \(quoted(word))\(near ?? "; --help lists what there is")")
    }
}
