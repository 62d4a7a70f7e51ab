import Foundation
import Platform
import Support
import Testing

@testable import Linux

struct KernelTopologyTests {
    @Test func `the kernel's lists are read as it writes them`() {
        #expect(KernelTopology.numbers(in: "0-3,8\n") == [0, 1, 2, 3, 8])
        #expect(KernelTopology.numbers(in: "5") == [5])
        for text in ["", "x", "3-1", "0-99999999", "-", "1-2-3"] { #expect(KernelTopology.numbers(in: text) == []) }
    }

    @Test func `siblings are one core, and CPUs outside the mask are forbidden`() throws {
        let directory = try TemporaryDirectory()
        for cpu in 0..<4 {
            let folder = directory.path("cpu\(cpu)/topology")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data("\(cpu % 2),\(cpu % 2 + 2)\n".utf8).write(
                to: URL(fileURLWithPath: folder + "/thread_siblings_list"))
        }
        try Data("0-3\n".utf8).write(to: URL(fileURLWithPath: directory.path("online")))

        let topology = KernelTopology(status: "Name:\tx\nCpus_allowed_list:\t0-2\n", root: directory.path)

        #expect(topology.cpus.map(\.core) == [0, 1, 0, 1])
        #expect(topology.cpus.map(\.isAllowed) == [true, true, true, false])
    }

    @Test func `without any file there is one CPU`() {
        let cpus = KernelTopology(status: "", root: "/nowhere").cpus
        #expect(cpus == [.init(number: 0, core: 0, node: nil, isAllowed: true)])
    }

    @Test func `here it sees the CPUs that hwloc sees`() {
        let kernel = KernelTopology.current().cpus.filter(\.isAllowed).map(\.number)
        #expect(kernel == HwlocTopology().topology().cpus.filter(\.isAllowed).map(\.number))
    }
}
