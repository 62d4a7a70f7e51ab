import CHwloc
import CLinux
import Glibc
public import Platform

/// The processors of this machine, as hwloc sees them.
///
/// CPUs that the control group takes away are absent; those outside our affinity mask are there and not allowed.
public struct HwlocTopology: TopologySource {
    public init() {}

    /// Without hwloc's help, what the kernel's files say.
    public func topology() -> Topology {
        let group = ControlGroup.current()
        let memory = min(group.memoryBytes ?? .max, physicalMemory(), UInt64(clamping: galgo_data_limit()))
        guard let affinity = affinityMask(), let hardware = unsafe Hardware({ _ in true }) else {
            return Topology(
                cpus: KernelTopology.current().cpus, quotaMilliCPU: group.quotaMilliCPU, memoryBytes: memory)
        }
        return Topology(
            // Of a machine that is described to hwloc (HWLOC_SYNTHETIC) every CPU may be used.
            cpus: hardware.cpus { !hardware.isThisMachine || affinity.contains($0) }, nodes: hardware.nodes(),
            quotaMilliCPU: group.quotaMilliCPU, memoryBytes: memory)
    }

    /// Numbers of the CPUs that this thread may run on, ascending; nil if the system does not tell.
    private func affinityMask() -> [UInt32]? {
        var words = [UInt64](repeating: 0, count: 128)
        // SAFETY: the array is as long as the count says.
        let filled = unsafe words.withUnsafeMutableBufferPointer { unsafe galgo_affinity($0.baseAddress, 128) }
        guard filled > 0 else { return nil }
        return (0..<UInt32(words.count * 64)).filter { words[Int($0 / 64)] & (1 << UInt64($0 % 64)) != 0 }
    }

