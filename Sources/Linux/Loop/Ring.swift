/// A growing first-in first-out queue behind a pointer: who holds a copy of it shares it.
///
/// Appending and taking cost no dynamic exclusivity check and, once it has grown, no allocation. One thread only.
@safe struct Ring<Element: BitwiseCopyable> {
    @safe private struct Header {
        var elements: UnsafeMutablePointer<Element>
        /// Power of two.
        var capacity: Int
        /// Counts of all elements ever taken and appended; they wrap.
        var taken: UInt
        var appended: UInt
    }

    private let header: UnsafeMutablePointer<Header>

    init(capacity: Int = 256) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a ring's capacity is a power of two")
        unsafe header = .allocate(capacity: 1)
        unsafe header.initialize(
            to: Header(elements: .allocate(capacity: capacity), capacity: capacity, taken: 0, appended: 0))
    }

    /// Frees the memory. Nobody may use it afterwards.
    func end() {
        unsafe header.pointee.elements.deallocate()
        unsafe header.deallocate()
    }

    var count: Int { unsafe Int(bitPattern: header.pointee.appended &- header.pointee.taken) }
    var isEmpty: Bool { unsafe header.pointee.appended == header.pointee.taken }

    @inline(__always)
    func append(_ element: Element) {
        if unsafe count == header.pointee.capacity { grow() }
        unsafe header.pointee.elements[place(header.pointee.appended)] = element
        unsafe header.pointee.appended &+= 1
    }

    @inline(__always)
    func take() -> Element? {
        if isEmpty { return nil }
        // SAFETY: places between taken and appended are initialised.
        let element = unsafe header.pointee.elements[place(header.pointee.taken)]
        unsafe header.pointee.taken &+= 1
        return element
    }

    /// The element that `take` would return after `index` others; nil beyond the last.
    @inline(__always)
    func peek(_ index: Int) -> Element? {
        guard index < count else { return nil }
        // SAFETY: places between taken and appended are initialised.
        return unsafe header.pointee.elements[place(header.pointee.taken &+ UInt(bitPattern: index))]
    }

    /// Forgets the first elements; there are at least so many.
    func drop(_ dropped: Int) {
        unsafe header.pointee.taken &+= UInt(bitPattern: min(dropped, count))
    }

    func removeAll() {
        unsafe header.pointee.taken = header.pointee.appended
    }

    @inline(__always)
    private func place(_ number: UInt) -> Int {
        unsafe Int(bitPattern: number & UInt(bitPattern: header.pointee.capacity - 1))
    }

    private func grow() {
        let old = unsafe header.pointee
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: old.capacity * 2)
        let mask = UInt(bitPattern: old.capacity * 2 - 1)
        var number = old.taken
        while number != old.appended {
            // SAFETY: each number between the two has exactly one place in either array.
            unsafe (larger + Int(bitPattern: number & mask)).initialize(to: old.elements[place(number)])
            number &+= 1
        }
        unsafe old.elements.deallocate()
        unsafe header.pointee.elements = larger
        unsafe header.pointee.capacity = old.capacity * 2
    }
}
