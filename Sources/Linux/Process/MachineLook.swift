import CLinux
import Glibc
public import Platform

/// Looks at the machine for `galgo-server doctor`; changes nothing but a scratch file without a name.
public enum MachineLook {
    /// Syncs that are measured, and how long all of them may take.
    private static let syncsMax = 200
    private static let patienceNanoseconds: Int64 = 3_000_000_000
    private static let syncBytes = 4 << 10

    /// - Parameter path: of the data directory; where it is missing, the directory that it would be made in counts.
    public static func facts(directory path: String) -> MachineFacts {
        var facts = MachineFacts()
        facts.clockSource = line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        facts.descriptorsMax = limit(GALGO_LIMIT_DESCRIPTORS)
        facts.lockedBytesMax = limit(GALGO_LIMIT_LOCKED)
        facts.dataBytesMax = limit(GALGO_LIMIT_DATA)
        let group = ControlGroup.current()
        (facts.groupMilliCPU, facts.groupMemoryBytes) = (group.quotaMilliCPU, group.memoryBytes)
        look(at: path, &facts)
        return facts
    }

    private static func look(at path: String, _ facts: inout MachineFacts) {
        var path = path
        // As the server opens it: the path may be a link, and is one where systemd chose the user.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        var directory = unsafe open(path, flags)
        while directory < 0, errno == ENOENT, !path.isEmpty, path != "/" {
            let parent = path.split(separator: "/").dropLast().joined(separator: "/")
            path = path.hasPrefix("/") ? "/" + parent : (parent.isEmpty ? "." : parent)
            directory = unsafe open(path, flags)
        }
        facts.directory = path
        guard directory >= 0 else {
            facts.syncs = .failed(Errno(number: errno))
            return
        }
        defer { _ = galgo_close(directory) }
        var (free, total): (Int64, Int64) = (0, 0)
        unsafe _ = galgo_space(directory, &free, &total)
        (facts.freeBytes, facts.totalBytes) = (UInt64(clamping: free), UInt64(clamping: total))
        facts.fileSystem = fileSystem(galgo_file_system(directory))
        facts.syncs = measureSyncs(directory)
    }

    private static func measureSyncs(_ directory: Int32) -> MachineFacts.SyncResult {
        let opened = galgo_open_scratch(directory)
        if let number = opened.errorNumber { return .failed(Errno(number: number)) }
        let file = Int32(truncatingIfNeeded: opened)
        defer { _ = galgo_close(file) }
        var times: [UInt64] = []
        let bytes = [UInt8](repeating: 1, count: syncBytes)
        let end = Clock.monotonic() + patienceNanoseconds
        while times.count < syncsMax, Clock.monotonic() < end {
            let position = Int64(times.count * syncBytes)
            // SAFETY: the array outlives the call, and the part is as long as it.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                var part = unsafe iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress), iov_len: buffer.count)
                return unsafe galgo_write(file, &part, 1, position)
            }
            if let number = written.errorNumber { return .failed(Errno(number: number)) }
            let start = Clock.monotonic()
            if let number = galgo_sync_data(file).errorNumber { return .failed(Errno(number: number)) }
            times.append(UInt64(clamping: Clock.monotonic() - start))
        }
        return MachineFacts.Syncs(nanoseconds: times).map { .measured($0) } ?? .failed(.timedOut)
    }

    /// Nil for no limit.
    private static func limit(_ resource: galgo_limit) -> UInt64? {
        let limit = galgo_hard_limit(resource)
        return limit < 0 || limit == .max ? nil : UInt64(limit)
    }

    private static func line(_ path: String) -> String { String(TextFile.read(path).prefix { $0 != "\n" }) }

    /// By the numbers of statfs(2).
    private static func fileSystem(_ number: Int64) -> String {
        switch number {
        case 0xef53: "ext4"
        case 0x5846_5342: "xfs"
        case 0x9123_683e: "btrfs"
        case 0x2fc1_2fc1: "zfs"
        case 0xf2f5_2010: "f2fs"
        case 0x0102_1994: "tmpfs"
        case 0x8584_58f6: "ramfs"
        case 0x794c_7630: "overlay"
        case 0x6969: "nfs"
        case 0xff53_4d42, 0xfe53_4d42: "smb"
        case 0x0102_1997: "9p"
        case 0x6573_5546: "fuse"
        default: "0x" + String(number, radix: 16)
        }
    }
}
