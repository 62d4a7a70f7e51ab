import Glibc
import Platform

/// Gathers `HostFacts`, and remembers what processor time was used so far: percentages are of the time in between.
struct FactsSample {
    /// Clock ticks of this process; ticks of the host, busy and all.
    private var processTicks: UInt64 = 0
    private var busyTicks: UInt64 = 0
    private var allTicks: UInt64 = 0

    mutating func take(directory: DataDirectory) -> HostFacts {
        var facts = HostFacts()
        facts.processID = UInt32(truncatingIfNeeded: getpid())
        addProcessor(&facts)
        addMemory(&facts)
        addSystem(&facts)
        let (free, total) = directory.measureSpace()
        facts.freeDiskBytes = UInt64(clamping: free)
        facts.totalDiskBytes = UInt64(clamping: total)
        return facts
    }

    /// proc(5): `/proc/stat` begins with the host's ticks (user nice system idle iowait irq softirq steal), and
    /// fields 14 and 15 of `/proc/self/stat` are the process's (user, system).
    private mutating func addProcessor(_ facts: inout HostFacts) {
        let host = TextFile.read("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8)
            .map { UInt64($0) ?? 0 }
        // The name in the second field may hold spaces: count from its closing parenthesis.
        let own = TextFile.read("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard host.count == 8, own.count > 17 else { return }
        let process = (UInt64(own[11]) ?? 0) &+ (UInt64(own[12]) ?? 0)
        let all = host.reduce(0, &+)
        let busy = all &- host[3] &- host[4]
        let elapsed = all &- allTicks
        if elapsed > 0 {
            let processors = Float(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1))
            facts.processCPUPercent = Float(process &- processTicks) / Float(elapsed) * processors * 100
            facts.hostCPUPercent = Float(busy &- busyTicks) / Float(elapsed) * 100
        }
        (processTicks, busyTicks, allTicks) = (process, busy, all)
        facts.threadCount = UInt32(own[17]) ?? 0
    }

    private func addMemory(_ facts: inout HostFacts) {
        let memory = TextFile.read("/proc/meminfo")
        facts.totalMemoryBytes = (TextFile.number(after: "MemTotal", in: memory) ?? 0) &* 1024
        facts.availableMemoryBytes = (TextFile.number(after: "MemAvailable", in: memory) ?? 0) &* 1024
        let own = TextFile.read("/proc/self/status")
        facts.processMemoryBytes = (TextFile.number(after: "VmRSS", in: own) ?? 0) &* 1024
        let transfers = TextFile.read("/proc/self/io")
        facts.readBytes = TextFile.number(after: "read_bytes", in: transfers) ?? 0
        facts.writtenBytes = TextFile.number(after: "write_bytes", in: transfers) ?? 0
    }

    private func addSystem(_ facts: inout HostFacts) {
        func line(_ path: String) -> String { String(TextFile.read(path).prefix { $0 != "\n" }) }
        facts.hostname = line("/proc/sys/kernel/hostname")
        facts.kernelVersion = line("/proc/sys/kernel/osrelease")
        let release = TextFile.read("/etc/os-release")
        facts.systemName = value(of: "NAME", in: release) ?? line("/proc/sys/kernel/ostype")
        facts.systemVersion = value(of: "VERSION_ID", in: release) ?? ""
    }

    /// os-release(5): `KEY=value` or `KEY="value"`.
    private func value(of key: String, in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(key)=") {
            return String(line.dropFirst(key.count + 1).filter { $0 != "\"" })
        }
        return nil
    }
}
