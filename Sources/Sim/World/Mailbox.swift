import Platform

/// Mail of one shard for one other, in order, on its way.
struct Mailbox {
    enum Item {
        /// `generation`: the receiver's, as far as the sender knew. `sender`: the Machine that wrote it, by serial.
        case letter(Letter, generation: UInt32, sender: UInt32)
        case lost(generation: UInt32)
    }

    private var items: [Item] = []
    private var head = 0
    var lastArrival: Int64 = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func next() -> Item? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        }
        return item
    }

    /// Takes all that is on its way.
    mutating func takeAll() -> [Item] {
        defer {
            items = []
            head = 0
        }
        return Array(items[head...])
    }
}
