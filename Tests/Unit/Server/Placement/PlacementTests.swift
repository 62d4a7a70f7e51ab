import Linux
import Platform
import Primitives
import Server
import Testing

@Suite struct PlacementTests {
    /// A machine in hwloc's synthetic notation, and what a setting makes of it.
    struct Example: Sendable, CustomTestStringConvertible {
        let machine: String
        var cpuset: [UInt32]?
        var affinity: [UInt32]?
        var quota: UInt32?
        let setting: String
        var pinsCores = true
        /// Shards as `node{cpus}`, or `{cpu}` each where the setting names no nodes; or the error.
        let placed: String

        var testDescription: String { "\(machine), \(setting)" }

        init(
            _ machine: String, cpuset: [UInt32]? = nil, affinity: [UInt32]? = nil, quota: UInt32? = nil,
            _ setting: String, pinsCores: Bool = true, _ placed: String
        ) {
            (self.machine, self.cpuset, self.affinity, self.quota) = (machine, cpuset, affinity, quota)
            (self.setting, self.pinsCores, self.placed) = (setting, pinsCores, placed)
        }
    }

    static let adjacent = "pack:1 l3:2 core:8 pu:2"
    static let linux8 = "pack:1 core:8 pu:2(indexes=0,8,1,9,2,10,3,11,4,12,5,13,6,14,7,15)"
    static let linux16 =
        "pack:1 core:16 pu:2(indexes="
        + (0..<16).map { "\($0),\($0 + 16)" }.joined(separator: ",") + ")"
    static let twoSockets = "pack:2 [numa] l3:8 core:8 pu:2"
    static let twoNodes = "numa:2 core:4 pu:2"
    static let twoSocketsLinux =
        "pack:2 [numa] core:4 pu:2(indexes=" + (0..<8).map { "\($0),\($0 + 8)" }.joined(separator: ",") + ")"

