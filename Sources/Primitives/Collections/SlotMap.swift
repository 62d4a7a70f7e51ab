/// Names one life of one slot. A key of an earlier life finds nothing, whoever lives there now.
public struct SlotKey: Hashable, BitwiseCopyable, Sendable {
    /// The place, small and dense: good as an index into side tables.
    public let slot: UInt32
    /// Which life of the place, from 1; 0 names no life, ever.
    public let generation: UInt32

    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

extension SlotKey: Comparable {
    public static func < (left: SlotKey, right: SlotKey) -> Bool {
        (left.slot, left.generation) < (right.slot, right.generation)
    }
}

/// Owns elements, also ones that cannot be copied, behind keys that outlive them safely.
///
/// Arrays and dictionaries of the standard library hold no `~Copyable` elements; this does. Insert, remove and find
/// take constant time. A freed slot is the next one filled (the last freed first), so the slots in use stay few and
/// the order of slots is the same in every run. An access goes through a subscript that lends the element in place:
/// `map[key]?.append(batch)`. A key that finds nothing is not a mistake: connections and files end while
/// events about them are on the way.
@safe
public struct SlotMap<Element: ~Copyable>: ~Copyable {
    @usableFromInline
    struct Slot: ~Copyable {
        /// Nil while the slot is free.
        @usableFromInline var element: Element?
        /// The life that is, or, while the slot is free, the one that comes next.
        @usableFromInline var generation: UInt32
        /// The slot freed before this one, while this one is free.
        @usableFromInline var nextFree: UInt32?

        @usableFromInline
        init(element: consuming Element?, generation: UInt32) {
            self.element = element
            self.generation = generation
            nextFree = nil
        }
    }

    /// The first `slotCount` are initialized, and one before them: the empty slot that a key which finds nothing gets
    /// to see, so that the accessors below yield in one place and can be inlined.
    @usableFromInline var slots: UnsafeMutablePointer<Slot>
    @usableFromInline var capacity: Int
    /// Slots that were ever in use; every key's slot is below.
    public private(set) var slotCount = 0
    /// Elements that are here now.
    public private(set) var count = 0
    private var firstFree: UInt32?

    public init() {
        capacity = 0
        // SAFETY: room for the empty slot alone; `grow` and `deinit` free it.
        let room = UnsafeMutablePointer<Slot>.allocate(capacity: 1)
        unsafe room.initialize(to: Slot(element: nil, generation: 0))
        unsafe slots = room + 1
    }

