/// A queue: elements leave in the order they came. Grows by doubling, never shrinks; a value like any array.
///
/// The room is a power of two, so an index wraps by a mask. The owner bounds the count: nothing here refuses.
public struct RingBuffer<Element: BitwiseCopyable> {
    @usableFromInline var room: [Element]
    /// Where the oldest element stands in `room`.
    @usableFromInline var head = 0
    public private(set) var count = 0

    public init() {
        room = []
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// The oldest element.
    @inlinable public var first: Element? { count == 0 ? nil : room[head] }

    /// The newest element.
    @inlinable public var last: Element? { count == 0 ? nil : room[slot(count &- 1)] }

    /// The element `index` places behind the oldest; nil when there are not so many.
    @inlinable public subscript(index: Int) -> Element? {
        index >= 0 && index < count ? room[slot(index)] : nil
    }

    /// Puts `element` behind all others.
    public mutating func append(_ element: Element) {
        if count == room.count { grow(filler: element) }
        room[slot(count)] = element
        count &+= 1
    }

    /// Takes the oldest element.
    public mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = room[head]
        head = slot(1)
        count &-= 1
        return element
    }

    /// Takes the newest element.
    public mutating func popLast() -> Element? {
        guard let element = last else { return nil }
        count &-= 1
        return element
    }

    /// Forgets all elements and keeps the room.
    public mutating func removeAll() {
        head = 0
        count = 0
    }

    /// Calls `body` with every element, oldest first.
    @inlinable
    public func forEach<Failure: Error>(_ body: (Element) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<count { try body(room[slot(index)]) }
    }

    @usableFromInline func slot(_ index: Int) -> Int {
        (head &+ index) & (room.count &- 1)
    }

    private mutating func grow(filler: Element) {
        var larger: [Element] = []
        larger.reserveCapacity(Swift.max(8, room.count &* 2))
        forEach { larger.append($0) }
        larger.append(contentsOf: repeatElement(filler, count: Swift.max(8, room.count &* 2) &- larger.count))
        room = larger
        head = 0
    }
}

extension RingBuffer: Sendable where Element: Sendable {}
