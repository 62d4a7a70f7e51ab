import Linux
import Platform
import Primitives
import Server
import Testing

@Suite struct PlacementTests {
    /// `coreCount` cores with `siblingCount` logical CPUs each, numbered as Linux does: first siblings first.
    private func topology(
        cores coreCount: UInt32, siblings siblingCount: UInt32, quota: UInt32? = nil, memory: UInt64 = 1 << 40,
        isAllowed: (UInt32) -> Bool = { _ in true }
    ) -> Topology {
        let cpus = (0..<coreCount * siblingCount).map {
            Topology.LogicalCPU(number: $0, core: $0 % coreCount, node: nil, isAllowed: isAllowed($0))
        }
        return Topology(cpus: cpus, quotaMilliCPU: quota, memoryBytes: memory)
    }

    @Test func `siblings are never counted as cores`() {
        let placement = Placement(.all, on: topology(cores: 16, siblings: 2), bytesPerShard: 1 << 20)

        #expect(placement.shards.count == 16)
        #expect(placement.reason == .onePerCore(cores: 16, logicalCPUs: 32))
    }

    @Test func `memory that holds fewer shards decides, with its reason`() {
        let placement = Placement(
            .all, on: topology(cores: 16, siblings: 2, memory: 512 << 20), bytesPerShard: 128 << 20)

        #expect(placement.shards.count == 4)
        #expect(placement.reason == .memory(bytes: 512 << 20, perShard: 128 << 20, cores: 16))
    }

    @Test func `a quota counts as the CPUs it grants, rounded up`() {
        let placement = Placement(.all, on: topology(cores: 8, siblings: 1, quota: 2_500), bytesPerShard: 1)

        #expect(placement.shards.count == 3)
    }

    @Test func `more shards than cores share them unpinned`() {
        let placement = Placement(.count(5), on: topology(cores: 2, siblings: 2), bytesPerShard: 1)

        #expect(placement.shards.count == 5)
        #expect(placement.shards.allSatisfy { $0.cpus.isEmpty })
        #expect(placement.reason == .oversubscribed(asked: 5, cores: 2))
    }

    @Test func `a number that memory does not hold is bounded, with its reason`() {
        let machine = topology(cores: 2, siblings: 1, memory: 4 << 30)

        let placement = Placement(.count(1_024), on: machine, bytesPerShard: 128 << 20)

        #expect(placement.shards.count == 32)
        #expect(placement.reason == .bounded(asked: 1_024, bytes: 4 << 30, perShard: 128 << 20))
        #expect(Placement(.count(2), on: machine, bytesPerShard: 1 << 40).shards.count == 2)
    }

    @Test func `what was found is told`() {
        let placement = Placement(.all, on: topology(cores: 2, siblings: 2) { $0 != 3 }, bytesPerShard: 1)

        #expect(placement.usableCPUs == [0, 1, 2])
        #expect(placement.usableCoreCount == 2)
        #expect("\(Placement.Reason.asked(cores: 1))".hasSuffix("1 core"))
    }

    @Test func `strangers of all shards are bounded together`() {
        #expect(Limits().divided(among: 1).unauthenticatedConnectionsMax == 256)
        #expect(Limits().divided(among: 8).unauthenticatedConnectionsMax == 32)
        #expect(Limits().divided(among: 200).unauthenticatedConnectionsMax == 4)
    }

    @Test func `no two shards meet on a core and none leaves the allowed CPUs`() {
        var dice = PRNG(seed: 0x5EED_0001)
        for _ in 0..<2_000 {
            let cores = UInt32(dice.next(below: 32) + 1)
            let siblings = UInt32([1, 2, 4, 8][Int(dice.next(below: 4))])
            let mask = dice.next()
            let machine = topology(cores: cores, siblings: siblings) { mask >> (UInt64($0) % 64) & 1 == 1 }
            let usable = Set(machine.cpus.filter(\.isAllowed).map(\.core))

            let placement = Placement(.all, on: machine, bytesPerShard: 1)

            let placed = placement.shards.filter { !$0.cpus.isEmpty }
            let coreOf = Dictionary(machine.cpus.map { ($0.number, $0.core) }, uniquingKeysWith: { first, _ in first })
            #expect(placement.shards.count == max(usable.count, 1))
            #expect(Set(placed.flatMap { $0.cpus.compactMap { coreOf[$0] } }).count == placed.count)
            #expect(placed.allSatisfy { $0.cpus.allSatisfy { number in machine.cpus.contains { $0.number == number && $0.isAllowed } } })
        }
    }

    @Test func `a shard stays on its memory's node, and anywhere when there is one`() {
        let cpus = (0..<8).map {
            Topology.LogicalCPU(number: $0, core: $0 % 4, node: $0 % 4 / 2, isAllowed: $0 != 5)
        }
        let machine = Topology(cpus: cpus, quotaMilliCPU: nil, memoryBytes: 1 << 40)

        let homes = Placement(.all, on: machine, bytesPerShard: 1).homes(on: machine)

        #expect(homes == [[0, 1, 4], [0, 1, 4], [2, 3, 6, 7], [2, 3, 6, 7]])
        #expect(Placement(.count(5), on: machine, bytesPerShard: 1).homes(on: machine) == [])
        let uniform = topology(cores: 4, siblings: 2)
        #expect(Placement(.all, on: uniform, bytesPerShard: 1).homes(on: uniform) == [])
    }

    @Test(arguments: [("all", Placement.Setting.all), ("1", .count(1)), ("1024", .count(1_024))])
    func `a setting is a number or all`(text: String, expected: Placement.Setting) {
        #expect(Placement.Setting(text) == expected)
    }

    @Test(arguments: ["", "0", "-1", "1025", "ALL", "2 ", "auto"])
    func `another setting is refused`(text: String) {
        #expect(Placement.Setting(text) == nil)
    }
}
