/// Values with a number that mail and operations can carry: a place and a generation, so that a late answer to
/// something finished finds nothing.
struct Slab<Value> {
    private var values: [Value?] = []
    private var generations: [UInt32] = []
    private var free: [Int] = []
    private(set) var count = 0

    mutating func insert(_ value: Value) -> UInt64 {
        count += 1
        if let place = free.popLast() {
            values[place] = value
            return key(place)
        }
        values.append(value)
        generations.append(1)
        return key(values.count - 1)
    }

    subscript(key: UInt64) -> Value? {
        get { place(key).flatMap { values[$0] } }
        set {
            guard let place = place(key), let newValue else { return }
            values[place] = newValue
        }
    }

    mutating func remove(_ key: UInt64) -> Value? {
        guard let place = place(key), let value = values[place] else { return nil }
        values[place] = nil
        generations[place] &+= 1
        free.append(place)
        count -= 1
        return value
    }

    /// Keys of all values, ascending by place.
    var keys: [UInt64] { values.indices.filter { values[$0] != nil }.map(key) }

    private func key(_ place: Int) -> UInt64 { UInt64(generations[place]) << 32 | UInt64(place) }

    private func place(_ key: UInt64) -> Int? {
        let place = Int(key & 0xffff_ffff)
        guard place < values.count, UInt64(generations[place]) == key >> 32 else { return nil }
        return place
    }
}
