import Glibc

/// The limits that control groups set for this process, of version 1 and 2, read below any root so that tests can
/// bring their own.
struct ControlGroup {
    /// CPU time per second in thousandths of a CPU; nil when unlimited.
    let quotaMilliCPU: UInt32?
    /// Nil when unlimited.
    let memoryBytes: UInt64?

    /// `membership` is the text of `/proc/self/cgroup`: lines `id:controllers:path`, of which version 2 has one,
    /// `0::path`. The strictest of a group and its ancestors counts. A path that is not there (a container sees its
    /// host's names) leaves its ancestors, at least the root.
    init(membership: String, root: String = "/sys/fs/cgroup") {
        var (quotas, limits): ([UInt64], [UInt64]) = ([], [])
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            for group in Self.ancestors(of: fields[2]) {
                if controllers.isEmpty {
                    for mount in [root, "\(root)/unified"] {
                        quotas.append(contentsOf: Self.quota(period: TextFile.read("\(mount)\(group)/cpu.max")))
                        limits.append(contentsOf: Self.limit(TextFile.read("\(mount)\(group)/memory.max")))
                    }
                }
                if controllers.contains("cpu") {
                    for mount in ["\(root)/cpu", "\(root)/\(fields[1])"] {
                        let quota = Self.word(TextFile.read("\(mount)\(group)/cpu.cfs_quota_us"))
                        let period = Self.word(TextFile.read("\(mount)\(group)/cpu.cfs_period_us"))
                        quotas.append(contentsOf: Self.quota(period: "\(quota) \(period)"))
                    }
                }
                if controllers.contains("memory") {
                    limits.append(
                        contentsOf: Self.limit(TextFile.read("\(root)/memory\(group)/memory.limit_in_bytes")))
                }
            }
        }
        quotaMilliCPU = quotas.min().map { UInt32(clamping: $0) }
        memoryBytes = limits.min()
    }

    static func current() -> ControlGroup { ControlGroup(membership: TextFile.read("/proc/self/cgroup")) }

    /// `/a/b` gives `/a/b`, `/a` and the root, which is empty.
    private static func ancestors(of path: Substring) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { parts.prefix($0).map { "/\($0)" }.joined() }
    }

    /// `quota period` in microseconds; `max` and -1 are no limit.
    private static func quota(period text: String) -> [UInt64] {
        let words = text.split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let quota = UInt64(words[0]), let period = UInt64(words[1]), period > 0 else {
            return []
        }
        let (scaled, overflow) = quota.multipliedReportingOverflow(by: 1000)
        return overflow ? [] : [scaled / period]
    }

    /// `max` is no limit; version 1 says it with a number near 2^63.
    private static func limit(_ text: String) -> [UInt64] {
        guard let bytes = UInt64(word(text)), bytes < 1 << 60 else { return [] }
        return [bytes]
    }

    private static func word(_ text: String) -> Substring { text.prefix { $0 != "\n" } }
}
