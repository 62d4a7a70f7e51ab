import Foundation
import Support

/// Memory of another process.
enum ResidentMemory {
    /// Bytes that it has now, from `VmRSS` (KiB) of its status.
    static func bytes(of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw HarnessError("process \(pid) has no VmRSS")
        }
        return kibibytes << 10
    }
}

/// Looks at the memory of a process a hundred times a second.
final class MemorySampler {
    private let thread: Background<Int>
    private let isOver = Flag()

    init(pid: pid_t) {
        let isOver = isOver
        thread = Background {
            var most = 0
            while !isOver.isRaised {
                most = max(most, try ResidentMemory.bytes(of: pid))
                usleep(10_000)
            }
            return most
        }
    }

    /// The most that was seen.
    func end() throws -> Int {
        isOver.raise()
        return try thread.join()
    }
}
