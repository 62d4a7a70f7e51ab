import Platform

/// The processors as the kernel's files tell them, for where hwloc cannot look; read below any root so that tests can
/// bring their own.
///
/// hwloc asks for the affinity mask until it is told, so a sandbox that refuses the question would stop the start for
/// good. Nodes of memory are not looked for.
struct KernelTopology {
    /// Ascending by number. A core has the number of its first sibling.
    let cpus: [Topology.LogicalCPU]

    /// `status` is the text of `/proc/self/status`, whose `Cpus_allowed_list` is the affinity mask. Without either file
    /// there is CPU 0.
    init(status: String, root: String = "/sys/devices/system/cpu") {
        let allowed = Self.allowedCPUs(status: status)
        let online = Self.numbers(in: TextFile.read("\(root)/online"))
        let all = online.isEmpty ? (allowed.isEmpty ? [0] : allowed) : online
        cpus = all.map { number in
            let siblings = Self.numbers(in: TextFile.read("\(root)/cpu\(number)/topology/thread_siblings_list"))
            return .init(
                number: number, core: siblings.first ?? number, node: nil,
                isAllowed: allowed.isEmpty || allowed.contains(number))
        }
    }

    static func current() -> KernelTopology { KernelTopology(status: TextFile.read("/proc/self/status")) }

    /// Empty if the text does not tell.
    static func allowedCPUs(status: String) -> [UInt32] {
        let key = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return [] }
        return numbers(in: String(line.dropFirst(key.count)))
    }

    /// The kernel's lists: `0-3,8`, ascending. What is no list is empty.
    static func numbers(in text: String) -> [UInt32] {
        var numbers: [UInt32] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let bounds = part.split(separator: "-").map { UInt32($0) }
            guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2, first <= last,
                last < 8_192
            else { return [] }
            numbers += first...last
        }
        return numbers
    }
}
