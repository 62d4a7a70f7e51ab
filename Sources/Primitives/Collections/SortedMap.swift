/// A map in the order of its keys: what the seed decides, not the hash.
///
/// Two arrays and a binary search. Finding takes the logarithm of the count, inserting and removing move what stands
/// behind, so it fits maps that are read more than changed, up to some ten thousand entries. Appending keys in
/// ascending order moves nothing.
public struct SortedMap<Key: Comparable, Value> {
    /// All keys, ascending.
    public private(set) var keys: [Key] = []
    /// The values, in the order of their keys. None is nil: the wrapping lets an accessor lend one in place as the
    /// optional that a subscript by key has to be.
    @usableFromInline var slots: [Value?] = []

    public init() {}

    @inlinable public var count: Int { keys.count }
    @inlinable public var isEmpty: Bool { keys.isEmpty }

    /// All values, in the order of their keys.
    @inlinable public var values: [Value] { slots.compactMap { $0 } }

    @inlinable public var first: (key: Key, value: Value)? { entry(at: 0) }
    @inlinable public var last: (key: Key, value: Value)? { entry(at: count &- 1) }

    /// The entry at a place in the order; nil when there is no such place.
    @inlinable
    public func entry(at index: Int) -> (key: Key, value: Value)? {
        guard index >= 0, index < count, let value = slots[index] else { return nil }
        return (keys[index], value)
    }

    /// The value of `key`, changed in place; setting nil removes the entry.
    @inlinable
    public subscript(key: Key) -> Value? {
        get { place(of: key).flatMap { slots[$0] } }
        _modify {
            if let index = place(of: key) {
                yield &slots[index]
                if slots[index] == nil { remove(at: index) }
            } else {
                var value: Value?
                yield &value
                if let value { insert(value, key) }
            }
        }
    }

    /// The value of `key`, or `value` while it has none; reading makes no entry, changing does.
    @inlinable
    public subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { self[key] ?? value() }
        _modify {
            var lent = takeValue(of: key) ?? value()
            defer { self[key] = lent }
            yield &lent
        }
    }

    /// Removes the entry and gives its value; nil when there is none.
    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        guard let index = place(of: key) else { return nil }
        keys.remove(at: index)
        return slots.remove(at: index)
    }

    /// Removes the entry with the lowest key.
    @discardableResult
    public mutating func popFirst() -> (key: Key, value: Value)? {
        guard let first else { return nil }
        remove(at: 0)
        return first
    }

    public mutating func removeAll() {
        keys.removeAll()
        slots.removeAll()
    }

    // MARK: Near a key

    /// The place of the first key that is not below `key`: `count` when all are.
    @inlinable
    public func lowerBound(_ key: Key) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if keys[middle] < key { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The entry with the greatest key that is not above `key`.
    @inlinable
    public func floor(_ key: Key) -> (key: Key, value: Value)? {
        entry(at: place(of: key) ?? lowerBound(key) &- 1)
    }

    /// The entry with the lowest key that is not below `key`.
    @inlinable
    public func ceiling(_ key: Key) -> (key: Key, value: Value)? {
        entry(at: lowerBound(key))
    }
}

// MARK: Places

extension SortedMap {
    @usableFromInline
    func place(of key: Key) -> Int? {
        let index = lowerBound(key)
        return index < count && keys[index] == key ? index : nil
    }

    @usableFromInline
    mutating func insert(_ value: Value, _ key: Key) {
        let index = lowerBound(key)
        keys.insert(key, at: index)
        slots.insert(value, at: index)
    }

    @usableFromInline
    mutating func remove(at index: Int) {
        keys.remove(at: index)
        slots.remove(at: index)
    }

    /// Moves the value out, so that a change finds it unshared; the caller puts it back under the same key.
    @usableFromInline
    mutating func takeValue(of key: Key) -> Value? {
        place(of: key).flatMap { slots[$0].take() }
    }
}

extension SortedMap: Sequence {
    public struct Iterator: IteratorProtocol {
        @usableFromInline let map: SortedMap
        @usableFromInline var index = 0

        @usableFromInline
        init(map: SortedMap) {
            self.map = map
        }

        @inlinable
        public mutating func next() -> (key: Key, value: Value)? {
            defer { index &+= 1 }
            return map.entry(at: index)
        }
    }

    @inlinable
    public func makeIterator() -> Iterator {
        Iterator(map: self)
    }
}

extension SortedMap: Equatable where Value: Equatable {}
extension SortedMap: Hashable where Key: Hashable, Value: Hashable {}
extension SortedMap: Sendable where Key: Sendable, Value: Sendable {}

extension SortedMap: ExpressibleByDictionaryLiteral {
    /// Of a key given twice the later value counts.
    public init(dictionaryLiteral elements: (Key, Value)...) {
        for (key, value) in elements { self[key] = value }
    }
}
