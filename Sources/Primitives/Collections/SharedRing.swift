/// A queue of fixed room that several owners on one thread hold by handle: a core appends, its driver drains.
///
/// A pointer and not a class property, so that a push is a store and an increment: no dynamic exclusivity check, no
/// reference count, no allocation after `init`. Copies of the handle are the same ring. Nobody may use a handle after
/// `deallocate`, and only one thread may use it at all: the type is not `Sendable`, and whoever makes a ring decides
/// who ends it.
@safe
public struct SharedRing<Element: BitwiseCopyable> {
    @usableFromInline
    struct Header {
        /// How many elements were ever pushed and popped; their difference is the count. They wrap after 2^64.
        @usableFromInline var pushed: UInt64
        @usableFromInline var popped: UInt64
    }

    @usableFromInline let header: UnsafeMutablePointer<Header>
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    /// A power of two minus one.
    @usableFromInline let mask: UInt64

    /// A ring with room for at least `capacity` elements, rounded up to a power of two.
    public init(capacity: Int) {
        precondition(capacity > 0 && capacity <= 1 << 32, "a ring has room for 1 to 2^32 elements")
        var room = 1
        while room < capacity { room &*= 2 }
        mask = UInt64(truncatingIfNeeded: room &- 1)
        // SAFETY: allocated here and freed in `deallocate` only; elements are trivial and need no initialization.
        unsafe header = .allocate(capacity: 1)
        unsafe header.initialize(to: Header(pushed: 0, popped: 0))
        unsafe elements = .allocate(capacity: room)
    }

    /// Ends the ring, for every copy of the handle.
    public func deallocate() {
        // SAFETY: the owner calls this once, last.
        unsafe header.deallocate()
        unsafe elements.deallocate()
    }

    @inlinable public var capacity: Int { Int(truncatingIfNeeded: mask) &+ 1 }

    // SAFETY, for all below: the header lives until `deallocate`, and a masked index is inside the room.

    @inlinable public var count: Int {
        unsafe Int(truncatingIfNeeded: header.pointee.pushed &- header.pointee.popped)
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// How many elements may be pushed before one must be popped.
    @inlinable public var available: Int { capacity &- count }

    /// Puts `element` behind all others; false, and nothing done, when there is no room.
    @inlinable @inline(__always)
    public func push(_ element: Element) -> Bool {
        guard unsafe header.pointee.pushed &- header.pointee.popped <= mask else { return false }
        unsafe elements[Int(truncatingIfNeeded: header.pointee.pushed & mask)] = element
        unsafe header.pointee.pushed &+= 1
        return true
    }

    /// Takes the oldest element; nil when there is none.
    @inlinable @inline(__always)
    public func pop() -> Element? {
        guard unsafe header.pointee.pushed != header.pointee.popped else { return nil }
        let element = unsafe elements[Int(truncatingIfNeeded: header.pointee.popped & mask)]
        unsafe header.pointee.popped &+= 1
        return element
    }

    /// The element `index` places behind the oldest, left where it is; nil when there are not so many.
    @inlinable
    public func peek(_ index: Int = 0) -> Element? {
        guard index >= 0, index < count else { return nil }
        let place = unsafe header.pointee.popped &+ UInt64(truncatingIfNeeded: index)
        return unsafe elements[Int(truncatingIfNeeded: place & mask)]
    }

    /// Forgets all elements.
    @inlinable
    public func removeAll() {
        unsafe header.pointee.popped = header.pointee.pushed
    }
}

@available(*, unavailable)
extension SharedRing: Sendable {}
