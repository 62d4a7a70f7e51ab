extension Placement {
    public enum Reason: Equatable, Sendable {
        /// Every usable physical core.
        case onePerCore(cores: Int, logicalCPUs: Int)
        /// The control group grants less CPU time than was asked for.
        case quota(milliCPU: UInt32, cores: Int)
        /// Memory holds fewer shards than were asked for.
        case memory(asked: Int, bytes: UInt64, perShard: UInt64)
        /// As the setting says.
        case asked(cores: Int)
        /// A number above the CPUs: shards share them.
        case oversubscribed(asked: Int, cores: Int)
    }
}

extension Placement.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .onePerCore(let cores, let logicalCPUs):
            logicalCPUs == cores
                ? "one per physical core"
                : "one per physical core: \(logicalCPUs) logical CPUs on \(counted(cores, "core"))"
        case .quota(let milliCPU, let cores):
            "the control group grants \(cpus(thousandths: milliCPU)) CPUs of \(counted(cores, "core"))"
        case .memory(let asked, let bytes, let perShard):
            "not \(asked): \(ByteSize(bytes: bytes).binary) for buffers are enough for no more, at "
                + "\(ByteSize(bytes: perShard).binary) each"
        case .asked(let cores): "as configured; this process may use \(counted(cores, "core"))"
        case .oversubscribed(let asked, let cores):
            "as configured; \(asked) shards share \(counted(cores, "core"))"
        }
    }
}

/// `1`, `1.5`, `0.125`.
public func cpus(thousandths: UInt32) -> String {
    var digits = String(thousandths % 1_000 + 1_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return digits.isEmpty ? "\(thousandths / 1_000)" : "\(thousandths / 1_000).\(digits)"
}

/// `1 core`, `2 cores`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
