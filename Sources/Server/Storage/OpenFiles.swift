import Platform

extension Errno {
    /// Why a file could not be opened for now; an open that fails so has changed nothing.
    var isShortage: Bool { isNoDescriptor || self == .outOfMemory }
}

/// The files a shard has open, at most so many: who needs one asks again until it is there.
///
/// A file in use is pinned; the one unused for longest is closed when another needs its place. Nobody waits by
/// holding something: a partition that gets `.waiting` is driven again when its file has opened or closed, or when it
/// takes its turn. Places go to those who wait for one in the order in which they asked, one for each turn.
struct OpenFiles {
    enum Answer {
        /// Pinned once more: `release` when the operation has completed. `byteCount` is as of the opening.
        case open(FileID, byteCount: Int64)
        case waiting
        case failed(Errno)
    }

    private enum State {
        case opening
        case open(FileID)
        case failed(Errno)
        case closing
    }

    private struct Entry {
        let path: Path
        let slot: Int
        let mode: OpenMode
        var state = State.opening
        var users = 0
        var byteCount: Int64 = 0
        var closesWhenUnused = false
        /// While it is open and unused: those that became so just before and just after it.
        var older: Int?
        var newer: Int?
    }

    private var entries: [Entry?] = []
    private var freeEntries: [Int] = []
    private var places: [Path: Int] = [:]
    private var oldestUnused: Int?
    private var newestUnused: Int?
    private let openMax: Int
    /// Partitions that wait for a place.
    private var starved = SlotQueue()
    /// The one of them that may take the next place.
    private var turn: Int?
    /// Descriptors that exist or are about to, and those of them that are about to go.
    private(set) var count = 0
    private var closingCount = 0

    init(openMax: Int) { self.openMax = openMax }

    mutating func acquire<W: World & ~Copyable>(
        _ path: Path, _ mode: OpenMode, slot: Int, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) -> Answer {
        if let place = places[path], let entry = entries[place] {
            switch entry.state {
            case .open where entry.mode == .read && mode != .read:
                // It can't be written to: it is opened anew when those who read have done.
                try discard(path, &world, &operations)
                return .waiting
            case .open(let file):
                if entry.users == 0 { unlink(place) }
                entries[place]?.users = entry.users + 1
                return .open(file, byteCount: entry.byteCount)
            case .opening, .closing:
                return .waiting
            case .failed(let errno):
                remove(place)
                return .failed(errno)
            }
        }
        guard count < openMax, starved.isEmpty || turn == slot else {
            starved.append(slot)
            try makeRoom(&world, &operations)
            return .waiting
        }
        if turn == slot { turn = nil }
        count += 1
        let entry = Entry(path: path, slot: slot, mode: mode)
        if let place = freeEntries.popLast() {
            entries[place] = entry
            places[path] = place
        } else {
            places[path] = entries.count
            entries.append(entry)
        }
        try world.submit(.open(path, mode, operations.begin(.open(path), slot: slot)))
        return .waiting
    }

    /// True if a file was made that was not there before.
    mutating func opened<W: World & ~Copyable>(
        _ path: Path, _ completion: Completion, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) -> Bool {
        guard let place = places[path] else { throw MachineFailure("a file that opens was asked for") }
        switch completion {
        case .opened(let file, let byteCount):
            entries[place]?.state = .open(file)
            entries[place]?.byteCount = byteCount
            let isNew = entries[place]?.mode == .create
            try unused(place, &world, &operations)
            return isNew
        case .failed(let errno):
            if errno.isNoDescriptor, world.isMutated(.noDescriptorFails) { throw MachineFailure("a file can be opened") }
            entries[place]?.state = .failed(errno)
            count -= 1
            return false
        case .done, .space:
            throw MachineFailure("an open completes with a file or an errno")
        }
    }

    /// Ends one use.
    mutating func release<W: World & ~Copyable>(
        _ path: Path, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        guard let place = places[path], let users = entries[place]?.users, users > 0 else {
            throw MachineFailure("only a pinned file is released")
        }
        entries[place]?.users = users - 1
        if users == 1 { try unused(place, &world, &operations) }
    }

    /// Closes the file as soon as nobody uses it.
    mutating func discard<W: World & ~Copyable>(
        _ path: Path, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        guard let place = places[path], let entry = entries[place] else { return }
        switch entry.state {
        case .open where entry.users == 0: try close(place, &world, &operations)
        case .open, .opening: entries[place]?.closesWhenUnused = true
        case .failed: remove(place)
        case .closing: break
        }
    }

    mutating func closed(_ path: Path) throws(MachineFailure) {
        guard let place = places[path] else { throw MachineFailure("a file that closes was open") }
        remove(place)
        count -= 1
        closingCount -= 1
    }

    func holds(_ path: Path) -> Bool { places[path] != nil }

    /// Discards every file, or every one of a partition; those in use close later.
    mutating func discardAll<W: World & ~Copyable>(
        slot: Int? = nil, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        for place in entries.indices {
            guard let entry = entries[place], slot == nil || entry.slot == slot else { continue }
            try discard(entry.path, &world, &operations)
        }
    }

    func holdsAny(slot: Int) -> Bool { entries.contains { $0?.slot == slot } }

    // MARK: Places

    /// The partition that has waited longest, if there is a place: until the next turn it may take it.
    mutating func takeTurn() -> Int? {
        turn = count < openMax ? starved.popFirst() : nil
        return turn
    }

    /// Begins to close files, unused for longest first, so that each partition that waits gets a place.
    mutating func makeRoom<W: World & ~Copyable>(
        _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        while openMax - count + closingCount < starved.count, let oldest = oldestUnused {
            try close(oldest, &world, &operations)
        }
    }

    private mutating func remove(_ place: Int) {
        guard let entry = entries[place] else { return }
        places[entry.path] = nil
        entries[place] = nil
        freeEntries.append(place)
    }

    private mutating func close<W: World & ~Copyable>(
        _ place: Int, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        guard let entry = entries[place], case .open(let file) = entry.state, entry.users == 0 else {
            throw MachineFailure("only an unused open file is closed")
        }
        unlink(place)
        entries[place]?.state = .closing
        closingCount += 1
        try world.submit(.close(file, operations.begin(.close(entry.path), slot: entry.slot)))
    }

    /// An open file has no user now.
    private mutating func unused<W: World & ~Copyable>(
        _ place: Int, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        entries[place]?.older = newestUnused
        if let newestUnused { entries[newestUnused]?.newer = place } else { oldestUnused = place }
        newestUnused = place
        if entries[place]?.closesWhenUnused == true { try close(place, &world, &operations) }
    }

    private mutating func unlink(_ place: Int) {
        let older = entries[place]?.older
        let newer = entries[place]?.newer
        if let older { entries[older]?.newer = newer } else { oldestUnused = newer }
        if let newer { entries[newer]?.older = older } else { newestUnused = older }
        entries[place]?.older = nil
        entries[place]?.newer = nil
    }
}
