import Platform

/// The files a shard has open, at most so many: who needs one asks again until it is there.
///
/// A file in use is pinned; the one unused for longest is closed when another needs its place. Nobody waits by
/// holding something: a partition that gets `.waiting` is driven again when its file opens or a place is free.
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
        var state: State
        var users = 0
        var byteCount: Int64 = 0
        /// The clock of `acquire`s: the smallest is unused for longest.
        var lastUse: UInt64
        var closesWhenUnused = false
    }

    private var entries: [Entry?] = []
    private var freeEntries: [Int] = []
    private var places: [Path: Int] = [:]
    private var clock: UInt64 = 0
    private let openMax: Int
    /// Partitions to be driven again because a place may be free now.
    private(set) var starved: [Int] = []
    /// Descriptors that exist or are about to.
    private(set) var count = 0

    init(openMax: Int) { self.openMax = openMax }

    mutating func acquire<W: World & ~Copyable>(
        _ path: Path, _ mode: OpenMode, slot: Int, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) -> Answer {
        clock += 1
        if let place = places[path], var entry = entries[place] {
            switch entry.state {
            case .open(let file):
                entry.users += 1
                entry.lastUse = clock
                entries[place] = entry
                return .open(file, byteCount: entry.byteCount)
            case .opening:
                return .waiting
            case .closing:
                starve(slot)
                return .waiting
            case .failed(let errno):
                remove(place)
                return .failed(errno)
            }
        }
        if count >= openMax {
            try closeOldest(&world, &operations)
            starve(slot)
            return .waiting
        }
        count += 1
        let entry = Entry(path: path, slot: slot, mode: mode, state: .opening, lastUse: clock)
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
    mutating func opened(_ path: Path, _ completion: Completion) throws(MachineFailure) -> Bool {
        guard let place = places[path] else { throw MachineFailure("a file that opens was asked for") }
        switch completion {
        case .opened(let file, let byteCount):
            entries[place]?.state = .open(file)
            entries[place]?.byteCount = byteCount
            return entries[place]?.mode == .create
        case .failed(let errno):
            entries[place]?.state = .failed(errno)
            count -= 1
            return false
        case .done, .space:
            throw MachineFailure("an open completes with a file or an errno")
        }
    }

    /// Ends one use. `starved` is worth a look afterwards.
    mutating func release<W: World & ~Copyable>(
        _ path: Path, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        guard let place = places[path], let users = entries[place]?.users, users > 0 else {
            throw MachineFailure("only a pinned file is released")
        }
        entries[place]?.users = users - 1
        if users == 1, entries[place]?.closesWhenUnused == true || !starved.isEmpty {
            try close(place, &world, &operations)
        }
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
    }

    func holds(_ path: Path) -> Bool { places[path] != nil }

    mutating func takeStarved() -> [Int] {
        let slots = starved
        starved.removeAll(keepingCapacity: true)
        return slots
    }

    /// Discards every file of the partition; those in use close later.
    mutating func discardAll<W: World & ~Copyable>(
        slot: Int, _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        for place in entries.indices {
            if let entry = entries[place], entry.slot == slot { try discard(entry.path, &world, &operations) }
        }
    }

    func holdsAny(slot: Int) -> Bool { entries.contains { $0?.slot == slot } }

    private mutating func starve(_ slot: Int) {
        if !starved.contains(slot) { starved.append(slot) }
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
        entries[place]?.state = .closing
        try world.submit(.close(file, operations.begin(.close(entry.path), slot: entry.slot)))
    }

    /// Begins to close the file unused for longest, if there is one.
    private mutating func closeOldest<W: World & ~Copyable>(
        _ world: inout W, _ operations: inout InFlightTable
    ) throws(MachineFailure) {
        var oldest: Int?
        var oldestUse = UInt64.max
        for place in entries.indices {
            guard let entry = entries[place], case .open = entry.state, entry.users == 0, entry.lastUse < oldestUse
            else { continue }
            oldest = place
            oldestUse = entry.lastUse
        }
        if let oldest { try close(oldest, &world, &operations) }
    }
}
