import CLinux
import Platform
import Synchronization

/// What the main thread and the shards tell each other about starting and ending.
final class Control: Sendable {
    /// An eventfd that the main thread waits on.
    let bell: Int32
    /// The shards must leave their loops.
    let isEnding = Atomic<Bool>(false)
    /// Somebody wants the server to stop.
    let isStopRequested = Atomic<Bool>(false)
    /// Each shard that goes round repeats it (`ShardPort.answeredProbe`), so that one that hangs is known.
    let probe = Atomic<UInt32>(0)
    /// How long a stop may take.
    let drainNanoseconds: Atomic<Int64>
    /// The number of a shard that is to fail; -1 for none.
    let failingShard = Atomic<Int>(-1)
    private let state: Mutex<State>

    struct State {
        fileprivate(set) var ready: [Bool]
        fileprivate(set) var stopped: [Bool]
        fileprivate(set) var exit: ExitReason?

        var isReady: Bool { ready.allSatisfy { $0 } }
        var isStopped: Bool { stopped.allSatisfy { $0 } }
    }

    init(shardCount: Int, drainNanoseconds: Int64) throws(StartFailure) {
        self.drainNanoseconds = Atomic(drainNanoseconds)
        let none = Array(repeating: false, count: shardCount)
        state = Mutex(State(ready: none, stopped: none, exit: nil))
        let opened = galgo_eventfd()
        if let number = opened.errorNumber { throw .noDescriptor(Errno(number: number)) }
        bell = Int32(truncatingIfNeeded: opened)
    }

    func close() { _ = galgo_close(bell) }

    var current: State { state.withLock { $0 } }

    func markReady(_ shard: ShardID) { change { $0.ready[Int(shard.number)] = true } }

    func markStopped(_ shard: ShardID) { change { $0.stopped[Int(shard.number)] = true } }

    /// The first reason counts.
    func exit(_ reason: ExitReason) { change { $0.exit = $0.exit ?? reason } }

    func requestStop() {
        isStopRequested.store(true, ordering: .releasing)
        ring()
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        ring()
    }

    private func ring() {
        // Fails only when the counter is full, and then the main thread is awake.
        _ = galgo_eventfd_signal(bell)
    }
}
