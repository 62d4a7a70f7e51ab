/// What is to happen when: alarms in the order of their time, and among equal times in the order they were set.
///
/// A binary heap over (time, sequence), so the order never depends on how the heap came to look; a side table finds an
/// alarm by its handle, so cancelling takes the logarithm of the count and leaves nothing behind. Times are nanoseconds
/// of whatever clock the owner uses. It never asks a clock: the owner passes `now` and arms one wake-up at `nextDue`.
public struct TimerWheel<Payload: BitwiseCopyable> {
    /// Names one alarm until it fires or is cancelled; afterwards it finds nothing.
    public typealias Handle = SlotKey

    fileprivate struct Alarm {
        let due: Int64
        let sequence: UInt64
        let payload: Payload
        let slot: UInt32

        func isBefore(_ other: Alarm) -> Bool {
            (due, sequence) < (other.due, other.sequence)
        }
    }

    /// Where an alarm stands, and which life of the slot it is.
    private struct Slot {
        var generation: UInt32
        /// Its place in the heap; nil while the slot is free.
        var index: Int?
    }

    private var heap: [Alarm] = []
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var sequence: UInt64 = 0

    public init() {}

    public var count: Int { heap.count }
    public var isEmpty: Bool { heap.isEmpty }

    /// When the owner has to look again; nil when nothing is set.
    public var nextDue: Int64? { heap.first?.due }

    /// Sets an alarm for `due`. A time in the past is due at once, behind older ones.
    public mutating func schedule(at due: Int64, _ payload: Payload) -> Handle {
        let slot = takeSlot()
        heap.append(Alarm(due: due, sequence: sequence, payload: payload, slot: slot))
        sequence &+= 1
        moveUp(from: heap.count &- 1)
        return Handle(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// Takes the alarm back; nil when it fired or was cancelled before.
    @discardableResult
    public mutating func cancel(_ handle: Handle) -> Payload? {
        guard let index = index(of: handle) else { return nil }
        return remove(at: index).payload
    }

    /// When the alarm is due; nil when it fired or was cancelled.
    public func due(_ handle: Handle) -> Int64? {
        index(of: handle).map { heap[$0].due }
    }

    /// Takes the first alarm that is due at `now`. Call it until it answers nil; what an alarm schedules for the same
    /// instant is then due in the same round.
    public mutating func popDue(at now: Int64) -> (due: Int64, payload: Payload)? {
        guard let first = heap.first, first.due <= now else { return nil }
        let alarm = remove(at: 0)
        return (alarm.due, alarm.payload)
    }

    /// Cancels everything.
    public mutating func removeAll() {
        while !heap.isEmpty { _ = remove(at: heap.count &- 1) }
    }

    // MARK: Slots

    private func index(of handle: Handle) -> Int? {
        guard Int(handle.slot) < slots.count, slots[Int(handle.slot)].generation == handle.generation else {
            return nil
        }
        return slots[Int(handle.slot)].index
    }

    private mutating func takeSlot() -> UInt32 {
        if let slot = free.popLast() { return slot }
        precondition(slots.count < Int(UInt32.max), "slots are numbered with 32 bits")
        slots.append(Slot(generation: 1, index: nil))
        return UInt32(truncatingIfNeeded: slots.count &- 1)
    }

    // MARK: Heap

    private mutating func remove(at index: Int) -> Alarm {
        let alarm = heap[index]
        let last = heap.removeLast()
        if index < heap.count {
            place(last, at: index)
            moveUp(from: index)
            moveDown(from: index)
        }
        let slot = Int(alarm.slot)
        slots[slot].index = nil
        // A slot that had all its lives is never filled again.
        if slots[slot].generation < .max {
            slots[slot].generation &+= 1
            free.append(alarm.slot)
        }
        return alarm
    }

    private mutating func place(_ alarm: Alarm, at index: Int) {
        heap[index] = alarm
        slots[Int(alarm.slot)].index = index
    }

    private mutating func moveUp(from start: Int) {
        let alarm = heap[start]
        var index = start
        while index > 0 {
            let parent = (index &- 1) / 2
            guard alarm.isBefore(heap[parent]) else { break }
            place(heap[parent], at: index)
            index = parent
        }
        place(alarm, at: index)
    }

    private mutating func moveDown(from start: Int) {
        let alarm = heap[start]
        var index = start
        while true {
            var child = 2 &* index &+ 1
            guard child < heap.count else { break }
            if child &+ 1 < heap.count, heap[child &+ 1].isBefore(heap[child]) { child &+= 1 }
            guard heap[child].isBefore(alarm) else { break }
            place(heap[child], at: index)
            index = child
        }
        place(alarm, at: index)
    }
}

extension TimerWheel.Alarm: Sendable where Payload: Sendable {}
extension TimerWheel: Sendable where Payload: Sendable {}
