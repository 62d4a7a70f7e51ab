/// Slots of partitions in the order in which they came, each at most once at a time.
struct SlotQueue {
    private var slots: [Int] = []
    /// Those before it have gone.
    private var head = 0
    /// By slot.
    private var isMember: [Bool] = []

    var count: Int { slots.count - head }
    var isEmpty: Bool { count == 0 }

    func contains(_ slot: Int) -> Bool { slot < isMember.count && isMember[slot] }

    /// Does nothing if the slot is there already.
    mutating func append(_ slot: Int) {
        if contains(slot) { return }
        while isMember.count <= slot { isMember.append(false) }
        isMember[slot] = true
        slots.append(slot)
    }

    mutating func popFirst() -> Int? {
        guard head < slots.count else { return nil }
        let slot = slots[head]
        head += 1
        isMember[slot] = false
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 > slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return slot
    }
}