    static let examples = [
        Example(adjacent, "numa:auto", "0{0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30}"),
        Example(adjacent, "numa:no_ht=false", "0{\((0..<32).map(String.init).joined(separator: ","))}"),
        Example(adjacent, "all", "{0}{2}{4}{6}{8}{10}{12}{14}{16}{18}{20}{22}{24}{26}{28}{30}"),
        Example(adjacent, quota: 4_000, "all", "{0}{2}{4}{6}"),
        Example(linux8, "numa:auto", "0{0,1,2,3,4,5,6,7}"),
        Example(linux16, "numa:auto", "0{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}"),
        Example(linux16, "all", "{0}{1}{2}{3}{4}{5}{6}{7}{8}{9}{10}{11}{12}{13}{14}{15}"),
        Example(
            twoSockets, "numa:auto",
            "0{\((0..<64).map { "\($0 * 2)" }.joined(separator: ","))} "
                + "1{\((64..<128).map { "\($0 * 2)" }.joined(separator: ","))}"),
        Example(twoSockets, "numa:nodes=1;cores=4", "1{128,130,132,134}"),
        Example(twoSockets, quota: 4_000, "numa:auto", "0{0,2,4,6}"),
        Example(twoNodes, "numa:nodes=0,1;cores=4;no_ht=true", "0{0,2,4,6} 1{8,10,12,14}"),
        Example(twoNodes, "numa:cores=2", "0{0,2} 1{8,10}"),
        Example(twoNodes, "numa:nodes=1", "1{8,10,12,14}"),
        Example(twoNodes, "numa:nodes=0;cores=8;no_ht=false", "0{0,1,2,3,4,5,6,7}"),
        Example(twoNodes, "numa:nodes=0;cores=4;no_ht=false", "0{0,2,4,6}"),
        Example(twoNodes, "numa:nodes=2", "\(PlacementError.noSuchNode(2, available: 2))"),
        Example(
            twoNodes, "numa:nodes=0,1;cores=5", "\(PlacementError.tooFewCores(node: 0, asked: 5, available: 4))"),
        Example(twoNodes, "numa:nodes=0,2;cores=5", "\(PlacementError.noSuchNode(2, available: 2))"),
        Example(twoNodes, affinity: Array(8...15), "numa:auto", "1{8,10,12,14}"),
        Example(twoSocketsLinux, "numa:auto", "0{0,1,2,3} 1{4,5,6,7}"),
        Example(twoSocketsLinux, "numa:no_ht=false", "0{0,1,2,3,8,9,10,11} 1{4,5,6,7,12,13,14,15}"),
        Example("pack:1 numa:4 core:4 pu:2", "numa:auto", "0{0,2,4,6} 1{8,10,12,14} 2{16,18,20,22} 3{24,26,28,30}"),
        Example("pack:1 core:8 pu:1", "numa:auto", "0{0,1,2,3,4,5,6,7}"),
        Example("core:1 pu:2", "numa:auto", "0{0}"),
        Example("pack:1 core:8 pu:2", cpuset: [0, 1, 2, 3], "numa:auto", "0{0,2}"),
        Example("pack:1 core:8 pu:2", cpuset: [1, 3, 5], "numa:auto", "0{1,3,5}"),
        Example("pack:1 core:8 pu:2", cpuset: [1, 2, 3, 4], "numa:no_ht=false", "0{1,2,3,4}"),
        Example(twoNodes, cpuset: Array(0...3) + Array(8...15), "numa:auto", "0{0,2} 1{8,10,12,14}"),
        Example(twoNodes, cpuset: Array(0...3) + Array(8...15), "numa:nodes=1,0", "1{8,10,12,14} 0{0,2}"),
        Example(twoNodes, cpuset: Array(0...11), "numa:auto", "0{0,2,4,6} 1{8,10}"),
        Example("pu:4", "numa:auto", "0{0,1,2,3}"),
        Example("pu:4", "numa:no_ht=false", "0{0,1,2,3}"),
        Example("pack:1 core:8 pu:2", "2", "{0}{2}"),
        Example("pack:1 core:8 pu:2", "9", "{0}{2}{4}{6}{8}{10}{12}{14}{1}"),
        Example("pack:1 core:8 pu:2", affinity: [4, 5, 6, 7], "all", "{4}{6}"),
        Example("pack:1 core:8 pu:2", "32", "\(PlacementError.tooMany(asked: 32, available: 16))"),
        Example("pack:1 core:8 pu:2", "32", pinsCores: false, String(repeating: "{}", count: 32)),
        Example("pack:1 core:8 pu:1", affinity: [3, 4, 5, 6], quota: 1_500, "all", "{3}"),
        Example("pack:1 core:4 pu:1", affinity: [2, 3], "2", "{2}{3}"),
        Example("pack:1 core:4 pu:1", affinity: [2, 3], "0..2", "\(PlacementError.cpuNotAllowed(0))"),
        Example("pack:1 core:4 pu:1", affinity: [2, 3], "2..4", "{2}{3}"),
        Example("pack:1 core:4 pu:1", "3..3", "\(PlacementError.emptyRange(start: 3, end: 3))"),
        Example("pack:1 core:4 pu:1", "8..5", "\(PlacementError.emptyRange(start: 8, end: 5))"),
        Example("pack:1 core:4 pu:1", "0..9", "\(PlacementError.tooMany(asked: 9, available: 4))"),
        Example("pack:1 core:4 pu:1", "0", "\(PlacementError.noShards)"),
        Example("pack:1 core:4 pu:1", quota: 500, "all", "{0}"),
        Example("pack:1 core:4 pu:1", quota: 1_000, "numa:auto", "0{0}"),
        Example("pack:1 core:4 pu:1", quota: 1_500, "numa:auto", "0{0}"),
        Example("pack:1 core:4 pu:1", quota: 2_000, "all", "{0}{1}"),
    ]