    private func physicalMemory() -> UInt64 {
        UInt64(clamping: sysconf(Int32(_SC_PHYS_PAGES))) &* UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A machine that does not exist, from a description in hwloc's synthetic notation (`numa:2 core:4 pu:2`).
public struct SyntheticTopology: TopologySource {
    private let value: Topology

    /// The largest machines have about so many logical CPUs. hwloc's time grows with the square of the objects side by
    /// side: 0.3 s for 2,048 NUMA nodes, 37 s for 8,192.
    public static let cpusMax = 2_048

    /// The logical CPUs of a description, which are the product of the counts in it; at most `UInt64.max`. Nil where they
    /// cannot be known beforehand: levels stand apart by blanks, since hwloc takes them without, and each has its count.
    public static func cpuCount(of description: String) -> UInt64? {
        guard let outside = withoutBrackets(description) else { return nil }
        var count = UInt64(1)
        for word in outside.split(separator: " ") {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard let digits = parts.last?.lowercased(), parts.count <= 2 else { return nil }
            let arity = digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
            guard let arity else { return nil }
            let (product, isMore) = count.multipliedReportingOverflow(by: max(arity, 1))
            count = isMore ? .max : product
        }
        return count
    }

    /// Attributes stand in parentheses, and what is attached to a level, which multiplies nothing, in brackets, with
    /// attributes of its own. Nil where they do not close each other, or something else than a blank separates.
    private static func withoutBrackets(_ description: String) -> String? {
        var open: [Character] = []
        var outside = ""
        for character in description {
            switch character {
            case "(" where open.last != ")": open.append(")")
            case "[" where open.isEmpty: open.append("]")
            case ")", "]":
                guard open.popLast() == character else { return nil }
            case "(", "[": return nil
            case _ where character.isWhitespace && character != " ": return nil
            default:
                if open.isEmpty { outside.append(character) }
            }
        }
        return open.isEmpty ? outside : nil
    }

    /// Nil for a description that hwloc or `cpuCount` does not understand, one of more than `cpusMax` CPUs, or a CPU set that leaves
    /// nothing.
    ///
    /// `cpuset` restricts the machine as a control group does: other CPUs are not there. `affinity` only forbids.
    public init?(
        description: String, cpuset: [UInt32]? = nil, affinity: [UInt32]? = nil, quotaMilliCPU: UInt32? = nil,
        memoryBytes: UInt64 = 1 << 34
    ) {
        guard let count = Self.cpuCount(of: description), count <= Self.cpusMax else { return nil }
        let hardware = unsafe Hardware { topology in
            unsafe hwloc_topology_set_synthetic(topology, description) == 0
        }
        guard let hardware, cpuset.map({ hardware.restrict(to: $0) }) ?? true else { return nil }
        let cpus = hardware.cpus { affinity?.contains($0) ?? true }
        value = Topology(
            cpus: cpus, nodes: hardware.nodes(), quotaMilliCPU: quotaMilliCPU, memoryBytes: memoryBytes)
    }

    public func topology() -> Topology { value }
}

/// A loaded hwloc topology.
@safe private struct Hardware: ~Copyable {
    private let topology: hwloc_topology_t

    /// Nil when hwloc cannot load what `choose` chose.
    init?(_ choose: (hwloc_topology_t) -> Bool) {
        var created: hwloc_topology_t?
        guard unsafe hwloc_topology_init(&created) == 0, let topology = unsafe created else { return nil }
        guard unsafe choose(topology), unsafe hwloc_topology_load(topology) == 0 else {
            unsafe hwloc_topology_destroy(topology)
            return nil
        }
        unsafe self.topology = topology
    }

    deinit { unsafe hwloc_topology_destroy(topology) }

    var isThisMachine: Bool { unsafe hwloc_topology_is_thissystem(topology) != 0 }

    /// Takes all other CPUs away. False if that is not possible.
    borrowing func restrict(to cpus: [UInt32]) -> Bool {
        guard let set = unsafe hwloc_bitmap_alloc() else { return false }
        defer { unsafe hwloc_bitmap_free(set) }
        for cpu in cpus { unsafe _ = hwloc_bitmap_set(set, cpu) }
        return unsafe hwloc_topology_restrict(topology, set, 0) == 0
    }

    /// The logical CPUs, ascending by number. Cores and nodes are numbered in hwloc's logical order; a CPU without
    /// a core object is a core of its own, numbered after the others.
    borrowing func cpus(isAllowed: (UInt32) -> Bool) -> [Topology.LogicalCPU] {
        let coreSets = sets(of: HWLOC_OBJ_CORE)
        let (cores, nodes) = (Self.places(in: coreSets), Self.places(in: nodes()))
        var found: [Topology.LogicalCPU] = []
        for (index, cpu) in sets(of: HWLOC_OBJ_PU).enumerated() {
            guard let number = cpu.first else { continue }
            let core = cores[number] ?? coreSets.count + index
            let node = nodes[number]
            found.append(
                .init(
                    number: number, core: UInt32(truncatingIfNeeded: core),
                    node: node.map { UInt32(truncatingIfNeeded: $0) }, isAllowed: isAllowed(number)))
        }
        return found.sorted { $0.number < $1.number }
    }

    /// For each CPU the first set that holds it. Only looked up.
    private static func places(in sets: [[UInt32]]) -> [UInt32: Int] {
        var places: [UInt32: Int] = [:]
        for (place, set) in sets.enumerated() {
            for number in set where places[number] == nil { places[number] = place }
        }
        return places
    }

    /// For each NUMA node, in logical order, the numbers of its CPUs.
    borrowing func nodes() -> [[UInt32]] { sets(of: HWLOC_OBJ_NUMANODE) }

    /// For each object of the type, in logical order, the numbers of its CPUs.
    private borrowing func sets(of type: hwloc_obj_type_t) -> [[UInt32]] {
        let count = unsafe max(hwloc_get_nbobjs_by_type(topology, type), 0)
        return (0..<count).map { index in
            guard let object = unsafe hwloc_get_obj_by_type(topology, type, UInt32(index)),
                let set = unsafe object.pointee.cpuset
            else { return [] }
            var numbers: [UInt32] = []
            var number = unsafe hwloc_bitmap_next(set, -1)
            while number >= 0 {
                numbers.append(UInt32(number))
                number = unsafe hwloc_bitmap_next(set, number)
            }
            return numbers
        }
    }
}
