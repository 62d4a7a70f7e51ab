import Foundation
import Platform
import Server
import Support
import Testing

@testable import Linux

struct TopologyTests {
    @Test func `siblings share a core and CPUs know their node`() throws {
        let topology = try #require(SyntheticTopology(description: "numa:2 core:4 pu:2")).topology()

        #expect(topology.cpus.map(\.number) == Array(0..<16))
        #expect(topology.cpus.map(\.core) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7])
        #expect(topology.cpus.map(\.node) == Array(repeating: 0, count: 8) + Array(repeating: 1, count: 8))
        #expect(topology.cpus.map(\.isAllowed) == Array(repeating: true, count: 16))
    }

    @Test func `the system's numbering is kept`() throws {
        let description = "pack:1 core:8 pu:2(indexes=0,8,1,9,2,10,3,11,4,12,5,13,6,14,7,15)"
        let topology = try #require(SyntheticTopology(description: description)).topology()

        #expect(topology.cpus.map(\.core) == Array(0..<8) + Array(0..<8))
    }

    @Test func `a control group's set takes CPUs away, an affinity mask forbids them`() throws {
        let topology = try #require(
            SyntheticTopology(description: "numa:2 core:4 pu:2", cpuset: [1, 2, 3, 8], affinity: [2, 8])
        ).topology()

        #expect(topology.cpus.map(\.number) == [1, 2, 3, 8])
        #expect(topology.cpus.map(\.core) == [0, 1, 1, 2])
        #expect(topology.cpus.map(\.isAllowed) == [false, true, false, true])
    }

    @Test func `a description that means nothing is nil`() {
        #expect(SyntheticTopology(description: "core:four") == nil)
        #expect(SyntheticTopology(description: "core:4 pu:1", cpuset: [9]) == nil)
    }

    @Test(arguments: [
        ("pack:2 core:8 pu:2", 32), ("numa:2 [numa] core:4 pu:2(indexes=0,8,1,9)", 16), ("2 4 0x10", 128),
        ("pack:2(memory=4GB) l3:2 core:2 pu:1", 8), ("pack:1000000 core:1000000 pu:1000000000000", .max),
    ])
    func `the CPUs of a description are known before any is made`(description: String, count: UInt64) {
        #expect(SyntheticTopology.cpuCount(of: description) == count)
    }

    /// hwloc takes them.
    @Test(arguments: [
        "core:8192\npu:1", "core:8192\tpu:1", "pack:1core:4pu:2", "core:8192(memory=1GB)pu:1", "core:2(a=b)0x2000",
        "core:2 [numa(x=[)] pu:8192", "core:2 (x=[) pu:8192", "core:2 pu:9999(", "core:\u{A0}4",
    ])
    func `a description whose CPUs cannot be counted beforehand is refused`(description: String) {
        #expect(SyntheticTopology.cpuCount(of: description) == nil)
        #expect(SyntheticTopology(description: description) == nil)
    }

    @Test(arguments: ["numa:256 core:4 pu:2", "numa:2048 core:1 pu:1", "core:1024 pu:2"])
    func `the largest machines are looked at in no time`(description: String) throws {
        let time = try cpuTime {
            let topology = try #require(SyntheticTopology(description: description)).topology()

            #expect(topology.cpus.count == SyntheticTopology.cpusMax)
            #expect(SyntheticTopology(description: description + "  2") == nil)
            for setting in [CPUAllocation.all, .numa(.init()), .range(start: 0, end: 2_048)] {
                let placement = try Placement(setting, on: topology, within: .init(memoryBytes: 1 << 40))
                #expect(placement.shards.count >= 1_024)
                #expect([0, placement.shards.count].contains(placement.homes(on: topology).count))
            }
        }
        #expect(time < .seconds(30))
    }

    @Test func `this machine has CPUs and memory`() {
        let topology = HwlocTopology().topology()

        #expect(topology.cpus.contains { $0.isAllowed })
        #expect(topology.memoryBytes > 1 << 28)
    }

    @Test func `the strictest limit of a group and its ancestors counts, in both versions`() throws {
        let root = TestServer.freshDirectory()
        defer { try? FileManager.default.removeItem(atPath: root) }
        func put(_ path: String, _ text: String) throws {
            let file = URL(fileURLWithPath: "\(root)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try put("two/a/b/cpu.max", "max 100000\n")
        try put("two/a/b/memory.max", "4294967296\n")
        try put("two/a/cpu.max", "250000 100000\n")
        try put("two/a/memory.max", "max\n")
        try put("one/cpu,cpuacct/cpu.cfs_quota_us", "400000\n")
        try put("one/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
        try put("one/memory/x/memory.limit_in_bytes", "9223372036854771712\n")
        try put("one/memory/memory.limit_in_bytes", "1073741824\n")

        let two = ControlGroup(membership: "0::/a/b\n", root: "\(root)/two")
        let one = ControlGroup(membership: "4:cpu,cpuacct:/docker/unseen\n3:memory:/x\n0::/\n", root: "\(root)/one")
        let none = ControlGroup(membership: "", root: root)

        #expect(two.quotaMilliCPU == 2500 && two.memoryBytes == 4 << 30)
        #expect(one.quotaMilliCPU == 4000 && one.memoryBytes == 1 << 30)
        #expect(none.quotaMilliCPU == nil && none.memoryBytes == nil)
    }
}