    @Test(arguments: examples)
    func `each example is placed as it should be`(example: Example) throws {
        let source = try #require(
            SyntheticTopology(
                description: example.machine, cpuset: example.cpuset, affinity: example.affinity,
                quotaMilliCPU: example.quota))
        let placed = try place(source.topology(), example.setting, pinsCores: example.pinsCores)
        #expect(placed == example.placed)
    }

    /// Machines that hwloc's notation cannot describe.
    @Test func `nodes without CPUs, nodes that share cores and mixed cores are placed as they should be`() throws {
        let cpus = (0..<8).map { Topology.LogicalCPU(number: $0, core: $0 / 2, node: 0, isAllowed: true) }
        let all = Array<UInt32>(0..<8)
        let withMemoryNode = Topology(cpus: cpus, nodes: [all, []], quotaMilliCPU: nil, memoryBytes: 1 << 40)
        let sharing = Topology(cpus: cpus, nodes: [all, all], quotaMilliCPU: nil, memoryBytes: 1 << 40)
        let hybrid = Topology(
            cpus: (0..<16).map { Topology.LogicalCPU(number: $0, core: $0 / 2, node: 0, isAllowed: true) }
                + (8..<16).map { Topology.LogicalCPU(number: $0 * 2, core: $0, node: 0, isAllowed: true) },
            quotaMilliCPU: nil, memoryBytes: 1 << 40)
        let memoryFirst = Topology(
            cpus: (8..<16).map { Topology.LogicalCPU(number: $0, core: $0 / 2, node: 1, isAllowed: true) },
            nodes: [Array(8..<16), []], quotaMilliCPU: nil, memoryBytes: 1 << 40)
        let none = Topology(cpus: cpus, nodes: [], quotaMilliCPU: nil, memoryBytes: 1 << 40)

        #expect(try place(withMemoryNode, "numa:auto") == "0{0,2,4,6}")
        #expect(
            try place(withMemoryNode, "numa:nodes=1")
                == "\(PlacementError.tooFewCores(node: 1, asked: 1, available: 0))")
        #expect(try place(sharing, "numa:auto") == "0{0,2,4,6}")
        #expect(try place(hybrid, "numa:auto") == "0{0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30}")
        #expect(try Placement(.numa(.init(avoidsSiblings: false)), on: hybrid, within: small).shards.count == 24)
        #expect(try place(memoryFirst, "numa:auto") == "0{8,10,12,14}")
        #expect(try place(none, "numa:auto") == "{0}{2}{4}{6}")
        #expect(try place(none, "numa:nodes=0") == "\(PlacementError.noNUMANodes)")
    }

    /// The founding story: 16 cores with two threads each, and memory that must not be asked for twice.
    @Test func `the machine that died of 32 shards gets 16, or fewer with the reason`() throws {
        let machine = try #require(SyntheticTopology(description: Self.adjacent)).topology()
        func place(_ setting: CPUAllocation, memoryBytes: UInt64) throws -> Placement {
            try Placement(
                setting, on: machine,
                within: .init(memoryBytes: MemoryPlan.limit(configured: nil, memoryBytes: memoryBytes)))
        }
        let enough = try place(.all, memoryBytes: 512 << 20)
        let asked = try place(.count(32), memoryBytes: 512 << 20)
        let tight = try place(.all, memoryBytes: 128 << 20)

        #expect(enough.shards.count == 16)
        #expect(enough.reason == .onePerCore(cores: 16, logicalCPUs: 32))
        #expect(asked.shards.count == 16)
        #expect(asked.reason == .memory(asked: 32, bytes: 256 << 20, perShard: 16 << 20))
        #expect(tight.shards.count == 4)
        #expect("\(tight.reason)" == "not 16: 64 MiB for buffers are enough for no more, at 16 MiB each")
    }

    @Test func `the shares of the limit on memory are less than the whole, however many shards there are`() {
        for limitBytes: UInt64 in [64 << 20, 256 << 20, 1 << 30, 12 << 30, 1 << 46] {
            for shardCount in [1, 2, 16, 64, 1_024] {
                let plan = MemoryPlan(limitBytes: limitBytes, shardCount: shardCount)
                let shares = MemoryPlan.Pool.allCases.map { plan.bytesPerShard($0) * shardCount }

                #expect(shares.allSatisfy { $0 > 0 })
                #expect(UInt64(shares.reduce(0, +)) <= limitBytes / 4 * 3)
                let frame = UInt64(plan.frameBytesMax(of: 72 << 20))
                #expect(UInt64(1) << (64 - (frame - 1).leadingZeroBitCount) <= limitBytes / 2)
            }
        }
        #expect(MemoryPlan.limit(configured: nil, memoryBytes: 32 << 20) == 64 << 20)
        #expect(MemoryPlan.limit(configured: 100 << 20, memoryBytes: 1 << 40) == 100 << 20)
    }

    @Test func `what was found is told`() throws {
        let cpus = (0..<4).map { Topology.LogicalCPU(number: $0, core: $0 % 2, node: nil, isAllowed: $0 != 3) }
        let machine = Topology(cpus: cpus, quotaMilliCPU: nil, memoryBytes: 1 << 40)
        let placement = try Placement(.all, on: machine, within: small)

        #expect(placement.usableCPUs == [0, 1, 2])
        #expect(placement.usableCoreCount == 2)
        #expect("\(Placement.Reason.asked(cores: 1))".hasSuffix("1 core"))
    }

    @Test func `strangers of all shards are bounded together`() {
        #expect(Limits().divided(among: 1).unauthenticatedConnectionsMax == 256)
        #expect(Limits().divided(among: 8).unauthenticatedConnectionsMax == 32)
        #expect(Limits().divided(among: 200).unauthenticatedConnectionsMax == 4)
    }

    @Test func `no two shards meet on a core while one is free, and none leaves the allowed CPUs`() throws {
        var dice = PRNG(seed: 0x5EED_0001)
        var placedCount = 0
        for round in 0..<6_000 {
            // Machines as hwloc describes them, and such as it cannot describe.
            let machine = round.isMultiple(of: 3) ? try Self.described(&dice) : Self.machine(&dice)
            let allowed = machine.cpus.filter(\.isAllowed)
            let coreOf = Dictionary(allowed.map { ($0.number, $0.core) }, uniquingKeysWith: { first, _ in first })
            let coreCount = Set(allowed.map(\.core)).count
            let setting: CPUAllocation =
                switch dice.next(below: 4) {
                case 0: .all
                case 1: .count(dice.next(below: 40) + 1)
                case 2: .numa(.init())
                default: .numa(.init(cores: dice.next(below: 4), avoidsSiblings: false))
                }
            let memoryBounds = Placement.Bounds(memoryBytes: 1 << (20 + dice.next(below: 20)))
            guard let placement = try? Placement(setting, on: machine, within: memoryBounds) else { continue }
            placedCount += 1

            let cpus = placement.shards.compactMap(\.cpu)
            let cores = cpus.compactMap { coreOf[$0] }
            #expect(cpus.count == placement.shards.count && cores.count == cpus.count, "allowed CPUs alone")
            #expect(Set(cpus).count == cpus.count, "no CPU twice")
            #expect(
                placement.shards.count == 1
                    || UInt64(placement.shards.count) * memoryBounds.bytesPerShard <= memoryBounds.memoryBytes,
                "memory holds them")
            if let quota = machine.quotaMilliCPU { #expect(cpus.count <= max(1, Int(quota / 1_000))) }
            switch setting {
            case .all, .numa(.init()):
                #expect(Set(cores).count == cores.count, "no core twice")
            case .count:
                #expect(Set(cores).count == min(cores.count, coreCount), "no core twice while one is free")
            case .range, .numa:
                for (node, shards) in Dictionary(grouping: placement.shards, by: \.node) {
                    let onNode = shards.compactMap { $0.cpu.flatMap { coreOf[$0] } }
                    let taken = Set(onNode)
                    let free = allowed.filter { machine.nodes[node ?? 0].contains($0.number) && !cores.contains($0.core) }
                    #expect(taken.count == onNode.count || free.isEmpty, "no core of the node twice while one is free")
                }
            }
            #expect(
                placement.shards.allSatisfy { shard in
                    shard.node.map { node in shard.cpu.map { machine.nodes[node].contains($0) } ?? false } ?? true
                }, "inside the node")
        }
        #expect(placedCount > 4_000)
    }

    /// Packages, nodes, dies, shared caches, cores and threads in hwloc's notation, cut by a cpuset and a mask.
    private static func described(_ dice: inout PRNG) throws -> Topology {
        var levels: [(name: String, count: UInt64)] = [("pack", dice.next(below: 2) + 1)]
        if dice.next(below: 2) == 0 { levels.append(("numa", dice.next(below: 3) + 1)) }
        if dice.next(below: 2) == 0 { levels.append(("l3", dice.next(below: 3) + 1)) }
        let hasCores = dice.next(below: 8) > 0
        if hasCores { levels.append(("core", dice.next(below: 6) + 1)) }
        levels.append(("pu", [1, 2, 4, 8][Int(dice.next(below: 4))]))
        let text = levels.map { "\($0.name):\($0.count)" }.joined(separator: " ")
        let count = UInt32(levels.reduce(1) { $0 * $1.count })
        func some(_ dice: inout PRNG) -> [UInt32]? {
            guard dice.next(below: 3) == 0 else { return nil }
            let chosen = (0..<count).filter { _ in dice.next(below: 4) > 0 }
            return chosen.isEmpty ? [0] : chosen
        }
        let (cpuset, mask) = (some(&dice), some(&dice))
        let quota = dice.next(below: 3) == 0 ? UInt32(dice.next(below: 20_000) + 100) : nil
        let source = SyntheticTopology(description: text, cpuset: cpuset, affinity: mask, quotaMilliCPU: quota)
        return try #require(source, "\(text)").topology()
    }

    /// Nodes of different size, without CPUs and with shared cores, cores with and without siblings, siblings adjacent
    /// or not, some CPUs forbidden, perhaps a quota.
    private static func machine(_ dice: inout PRNG) -> Topology {
        let nodes = UInt32(dice.next(below: 4) + 1)
        let cores = UInt32(dice.next(below: 8) + 1)
        let threads = UInt32([1, 2, 4, 8][Int(dice.next(below: 4))])
        let isAdjacent = dice.next(below: 2) == 0
        let hidden = dice.next(below: 3)
        var cpus: [Topology.LogicalCPU] = []
        let (isHybrid, isUnequal) = (dice.next(below: 3) == 0, dice.next(below: 3) == 0)
        for node in 0..<nodes {
            for core in 0..<cores where !isUnequal || core <= node {
                for thread in 0..<threads where !isHybrid || thread == 0 || core % 2 == 0 {
                    let global = node * cores + core
                    let number = isAdjacent ? global * threads + thread : thread * nodes * cores + global
                    cpus.append(
                        .init(number: number, core: global, node: node, isAllowed: dice.next(below: 4) >= hidden))
                }
            }
        }
        let quota = dice.next(below: 3) == 0 ? UInt32(dice.next(below: 20_000) + 100) : nil
        var byNode = (0..<nodes).map { node in cpus.filter { $0.node == node }.map(\.number) }
        switch dice.next(below: 4) {
        case 0: byNode.insert([], at: Int(dice.next(below: UInt64(nodes))))
        case 1: byNode.append(byNode[0])
        default: break
        }
        return Topology(
            cpus: cpus, nodes: byNode, quotaMilliCPU: quota, memoryBytes: 1 << (28 + dice.next(below: 12)))
    }

    @Test func `a shard stays on its memory's node, and anywhere when there is one`() throws {
        let cpus = (0..<8).map {
            Topology.LogicalCPU(number: $0, core: $0 % 4, node: $0 % 4 / 2, isAllowed: $0 != 5)
        }
        let machine = Topology(cpus: cpus, quotaMilliCPU: nil, memoryBytes: 1 << 40)
        let homes = try Placement(.all, on: machine, within: small).homes(on: machine)
        let unbound = Placement.Bounds(memoryBytes: 1 << 40, pinsCores: false)

        #expect(homes == [[0, 1, 4], [0, 1, 4], [2, 3, 6, 7], [2, 3, 6, 7]])
        #expect(try Placement(.count(9), on: machine, within: unbound).homes(on: machine) == [])
        #expect(try Placement(.count(9), on: machine, within: unbound).isOversubscribed)
        let uniform = try #require(SyntheticTopology(description: "pack:1 core:4 pu:2")).topology()
        #expect(try Placement(.all, on: uniform, within: small).homes(on: uniform) == [])
    }

    private let small = Placement.Bounds(memoryBytes: 1 << 40)

    private func place(_ topology: Topology, _ setting: String, pinsCores: Bool = true) throws -> String {
        do throws(PlacementError) {
            let allocation: CPUAllocation
            do { allocation = try CPUAllocation(parsing: setting) } catch { return "\(error)" }
            let placement = try Placement(
                allocation, on: topology, within: .init(memoryBytes: 1 << 40, pinsCores: pinsCores))
            return Self.picture(placement.shards)
        } catch {
            return "\(error)"
        }
    }

    private static func picture(_ shards: [Placement.Shard]) -> String {
        var parts: [String] = []
        var node: Int?
        for shard in shards {
            let cpu = shard.cpu.map(String.init) ?? ""
            if let place = shard.node, node == place, let last = parts.popLast() {
                parts.append(last.dropLast() + ",\(cpu)}")
            } else {
                parts.append(shard.node.map { "\($0){\(cpu)}" } ?? "{\(cpu)}")
            }
            node = shard.node
        }
        return parts.joined(separator: shards.first?.node == nil ? "" : " ")
    }
}
