import Primitives

/// A file or directory: what the page cache shows of it, and what a power cut would leave.
struct Inode {
    let isDirectory: Bool
    /// Reachable by name, in the cache's view.
    var isLinked = true
    var openCount = 0

    // A file.
    var contents = PagedBytes()
    var durable = PagedBytes()
    /// What lies between `durable` and `contents`, in order.
    var pending: [PendingChange] = []
    /// A failed sync left pages that look clean and are not: `contents` is not `durable` plus `pending` any more.
    var hasLostPages = false

    /// Something is written that no sync has covered and nobody has cut off since.
    var hasUnsyncedWrites: Bool {
        var end = Int64.max
        for change in pending.reversed() {
            switch change.kind {
            case .write(let position, _): if position < end { return true }
            case .resize(let byteCount): end = min(end, byteCount)
            case .allocate: break
            }
        }
        return false
    }

    // A directory, sorted by name.
    var entries: [Entry] = []
    var durableEntries: [Entry] = []

    struct Entry: Equatable {
        let name: String
        let inode: Int
    }

    /// A change of a file that is not durable yet. Positions and counts are bytes.
    struct PendingChange {
        let sequence: UInt64
        let kind: Kind

        enum Kind {
            case write(at: Int64, bytes: [UInt8])
            case resize(to: Int64)
            case allocate(at: Int64, byteCount: Int64)
        }
    }
}

extension [Inode.Entry] {
    func find(_ name: String) -> Int? {
        let index = lowerBound(name)
        return index < count && self[index].name == name ? self[index].inode : nil
    }

    mutating func put(_ name: String, _ inode: Int) {
        let index = lowerBound(name)
        if index < count, self[index].name == name {
            self[index] = Inode.Entry(name: name, inode: inode)
        } else {
            insert(Inode.Entry(name: name, inode: inode), at: index)
        }
    }

    mutating func take(_ name: String) {
        let index = lowerBound(name)
        if index < count, self[index].name == name { remove(at: index) }
    }

    private func lowerBound(_ name: String) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
