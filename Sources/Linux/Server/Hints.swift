import CLinux
import Platform
import Synchronization

/// What would make this server faster where the system allows it. A refusal costs a log line, once, and nothing else.
final class Hints: Sendable {
    enum Hint: Int, CaseIterable {
        /// A shard stays on the CPUs of its NUMA node.
        case affinity
        /// Memory comes from the node of the CPU that touches it first, whatever the process was started with.
        case localMemory
        /// Large buffers are made of huge pages.
        case hugePages
    }

    private let log: Log
    private let refusals = Atomic<Int>(0)

    init(log: Log) { self.log = log }

    /// True while nobody was refused it.
    func isGranted(_ hint: Hint) -> Bool { refusals.load(ordering: .relaxed) & 1 << hint.rawValue == 0 }

    /// For the calling thread, before it touches any memory: to its node, and then its memory to that node.
    func keepThread(on home: [UInt32]) {
        // SAFETY: the address and the count are those of the array, which lives as long as the call.
        let bound = unsafe home.withUnsafeBufferPointer { cpus in
            unsafe galgo_bind_thread(cpus.baseAddress, Int32(clamping: cpus.count))
        }
        note(.affinity, bound)
        note(.localMemory, galgo_prefer_local_memory())
    }

    /// For fresh pages, before they are touched.
    func makeHuge(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
        guard byteCount >= Self.hugePageBytes, isGranted(.hugePages) else { return }
        // SAFETY: the advice changes no byte of the caller's mapping.
        note(.hugePages, unsafe galgo_advise_huge(address, byteCount))
    }

    static let hugePageBytes = 2 << 20

    private func note(_ hint: Hint, _ result: Int64) {
        guard let number = result.errorNumber else { return }
        let before = refusals.bitwiseOr(1 << hint.rawValue, ordering: .relaxed).oldValue
        guard before & 1 << hint.rawValue == 0 else { return }
        let reason = Errno(number: number).text
        log.write(.warning, .linux, "\(hint.refusal) (\(reason)); that costs speed and nothing else")
    }
}

extension Hints.Hint {
    fileprivate var refusal: String {
        switch self {
        case .affinity: "the system binds no threads to CPUs (sched_setaffinity): shards run anywhere"
        case .localMemory: "the system keeps its memory policy (set_mempolicy): a shard's memory may be on another node"
        case .hugePages: "the system gives no huge pages (madvise)"
        }
    }
}
