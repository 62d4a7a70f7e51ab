import CLinux
public import Platform
import Synchronization

/// Where any thread says something for the log: bounded mail to the log writer.
///
/// A line that is not wanted costs a look at one word. One that is wanted costs its bytes' copy into a block that is
/// there already; when that is full, the line is counted and gone. The order of the lines is that in which they came.
public final class Log: Sendable {
    /// Called with each notice of a shard, on the shard's thread.
    private let watch: @Sendable (Notice) -> Void
    private let gate: Atomic<UInt64>
    /// One block is filled while the writer reads the other.
    private let filling: Mutex<RecordBuffer>
    private let reading: Mutex<RecordBuffer>
    /// The writer sleeps and has to be woken for any line.
    private let isIdle = Atomic<Bool>(false)
    /// An eventfd that the writer waits on.
    let bell: Int32

    /// A fifth of a second of lines, at 200,000 a second with 100 bytes each. Memory that no line ever took is not
    /// used.
    public static let capacity = 4 << 20

    public init(
        gate: LogGate, capacity: Int = Log.capacity, watch: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws(StartFailure) {
        self.watch = watch
        self.gate = Atomic(gate.word)
        filling = Mutex(RecordBuffer(capacity: capacity))
        reading = Mutex(RecordBuffer(capacity: capacity))
        let opened = galgo_eventfd()
        if let number = opened.errorNumber { throw .noDescriptor(Errno(number: number)) }
        bell = Int32(truncatingIfNeeded: opened)
    }

    deinit { _ = galgo_close(bell) }

    @inline(__always)
    public func isOpen(_ level: Notice.Level, _ target: LogTarget) -> Bool {
        LogGate(word: gate.load(ordering: .relaxed)).isOpen(level, target)
    }

    /// From now on other lines are wanted.
    public func set(_ gate: LogGate) { self.gate.store(gate.word, ordering: .relaxed) }

    // MARK: Saying something

    /// The text is made only if the line is wanted.
    public func write(
        _ level: Notice.Level, _ target: LogTarget, from thread: LogRecord.Thread = .main,
        _ text: @autoclosure () -> String
    ) {
        guard isOpen(level, target) else { return }
        var text = text()
        text.withUTF8 { bytes in
            let head = LogRecord.Head(
                level, target, thread, time: Clock.now().wallMicroseconds, textBytes: bytes.count)
            unsafe add(head, UnsafeRawBufferPointer(bytes), level)
        }
    }

    /// The same for bytes that are there already.
    public func write(
        _ level: Notice.Level, _ target: LogTarget, from thread: LogRecord.Thread, utf8 text: Span<UInt8>
    ) {
        guard isOpen(level, target) else { return }
        unsafe text.withUnsafeBytes { bytes in
            let head = LogRecord.Head(
                level, target, thread, time: Clock.now().wallMicroseconds, textBytes: bytes.count)
            unsafe add(head, bytes, level)
        }
    }

    func note(_ notice: Notice, of shard: ShardID) {
        let none: [UInt8] = []
        note(notice, of: shard, naming: none.span)
    }

    func note(_ notice: Notice, of shard: ShardID, naming name: Span<UInt8>) {
        watch(notice)
        guard isOpen(notice.level, notice.subject.target) else { return }
        unsafe name.withUnsafeBytes { bytes in
            let head = LogRecord.Head(
                notice, .shard(shard.number), time: Clock.now().wallMicroseconds, textBytes: bytes.count)
            unsafe add(head, bytes, notice.level)
        }
    }

    private func add(_ head: LogRecord.Head, _ text: UnsafeRawBufferPointer, _ level: Notice.Level) {
        let isHalfFull = filling.withLock { buffer in
            unsafe buffer.append(head, text)
            return buffer.isHalfFull
        }
        // While the writer works it looks again every few milliseconds by itself.
        let isUrgent = isHalfFull || level.rawValue <= Notice.Level.warning.rawValue
        if isUrgent || isIdle.load(ordering: .relaxed), isUrgent || isIdle.exchange(false, ordering: .relaxed) {
            ring()
        }
    }

    /// Wakes the writer. The counter is full only when it is awake.
    func ring() { _ = galgo_eventfd_signal(bell) }

    // MARK: The writer's side

    /// All that was said since the last time; nil if nothing was.
    func take() -> (bytes: [UInt8], dropped: UInt32)? {
        reading.withLock { mine in
            filling.withLock { swap(&$0, &mine) }
            let (bytes, dropped) = mine.take()
            return bytes.isEmpty && dropped == 0 ? nil : (bytes, dropped)
        }
    }

    /// Waits for a line, for `ring`, or for so many milliseconds (−1: for ever). `isIdle`: any line ends it; else one
    /// that is urgent.
    func wait(milliseconds: Int32, isIdle: Bool) {
        if isIdle {
            self.isIdle.store(true, ordering: .relaxed)
            // Whoever came before this look did not know that it has to ring.
            if filling.withLock({ $0.byteCount > 0 || $0.dropped > 0 }) {
                self.isIdle.store(false, ordering: .relaxed)
                return
            }
        }
        _ = galgo_wait_readable(bell, -1, milliseconds)
        self.isIdle.store(false, ordering: .relaxed)
        _ = galgo_eventfd_clear(bell)
    }
}
