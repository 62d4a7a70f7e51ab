/// Values by small number; a freed number is used again, the last one first.
struct Slab<Value> {
    private var values: [Value?] = []
    private var free: [UInt32] = []
    private(set) var count = 0

    mutating func insert(_ value: Value) -> UInt32 {
        count += 1
        if let slot = free.popLast() {
            values[Int(slot)] = value
            return slot
        }
        values.append(value)
        return UInt32(values.count - 1)
    }

    @discardableResult
    mutating func remove(_ slot: UInt32) -> Value? {
        guard Int(slot) < values.count, let value = values[Int(slot)] else { return nil }
        values[Int(slot)] = nil
        free.append(slot)
        count -= 1
        return value
    }

    subscript(_ slot: UInt32) -> Value? {
        Int(slot) < values.count ? values[Int(slot)] : nil
    }

    /// The numbers in use, ascending.
    var slots: [UInt32] { values.indices.filter { values[$0] != nil }.map { UInt32($0) } }
}