    deinit {
        // SAFETY: the empty slot and `slotCount` more are initialized, and nobody can reach them any more.
        let room = unsafe slots - 1
        unsafe room.deinitialize(count: 1 &+ slotCount)
        unsafe room.deallocate()
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    // MARK: Life of an element

    /// Takes `element` in and names it.
    public mutating func insert(_ element: consuming Element) -> SlotKey {
        if let slot = firstFree {
            // SAFETY: free slots are below `slotCount`.
            let place = unsafe slots + Int(slot)
            firstFree = unsafe place.pointee.nextFree
            unsafe place.pointee.element = consume element
            count &+= 1
            return unsafe SlotKey(slot: slot, generation: place.pointee.generation)
        }
        precondition(slotCount < Int(UInt32.max), "slots are numbered with 32 bits")
        if slotCount == capacity { grow() }
        // SAFETY: below the capacity, not yet initialized.
        unsafe (slots + slotCount).initialize(to: Slot(element: consume element, generation: 1))
        let key = SlotKey(slot: UInt32(truncatingIfNeeded: slotCount), generation: 1)
        slotCount &+= 1
        count &+= 1
        return key
    }

    /// Gives the element back; nil when the key's life is over. From here on the key finds nothing.
    @discardableResult
    public mutating func remove(_ key: SlotKey) -> Element? {
        guard contains(key) else { return nil }
        // SAFETY: a key that is found is below `slotCount`.
        let place = unsafe slots + Int(key.slot)
        let element = unsafe place.pointee.element.take()
        free(key)
        return element
    }

    /// Ends all elements, lowest slot first. Keys of their lives find nothing, then or later.
    public mutating func removeAll() {
        var cursor = firstKey
        while let key = cursor {
            _ = remove(key)
            cursor = self.key(after: key)
        }
    }

    // MARK: Finding

    /// Whether the key's element is still here.
    @inlinable
    public func contains(_ key: SlotKey) -> Bool {
        index(of: key) >= 0
    }

    /// Lends the element in place; nil when the key's life is over. Setting nil removes the element; a value set on a
    /// key that finds nothing is dropped.
    @inlinable
    public subscript(key: SlotKey) -> Element? {
        @inline(__always) _read {
            // SAFETY: an index is below `slotCount`, or that of the empty slot.
            yield unsafe slots[index(of: key)].element
        }
        @inline(__always) _modify {
            let index = index(of: key)
            // SAFETY: as above; whoever holds the element holds the whole map, so it cannot grow meanwhile.
            yield unsafe &slots[index].element
            if unsafe (slots[index].element == nil) != (index < 0) { settle(key, at: index) }
        }
    }

    /// Where the key's element is; -1, the empty slot, when its life is over.
    @inlinable @inline(__always)
    func index(of key: SlotKey) -> Int {
        let index = Int(truncatingIfNeeded: key.slot)
        // SAFETY: the left side is below `slotCount` when the right is read.
        let isFound = unsafe index < slotCount && slots[index].generation == key.generation
            && slots[index].element != nil
        return isFound ? index : -1
    }

    /// Makes good what an access left behind: an element set to nil, or one given to a key that finds nothing.
    @usableFromInline
    mutating func settle(_ key: SlotKey, at index: Int) {
        // SAFETY: as for the subscript.
        if index < 0 { unsafe slots[index].element = nil } else { free(key) }
    }

    // MARK: In slot order

    /// The key of the element in the lowest slot.
    @inlinable public var firstKey: SlotKey? { key(from: 0) }

    /// The key of the next element in slot order. The element of `key` may be gone, and others may have come.
    @inlinable
    public func key(after key: SlotKey) -> SlotKey? {
        self.key(from: Int(key.slot) &+ 1)
    }

    /// The key of the element that lives in `slot` now.
    @inlinable
    public func key(inSlot slot: UInt32) -> SlotKey? {
        guard Int(slot) < slotCount else { return nil }
        // SAFETY: the guard.
        let place = unsafe slots + Int(slot)
        return unsafe place.pointee.element == nil
            ? nil : SlotKey(slot: slot, generation: place.pointee.generation)
    }

    /// Calls `body` with every element in the order of slots.
    @inlinable
    public func forEach<Failure: Error>(
        _ body: (SlotKey, borrowing Element) throws(Failure) -> Void
    ) throws(Failure) {
        for slot in 0..<slotCount {
            // SAFETY: below `slotCount`.
            switch unsafe slots[slot].element {
            case .some(let element):
                let generation = unsafe slots[slot].generation
                try body(SlotKey(slot: UInt32(truncatingIfNeeded: slot), generation: generation), element)
            case .none: break
            }
        }
    }

    /// Lends every element for change, in the order of slots.
    @inlinable
    public mutating func mutateEach<Failure: Error>(
        _ body: (SlotKey, inout Element) throws(Failure) -> Void
    ) throws(Failure) {
        for slot in 0..<slotCount {
            guard let key = key(inSlot: UInt32(truncatingIfNeeded: slot)) else { continue }
            // SAFETY: below `slotCount`; the slot is in use.
            try unsafe body(key, &slots[slot].element!)
        }
    }

    // MARK: Slots

    @usableFromInline
    func key(from first: Int) -> SlotKey? {
        var slot = first
        while slot < slotCount {
            if let key = key(inSlot: UInt32(truncatingIfNeeded: slot)) { return key }
            slot &+= 1
        }
        return nil
    }

    /// Ends the life of a slot whose element is gone. A slot that had all its lives is never filled again.
    @usableFromInline
    mutating func free(_ key: SlotKey) {
        // SAFETY: the caller found the key, so it is below `slotCount`.
        let place = unsafe slots + Int(key.slot)
        count &-= 1
        guard key.generation < .max else { return }
        unsafe place.pointee.generation = key.generation &+ 1
        unsafe place.pointee.nextFree = firstFree
        firstFree = key.slot
    }

    private mutating func grow() {
        let larger = Swift.max(8, capacity &* 2)
        // SAFETY: moves the initialized slots with the empty one, and frees the room they leave.
        let room = UnsafeMutablePointer<Slot>.allocate(capacity: 1 &+ larger)
        unsafe room.moveInitialize(from: slots - 1, count: 1 &+ slotCount)
        unsafe (slots - 1).deallocate()
        unsafe slots = room + 1
        capacity = larger
    }
}

// SAFETY: the pointer is the map's own, as an array's buffer is.
extension SlotMap: @unchecked Sendable where Element: Sendable & ~Copyable {}
