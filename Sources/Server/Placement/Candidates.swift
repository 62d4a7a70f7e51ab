import Platform
import Primitives

/// A logical CPU that may get a shard.
struct Candidate: Equatable {
    let cpu: UInt32
    /// Physical core.
    let core: UInt32
    /// 0 for the lowest allowed CPU of its core, 1 for the next, and so on.
    let thread: Int
    /// The logical index of the NUMA node that it was chosen for.
    var node: Int?

    /// Stands for a shard that no CPU is kept for.
    static let unbound = Candidate(cpu: .max, core: .max, thread: 0, node: nil)
    var boundCPU: UInt32? { self == .unbound ? nil : cpu }
}

/// The CPUs that we may use, in the order in which they get shards.
struct Candidates {
    /// First threads of all cores by CPU number, then second threads, and so on.
    let all: [Candidate]
    var firstThreads: [Candidate] { all.filter { $0.thread == 0 } }
    var coreCount: Int { firstThreads.count }
    /// Where in `all` a CPU is.
    private let places: SortedMap<UInt32, Int>

    init(_ topology: Topology) {
        var threads = SortedMap<UInt32, Int>()
        var found: [Candidate] = []
        for cpu in topology.cpus where cpu.isAllowed {
            let thread = threads[cpu.core] ?? 0
            threads[cpu.core] = thread + 1
            found.append(Candidate(cpu: cpu.number, core: cpu.core, thread: thread, node: nil))
        }
        all = found.sorted { ($0.thread, $0.cpu) < ($1.thread, $1.cpu) }
        var places = SortedMap<UInt32, Int>()
        for (place, candidate) in all.enumerated().sorted(by: { $0.element.cpu < $1.element.cpu }) {
            places[candidate.cpu] = place
        }
        self.places = places
    }

    /// Exactly the CPUs from `start` on and below `end`, siblings or not: an explicit range is what it says.
    func range(start: UInt64, end: UInt64, available: Int) throws(PlacementError) -> [Candidate] {
        guard start < end else { throw .emptyRange(start: start, end: end) }
        guard end - start <= available else { throw .tooMany(asked: end - start, available: available) }
        var chosen: [Candidate] = []
        for number in start..<end {
            guard let cpu = UInt32(exactly: number), let place = places[cpu] else { throw .cpuNotAllowed(number) }
            chosen.append(all[place])
        }
        return chosen
    }

    /// Node by node in the order of the list, within a node by CPU number. A core that belongs to several nodes gets
    /// one shard, on the first of them.
    func onNodes(_ numa: CPUAllocation.NUMA, of topology: Topology) throws(PlacementError) -> [Candidate] {
        // Where nobody knows of nodes there is one, and no memory to choose.
        let nodes = topology.nodes.isEmpty ? [topology.cpus.map(\.number)] : topology.nodes
        guard !topology.nodes.isEmpty || numa.nodes.isEmpty else { throw .noNUMANodes }
        var list: [Int] = []
        for node in numa.nodes {
            guard let index = Int(exactly: node), index < nodes.count else {
                throw .noSuchNode(node, available: nodes.count)
            }
            list.append(index)
        }
        let isListed = !list.isEmpty
        if !isListed { list = Array(nodes.indices) }

        var chosen: [Candidate] = []
        // Only asked, never walked.
        var takenCores: Set<UInt32> = []
        for node in list {
            var candidates = nodes[node].compactMap { places[$0] }.sorted().map { all[$0] }
                .filter { !takenCores.contains($0.core) }
            if numa.avoidsSiblings { candidates = Self.lowestOfEachCore(candidates) }
            if candidates.isEmpty, !isListed { continue }
            let wanted = numa.cores > 0 ? numa.cores : UInt64(max(candidates.count, 1))
            guard let count = Int(exactly: wanted), count <= candidates.count else {
                throw .tooFewCores(node: node, asked: wanted, available: candidates.count)
            }
            takenCores.formUnion(candidates.prefix(count).map(\.core))
            chosen += candidates.prefix(count).sorted { $0.cpu < $1.cpu }.map {
                Candidate(cpu: $0.cpu, core: $0.core, thread: $0.thread, node: topology.nodes.isEmpty ? nil : node)
            }
        }
        guard !chosen.isEmpty else { throw .noCPU }
        return chosen
    }

    /// A node may hold only later threads of a core.
    private static func lowestOfEachCore(_ candidates: [Candidate]) -> [Candidate] {
        // Only asked, never walked.
        var cores: Set<UInt32> = []
        return candidates.filter { cores.insert($0.core).inserted }.sorted { $0.cpu < $1.cpu }
    }

    /// At most `count` of the chosen: later threads go first, then the end of the list.
    static func cut(_ chosen: [Candidate], to count: Int) -> [Candidate] {
        let kept = chosen.indices.sorted { (chosen[$0].thread, $0) < (chosen[$1].thread, $1) }.prefix(count).sorted()
        return kept.map { chosen[$0] }
    }
}
