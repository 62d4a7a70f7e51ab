import CLinux
import Platform
import Synchronization

/// What other threads may touch of a shard: its wake-up, what workers finished for it, its life's number.
final class ShardPort: Sendable {
    let shard: ShardID
    /// An eventfd in the shard's epoll set. Edge triggered, so it is never read.
    let waker: Int32
    let table: SlotTable
    /// The number of the Machine that lives here, from 0.
    let generation = Atomic<UInt32>(0)
    /// The last of the main thread's probes that the shard's thread has seen.
    let answeredProbe = Atomic<UInt32>(0)
    private let isAsleep = Atomic<Bool>(false)
    private let finished = Mutex<[Finished]>([])
    private let finishedCount = Atomic<Int>(0)

    init(shard: ShardID, table: SlotTable) throws(StartFailure) {
        self.shard = shard
        self.table = table
        let opened = galgo_eventfd()
        if let number = opened.errorNumber { throw .noDescriptor(Errno(number: number)) }
        waker = Int32(truncatingIfNeeded: opened)
    }

    /// Closes and unmaps. Nobody may use the port afterwards.
    func end() {
        _ = galgo_close(waker)
        table.end()
    }

    /// Makes a sleeping shard look around. Costs a system call only when it sleeps. Call it after publishing.
    func wake() {
        // Publishing comes before reading the flag here, raising the flag before looking around there: one of the
        // two sees the other.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard isAsleep.load(ordering: .relaxed), isAsleep.exchange(false, ordering: .relaxed) else { return }
        // Fails only when the counter is full, and then the shard is awake.
        _ = galgo_eventfd_signal(waker)
    }

    /// The shard is about to sleep; it must look around once more before it does.
    func fallAsleep() {
        isAsleep.store(true, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    func stayAwake() {
        isAsleep.store(false, ordering: .relaxed)
    }

    /// A worker's result.
    func finish(_ result: Finished) {
        finished.withLock { $0.append(result) }
        finishedCount.add(1, ordering: .releasing)
        wake()
    }

    var hasFinished: Bool { finishedCount.load(ordering: .acquiring) > 0 }

    /// Exchanges `results`, which is empty, for what has finished.
    func takeFinished(_ results: inout [Finished]) {
        finished.withLock { swap(&$0, &results) }
        finishedCount.subtract(results.count, ordering: .relaxed)
    }
}
