import Verifier

/// What the command line asks for.
struct Arguments {
    var directory = ""
    var options = Options(.clean)
    var isJSON = false

    enum Parsed {
        case run(Arguments)
        case help
        case wrong(String)
    }

    static func parse(_ words: [String]) -> Parsed {
        var arguments = Arguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": return .help
            case "--crashed": arguments.options.ending = .crashed
            case "--power-cut": arguments.options.hasLostPower = true
            case "--json": arguments.isJSON = true
            case "--messages": arguments.options.listsMessages = true
            case "--besides":
                guard let name = rest.popFirst(), !name.isEmpty else {
                    return .wrong("--besides needs the name of a directory")
                }
                arguments.options.strangers.append(name.split(separator: "/").first.map(String.init) ?? name)
            case "--segment-bytes":
                guard let byteCount = rest.popFirst().flatMap({ UInt64($0) }), byteCount > 0 else {
                    return .wrong("--segment-bytes needs a number of bytes")
                }
                arguments.options.segmentByteCount = byteCount
            default:
                if word.hasPrefix("-") { return .wrong("'\(word)' is no flag") }
                if !arguments.directory.isEmpty { return .wrong("one directory at a time: '\(word)' is another") }
                arguments.directory = word
            }
        }
        return arguments.directory.isEmpty ? .wrong("which directory?") : .run(arguments)
    }
}
