public import Platform
import Primitives

/// What is worth saying about a machine, with advice: a pure function of the facts.
public struct Diagnosis: Equatable, Sendable {
    public enum Severity: String, Comparable, Sendable {
        case fine, advice, problem

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .fine: 0
            case .advice: 1
            case .problem: 2
            }
        }
    }

    public struct Finding: Equatable, Sendable {
        public let topic: String
        public let severity: Severity
        public let fact: String
        /// What to do about it; empty if nothing.
        public let advice: String
    }

    public private(set) var findings: [Finding] = []

    /// - Parameter placement: the shards and why, or why there are none.
    public init(_ facts: MachineFacts, placement: Result<String, PlacementError>) {
        addSyncs(facts)
        addFileSystem(facts)
        addSpace(facts)
        addClock(facts)
        addLimits(facts)
        addGroup(facts)
        switch placement {
        case .success(let text): add("shards", .fine, text)
        case .failure(let error): add("shards", .problem, "none", "\(error)")
        }
    }

    public var worst: Severity { findings.map(\.severity).max() ?? .fine }

    /// 0: nothing to do, 1: advice, 2: a problem.
    public var exitCode: Int32 {
        switch worst {
        case .fine: 0
        case .advice: 1
        case .problem: 2
        }
    }

    private mutating func add(_ topic: String, _ severity: Severity, _ fact: String, _ advice: String = "") {
        findings.append(Finding(topic: topic, severity: severity, fact: fact, advice: advice))
    }

    private mutating func addSyncs(_ facts: MachineFacts) {
        switch facts.syncs {
        case .failed(let errno):
            add(
                "syncs", .problem, "\(printable(facts.directory)): \(errno.text)",
                "the server must be able to write there; see its owner and mode, or set system.path")
        case .measured(let syncs):
            let (half, most) = (syncs.percentile(50), syncs.percentile(99))
            let fact =
                "\(Self.time(half)) half of the time, \(Self.time(most)) in 99 of 100, of \(syncs.nanoseconds.count)"
            if most > 50_000_000 {
                add(
                    "syncs", .advice, fact,
                    "with enforce_fsync an acknowledgement waits so long; a disk that keeps its cache through a power "
                        + "cut is faster")
            } else if half < 20_000 {
                add(
                    "syncs", .advice, fact,
                    "no disk is so fast: this is memory, or a device that does not wait for its own cache; a power cut "
                        + "may cost what was acknowledged")
            } else {
                add("syncs", .fine, fact)
            }
        }
    }

    private mutating func addFileSystem(_ facts: MachineFacts) {
        switch facts.fileSystem {
        case "": break
        case "tmpfs", "ramfs":
            add("file system", .advice, facts.fileSystem, "what is in memory is gone with the machine")
        case "overlay":
            add("file system", .advice, "overlay", "a container's own layer is slow and goes with it: use a volume")
        case "nfs", "smb", "9p", "fuse":
            add(
                "file system", .problem, facts.fileSystem,
                "locks and syncs over a network cannot be relied on: use a local disk")
        case let other: add("file system", .fine, other)
        }
    }

    private mutating func addSpace(_ facts: MachineFacts) {
        guard facts.totalBytes > 0 else { return }
        let (free, total) = (ByteSize(bytes: facts.freeBytes).rounded, ByteSize(bytes: facts.totalBytes).rounded)
        let fact = "\(free) free of \(total)"
        if facts.freeBytes < 512 << 20 {
            add(
                "space", .problem, fact,
                "the server keeps a reserve and refuses messages when it is reached: free some")
        } else if facts.freeBytes < facts.totalBytes / 10 {
            add("space", .advice, fact, "less than a tenth is left")
        } else {
            add("space", .fine, fact)
        }
    }

    private mutating func addClock(_ facts: MachineFacts) {
        switch facts.clockSource {
        case "": break
        case "hpet", "acpi_pm", "refined-jiffies", "jiffies", "pit":
            add(
                "clock", .advice, facts.clockSource,
                "each look at it is a slow call into the kernel; a machine that offers tsc is faster")
        case let source: add("clock", .fine, printable(source))
        }
    }

    private mutating func addLimits(_ facts: MachineFacts) {
        let descriptors = facts.descriptorsMax.map { "\($0) descriptors" } ?? "descriptors without a limit"
        if let most = facts.descriptorsMax, most < 4_096 {
            add("limits", .advice, descriptors, "connections and files share them: raise LimitNOFILE, or ulimit -Hn")
        } else {
            add("limits", .fine, descriptors)
        }
        if let data = facts.dataBytesMax {
            let size = ByteSize(bytes: data).rounded
            let advice = "the limit on data (LimitDATA, ulimit -d) bounds what the server can hold"
            add("limits", data < 256 << 20 ? .advice : .fine, "\(size) of data", data < 256 << 20 ? advice : "")
        }
        let locked = facts.lockedBytesMax.map { ByteSize(bytes: $0).rounded } ?? "any amount"
        add("limits", .fine, "\(locked) of locked memory, of which the server needs none")
    }

    private mutating func addGroup(_ facts: MachineFacts) {
        let cpu = facts.groupMilliCPU.map { "\($0 / 1_000).\($0 % 1_000 / 100) CPUs" } ?? "no CPU quota"
        let memory = facts.groupMemoryBytes.map { ByteSize(bytes: $0).rounded + " of memory" } ?? "no memory limit"
        let isSmall = facts.groupMemoryBytes.map { $0 < 256 << 20 } ?? false
        add(
            "control group", isSmall ? .advice : .fine, "\(cpu), \(memory)",
            isSmall ? "the page cache counts too: give it 256 MiB or more" : "")
    }

    private static func time(_ nanoseconds: UInt64) -> String {
        nanoseconds < 1_000_000
            ? "\(nanoseconds / 1_000) µs" : "\(nanoseconds / 1_000_000).\(nanoseconds / 100_000 % 10) ms"
    }
}

extension Diagnosis {
    /// For people: a line for each finding, its advice below it.
    public var text: String {
        findings.flatMap { finding -> [String] in
            let mark = finding.severity == .fine ? "  " : (finding.severity == .advice ? "- " : "! ")
            let topic = finding.topic + String(repeating: " ", count: max(0, 14 - finding.topic.count))
            let line = "\(mark)\(topic)\(finding.fact)"
            return finding.advice.isEmpty ? [line] : [line, "                \(finding.advice)"]
        }.joined(separator: "\n") + "\n"
    }

    /// For programs: `{"worst": …, "findings": [{"topic", "severity", "fact", "advice"}]}`.
    public var json: String {
        var writer = JSONWriter()
        writer.value(
            .object([
                .init("worst", .string(worst.rawValue)),
                .init(
                    "findings",
                    .array(
                        findings.map { finding in
                            .object([
                                .init("topic", .string(finding.topic)),
                                .init("severity", .string(finding.severity.rawValue)),
                                .init("fact", .string(finding.fact)), .init("advice", .string(finding.advice)),
                            ])
                        })),
            ]))
        return writer.text + "\n"
    }
}
