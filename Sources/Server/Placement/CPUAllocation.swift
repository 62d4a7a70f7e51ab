import Primitives

/// The setting `system.sharding.cpu_allocation`: which CPUs get a shard.
///
/// `all`, a count, a half-open range `2..8` of CPU numbers, `numa:auto`, or
/// `numa:nodes=0,1;cores=4;no_ht=true`, whose parameters may stand in any order; a later one replaces an earlier. White
/// space is never trimmed and case counts.
public enum CPUAllocation: Equatable, Sendable {
    /// One shard on each physical core.
    case all
    case count(UInt64)
    /// CPU numbers from `start` on and below `end`; whether there are any is checked when shards are placed.
    case range(start: UInt64, end: UInt64)
    case numa(NUMA)

    public struct NUMA: Equatable, Sendable {
        /// Logical indexes of NUMA nodes, in the order of their shards; empty for all.
        public var nodes: [UInt64] = []
        /// Shards on each node; 0 for as many as it has candidates.
        public var cores: UInt64 = 0
        /// Second and later threads of a core get no shard.
        public var avoidsSiblings = true

        public init(nodes: [UInt64] = [], cores: UInt64 = 0, avoidsSiblings: Bool = true) {
            self.nodes = nodes
            self.cores = cores
            self.avoidsSiblings = avoidsSiblings
        }
    }

    public init(parsing text: String) throws(Malformed) {
        if text == "all" {
            self = .all
        } else if text.hasPrefix("numa:") {
            self = .numa(try NUMA(parsing: String(text.dropFirst(5))))
        } else if text.utf8Parts(separatedBy: "..").count > 1 {
            let parts = text.utf8Parts(separatedBy: "..")
            guard parts.count == 2 else {
                throw Malformed("Invalid range format: \(shortened(text)). Expected 'start..end'")
            }
            guard let start = Self.number(parts[0]) else {
                throw Malformed("Invalid start value: \(shortened(parts[0]))")
            }
            guard let end = Self.number(parts[1]) else { throw Malformed("Invalid end value: \(shortened(parts[1]))") }
            self = .range(start: start, end: end)
        } else {
            guard let count = Self.number(text) else { throw Malformed("Invalid shard count: \(shortened(text))") }
            self = .count(count)
        }
    }

    /// Decimal digits, after a plus sign if need be.
    fileprivate static func number(_ text: String) -> UInt64? {
        UInt64(digits: text.hasPrefix("+") ? text.dropFirst() : text[...])
    }
}

extension CPUAllocation.NUMA {
    fileprivate init(parsing text: String) throws(Malformed) {
        self.init()
        guard text != "auto" else { return }
        for part in text.utf8Parts(separatedBy: ";") {
            let sides = part.utf8Parts(separatedBy: "=")
            guard sides.count == 2 else {
                throw Malformed("Invalid NUMA parameter: \(quoted(part)), only available: 'auto'")
            }
            try set(sides[0], to: sides[1])
        }
    }

    private mutating func set(_ key: String, to value: String) throws(Malformed) {
        switch key {
        case "nodes":
            nodes = []
            for part in value.utf8Parts(separatedBy: ",") {
                guard let node = CPUAllocation.number(part) else {
                    throw Malformed("Invalid node number: \(shortened(part))")
                }
                guard !nodes.contains(node) else { throw Malformed("NUMA node \(node) is listed twice") }
                nodes.append(node)
            }
        case "cores":
            guard let cores = CPUAllocation.number(value) else {
                throw Malformed("Invalid cores value: \(shortened(value))")
            }
            self.cores = cores
        case "no_ht":
            guard value == "true" || value == "false" else {
                throw Malformed("Invalid no ht value: \(shortened(value))")
            }
            avoidsSiblings = value == "true"
        default:
            throw Malformed(
                "Unknown NUMA parameter: \(shortened(key)), example: numa:nodes=0;cores=4;no_ht=true")
        }
    }
}

extension CPUAllocation: CustomStringConvertible {
    /// Reads back as the same setting.
    public var description: String {
        switch self {
        case .all: return "all"
        case .count(let count): return "\(count)"
        case .range(let start, let end): return "\(start)..\(end)"
        case .numa(let numa):
            var parts: [String] = []
            if !numa.nodes.isEmpty { parts.append("nodes=" + numa.nodes.map(String.init).joined(separator: ",")) }
            if numa.cores > 0 { parts.append("cores=\(numa.cores)") }
            if !numa.avoidsSiblings { parts.append("no_ht=false") }
            return "numa:" + (parts.isEmpty ? "auto" : parts.joined(separator: ";"))
        }
    }
}

extension String {
    /// The parts between separators of ASCII, from the left, empty ones too.
    fileprivate func utf8Parts(separatedBy separator: String) -> [String] {
        let bytes = Array(utf8)
        let mark = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        var place = 0
        while place < bytes.count {
            if bytes[place...].starts(with: mark) {
                parts.append(String(decoding: bytes[start..<place], as: UTF8.self))
                place += mark.count
                start = place
            } else {
                place += 1
            }
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }
}
