import Glibc
import Linux
import Server

/// One screen that says what runs where, what it promises, and how to try it.
struct Banner {
    let configuration: Configuration
    let placement: Placement
    let memory: MemoryPlan
    /// Why the limit on memory is none.
    let memoryExcess: String?
    /// The CPUs that each shard stays on; none when shards may run anywhere.
    let homes: [[UInt32]]
    let credentials: Credentials
    let port: UInt16
    /// The root account was made in this start.
    let isAccountNew: Bool
    /// Nobody was told of it before.
    let lastCrash: LastCrash?

    var text: String {
        let address = configuration.tcpHost.contains(":")
            ? "[\(configuration.tcpHost)]:\(port)" : "\(configuration.tcpHost):\(port)"
        var lines = [
            "",
            "  Galgo \(Version.text) — persistent message streaming, Iggy-compatible (SDKs 0.7 and 0.8)",
            "",
            "  tcp         \(address)",
            "  data        \(printable(configuration.dataDirectory)), segments of \(configuration.segmentSize)",
            "  durability  \(durability)",
            "  shards      \(placement.shards.count) — \(placement.reason)",
            "              \(processors)",
        ]
        lines += homes.prefix(8).enumerated().map { number, cpus in
            "              shard \(number) stays on CPUs \(ranges(cpus))"
        }
        if homes.count > 8 { lines.append("              …") }
        lines.append("  memory      \(memoryLine)")
        lines.append("  account     \(credentials.text(isNew: isAccountNew))")
        if let lastCrash { lines.append("  last crash  \(lastCrash.text)") }
        lines += warnings.map { "  WARNING     \($0)" }.map { isTerminal ? "\u{1b}[31m\($0)\u{1b}[0m" : $0 }
        lines += [
            "",
            "  Try it with an official client:",
            "",
            FirstMessage.preparation,
            FirstMessage(address: address, login: credentials.login(isNew: isAccountNew)).text,
            "",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What was found to place shards on.
    private var processors: String {
        let cpus = placement.usableCPUs
        let cores = placement.usableCoreCount
        let siblings = cpus.count - cores
        let found = "CPU\(cpus.count == 1 ? "" : "s") \(ranges(cpus)) found: \(counted(cores, "core"))"
        return found + (siblings > 0 ? ", \(counted(siblings, "sibling")) not counted" : "")
            + (homes.isEmpty ? "; shards may run on any of them" : "")
    }

    private var memoryLine: String {
        let shares = MemoryPlan.Pool.allCases.map { pool in
            "\(memory.bytes(pool) >> 20) MiB \(pool.name)"
        }
        let reason = configuration.memoryLimit == nil ? "half of what there is" : "as configured"
        return "\(memory.limitBytes >> 20) MiB for buffers, \(reason); at most \(shares.joined(separator: ", "))"
    }

    private var durability: String {
        configuration.enforcesSync
            ? "power — acknowledged after a sync: survives a power cut"
            : "process — acknowledged after the write: survives kill -9; a power cut may cost the last second"
    }

    /// What the operator should not overlook, a line each.
    var warnings: [String] {
        var warnings: [String] = []
        if let warning = placement.warning { warnings.append(warning) }
        if let memoryExcess { warnings.append(memoryExcess) }
        let isLoopback = configuration.tcpHost.hasPrefix("127.") || ["localhost", "::1"].contains(configuration.tcpHost)
        if credentials.source == .defaults, !isLoopback {
            warnings.append("the default password is open to the network: set IGGY_ROOT_PASSWORD")
        }
        warnings += configuration.missingProtections
        return warnings
    }
}

extension LastCrash {
    var text: String {
        let names = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL, a trap", SIGFPE: "SIGFPE", SIGABRT: "SIGABRT",
            SIGTRAP: "SIGTRAP, a trap", SIGSYS: "SIGSYS, a forbidden call",
        ]
        return "\(time): signal \(signal) (\(names[signal] ?? "?")) in thread \(printable(thread)), "
            + "version \(printable(version)); acknowledged messages are there"
    }
}

/// Ascending numbers as people write them: `0-3, 8`.
private func ranges(_ numbers: [UInt32]) -> String {
    var runs: [ClosedRange<UInt32>] = []
    for number in numbers {
        if let last = runs.last, last.upperBound &+ 1 == number {
            runs[runs.count - 1] = last.lowerBound...number
        } else {
            runs.append(number...number)
        }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        .joined(separator: ", ")
}
