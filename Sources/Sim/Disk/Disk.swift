public import Platform
import Primitives

/// The simulated file system: calls that answer at once, with the results and errors that Linux gives.
///
/// What the calls see is the page cache. Beside it stands what is durable, with the changes in between in order, so
/// that a power cut can choose what survives. Time, and faults that the plan chose, are the universe's business.
public final class Disk {
    /// Why a call had no effect.
    public struct Refusal: Error, Equatable, Sendable {
        public let errno: Errno
        init(_ errno: Errno) { self.errno = errno }
    }

    /// An open file. The universe gives it a `FileID`.
    public struct Handle: Equatable, Sendable {
        let inode: Int
        let canWrite: Bool
    }

    var inodes: [Inode]
    /// Changes of directories that are not durable yet, in order.
    var journal: [MetadataChange] = []
    var sequence: UInt64 = 0
    /// Blocks of 4 KiB that linked or open files take.
    public private(set) var usedBlocks = 0
    private(set) var openCount = 0
    /// Another process holds the lock of the data directory.
    public var isLockedByOther = false
    public var limits: Limits
    /// Bytes that a medium lost or changed, by file and sector.
    var damages: [Damage] = []

    /// What the volume and the process may take.
    public struct Limits: Equatable, Sendable {
        /// Blocks of 4 KiB.
        public var capacityBlocks = 1 << 18
        /// Blocks that a quota grants; beyond it stands `EDQUOT`.
        public var quotaBlocks = Int.max
        /// Files and directories.
        public var inodeCount = 1 << 20
        public var openFileCount = 1_024
        /// A new name fails too when there is no block left.
        public var namesNeedBlocks = false
        /// Space is counted at the sync: writes succeed, the sync fails.
        public var delaysAllocation = false
        /// Syncs answer well and make nothing durable.
        public var syncsLie = false

        public init() {}
    }

    static let root = 0

    public init(limits: Limits = Limits()) {
        self.limits = limits
        inodes = [Inode(isDirectory: true)]
    }

    // MARK: Space

    var freeBlocks: Int { max(0, min(limits.capacityBlocks, limits.quotaBlocks) - usedBlocks) }

    /// Bytes that are free and that there are.
    public var space: (free: Int64, total: Int64) {
        let block = Int64(PagedBytes.pageByteCount)
        return (Int64(freeBlocks) * block, Int64(limits.capacityBlocks) * block)
    }

    private var spaceRefusal: Refusal {
        Refusal(limits.quotaBlocks < limits.capacityBlocks ? .quotaExceeded : .noSpace)
    }

    private func checkRoomForName() throws(Refusal) {
        guard liveInodeCount < limits.inodeCount else { throw Refusal(.noSpace) }
        if limits.namesNeedBlocks && freeBlocks == 0 { throw spaceRefusal }
    }

    private var liveInodeCount = 1

    // MARK: Names

    public func makeDirectory(_ directory: Directory) throws(Refusal) {
        guard directory != .root else { throw Refusal(.exists) }
        let parent = try find(directory.parent)
        let name = directory.leaf
        guard inodes[parent].entries.find(name) == nil else { throw Refusal(.exists) }
        try checkRoomForName()
        link(parent, name, newInode(isDirectory: true))
    }

    public func removeDirectory(_ directory: Directory) throws(Refusal) {
        let parent = try find(directory.parent)
        let inode = try find(directory)
        guard inodes[inode].entries.isEmpty else { throw Refusal(.notEmpty) }
        note(.unlink(parent, directory.leaf, child: inode))
        inodes[parent].entries.take(directory.leaf)
        unlinkInode(inode)
    }

    public func moveDirectory(_ source: Directory, to target: Directory) throws(Refusal) {
        let sourceParent = try find(source.parent)
        let targetParent = try find(target.parent)
        let inode = try find(source)
        if source == target { return }
        guard !isInside(target.parent, inode) else { throw Refusal(.invalidArgument) }
        if let replaced = inodes[targetParent].entries.find(target.leaf) {
            guard inodes[replaced].entries.isEmpty else { throw Refusal(.notEmpty) }
            unlinkInode(replaced)
        }
        move(sourceParent, source.leaf, targetParent, target.leaf, inode)
    }

    public func rename(_ source: Path, to target: Path) throws(Refusal) {
        let sourceParent = try find(source.directory)
        let targetParent = try find(target.directory)
        guard let inode = inodes[sourceParent].entries.find(source.name) else { throw Refusal(.noEntry) }
        if source == target { return }
        if let replaced = inodes[targetParent].entries.find(target.name) {
            unlinkInode(replaced)
        } else if limits.namesNeedBlocks && freeBlocks == 0 {
            throw spaceRefusal
        }
        move(sourceParent, source.name, targetParent, target.name, inode)
    }

    public func unlink(_ path: Path) throws(Refusal) {
        let parent = try find(path.directory)
        guard let inode = inodes[parent].entries.find(path.name) else { throw Refusal(.noEntry) }
        note(.unlink(parent, path.name, child: nil))
        inodes[parent].entries.take(path.name)
        unlinkInode(inode)
    }

    /// The names, each ended by a zero byte, sorted by their bytes; a directory's ends with `/`.
    public func list(_ directory: Directory) throws(Refusal) -> [UInt8] {
        var writer = ByteWriter()
        for entry in inodes[try find(directory)].entries {
            writer.write(utf8: entry.name)
            if inodes[entry.inode].isDirectory { writer.write(UInt8(ascii: "/")) }
            writer.write(UInt8(0))
        }
        return writer.bytes
    }

    // MARK: Files

    public func open(_ path: Path, _ mode: OpenMode) throws(Refusal) -> Handle {
        guard openCount < limits.openFileCount else { throw Refusal(.tooManyFiles) }
        let parent = try find(path.directory)
        let inode: Int
        switch (inodes[parent].entries.find(path.name), mode) {
        case (nil, .read), (nil, .readWrite):
            throw Refusal(.noEntry)
        case (nil, .create), (nil, .replace):
            try checkRoomForName()
            inode = newInode(isDirectory: false)
            link(parent, path.name, inode)
        case (.some, .create):
            throw Refusal(.exists)
        case (.some(let found), .read), (.some(let found), .readWrite):
            inode = found
        case (.some(let found), .replace):
            inode = found
            if inodes[found].contents.byteCount > 0 { resize(found, to: 0) }
        }
        inodes[inode].openCount += 1
        openCount += 1
        return Handle(inode: inode, canWrite: mode != .read)
    }

    public func close(_ handle: Handle) {
        openCount -= 1
        inodes[handle.inode].openCount -= 1
        reclaim(handle.inode)
    }

    /// No directory leads to it.
    func isNameless(_ handle: Handle) -> Bool { !inodes[handle.inode].isLinked }

    public func byteCount(_ handle: Handle) -> Int64 { inodes[handle.inode].contents.byteCount }

    /// The exclusive lock of the data directory, until the process ends. A process that has it may ask again: a shard
    /// that was made anew does.
    public func lock(_ path: Path) throws(Refusal) {
        let parent = try find(path.directory)
        if inodes[parent].entries.find(path.name) == nil {
            try checkRoomForName()
            link(parent, path.name, newInode(isDirectory: false))
        }
        if isLockedByOther { throw Refusal(.locked) }
    }

    @_lifetime(target: copy target)
    public func read(_ handle: Handle, at position: Int64, into target: inout MutableRawSpan) throws(Refusal) -> Int {
        guard position >= 0 else { throw Refusal(.invalidArgument) }
        let count = inodes[handle.inode].contents.read(at: position, into: &target)
        if !damages.isEmpty { try damage(handle.inode, at: position, count, &target) }
        return count
    }

    /// Writes a prefix of `bytes`: all of them, unless the volume is full or the file as long as files get.
    public func write(_ handle: Handle, at position: Int64, _ bytes: [UInt8]) throws(Refusal) -> Int {
        guard position >= 0 else { throw Refusal(.invalidArgument) }
        guard handle.canWrite else { throw Refusal(.badDescriptor) }
        guard !bytes.isEmpty else { return 0 }
        guard position < PagedBytes.byteCountMax else { throw Refusal(.fileTooLarge) }
        let inode = handle.inode
        let wanted = min(Int64(bytes.count), PagedBytes.byteCountMax - position)
        let room = limits.delaysAllocation ? Int.max : freeBlocks
        let count = inodes[inode].contents.writable(at: position, byteCount: wanted, freeBlocks: room)
        guard count > 0 else { throw spaceRefusal }
        let written = Int(count) == bytes.count ? bytes : Array(bytes.prefix(Int(count)))
        changeBlocks(inode) { $0.write(written.rawSpan, at: position) }
        append(inode, .write(at: position, bytes: written))
        if !damages.isEmpty { heal(inode, at: position, written.count) }
        return written.count
    }

    public func allocate(_ handle: Handle, at position: Int64, byteCount: Int64) throws(Refusal) {
        guard position >= 0, byteCount > 0 else { throw Refusal(.invalidArgument) }
        guard handle.canWrite else { throw Refusal(.badDescriptor) }
        guard position <= PagedBytes.byteCountMax - byteCount else { throw Refusal(.fileTooLarge) }
        let inode = handle.inode
        let missing = inodes[inode].contents.blocksMissing(at: position, byteCount: byteCount)
        guard missing <= freeBlocks else { throw spaceRefusal }
        changeBlocks(inode) { $0.allocate(at: position, byteCount: byteCount) }
        append(inode, .allocate(at: position, byteCount: byteCount))
    }

    public func truncate(_ handle: Handle, to byteCount: Int64) throws(Refusal) {
        guard byteCount >= 0, handle.canWrite else { throw Refusal(.invalidArgument) }
        guard byteCount <= PagedBytes.byteCountMax else { throw Refusal(.fileTooLarge) }
        resize(handle.inode, to: byteCount)
    }

    // MARK: Making durable

    /// What a sync that is submitted now will cover.
    public func coverage() -> UInt64 { sequence }

    /// Makes durable what was written before `coverage` was taken.
    public func sync(_ handle: Handle, upTo coverage: UInt64) throws(Refusal) {
        if limits.syncsLie { return }
        if limits.delaysAllocation && usedBlocks > min(limits.capacityBlocks, limits.quotaBlocks) { throw spaceRefusal }
        let inode = handle.inode
        let covered = inodes[inode].pending.prefix { $0.sequence < coverage }.count
        if covered == inodes[inode].pending.count && !inodes[inode].hasLostPages {
            inodes[inode].durable = inodes[inode].contents
        } else {
            for change in inodes[inode].pending.prefix(covered) { inodes[inode].durable.apply(change.kind) }
        }
        inodes[inode].pending.removeFirst(covered)
    }

    public func syncDirectory(_ directory: Directory) throws(Refusal) {
        let inode = try find(directory)
        if limits.syncsLie { return }
        promote(changesOf: inode)
    }

    // MARK: Helpers

    func find(_ directory: Directory) throws(Refusal) -> Int {
        guard let inode = lookUp(directory) else { throw Refusal(.noEntry) }
        return inode
    }

    func lookUp(_ directory: Directory) -> Int? {
        guard directory != .root else { return Self.root }
        guard let parent = lookUp(directory.parent) else { return nil }
        return inodes[parent].entries.find(directory.leaf)
    }

    func lookUp(_ path: Path) -> Int? {
        guard let parent = lookUp(path.directory) else { return nil }
        return inodes[parent].entries.find(path.name)
    }

    private func isInside(_ directory: Directory, _ inode: Int) -> Bool {
        var at = directory
        while at != .root {
            if lookUp(at) == inode { return true }
            at = at.parent
        }
        return inode == Self.root
    }

    private func newInode(isDirectory: Bool) -> Int {
        inodes.append(Inode(isDirectory: isDirectory))
        liveInodeCount += 1
        if isDirectory { usedBlocks += 1 }
        return inodes.count - 1
    }

    private func link(_ parent: Int, _ name: String, _ inode: Int) {
        note(.link(parent, name, inode))
        inodes[parent].entries.put(name, inode)
    }

    private func move(_ source: Int, _ sourceName: String, _ target: Int, _ targetName: String, _ inode: Int) {
        note(.move(source, sourceName, to: target, targetName, inode))
        inodes[source].entries.take(sourceName)
        inodes[target].entries.put(targetName, inode)
    }

    private func unlinkInode(_ inode: Int) {
        inodes[inode].isLinked = false
        reclaim(inode)
    }

    /// Gives back the space of what no name and no handle reaches. Its content stays until its removal is durable.
    private func reclaim(_ inode: Int) {
        guard !inodes[inode].isLinked, inodes[inode].openCount == 0 else { return }
        liveInodeCount -= 1
        usedBlocks -= inodes[inode].isDirectory ? 1 : inodes[inode].contents.blockCount
    }

    private func resize(_ inode: Int, to byteCount: Int64) {
        changeBlocks(inode) { $0.resize(to: byteCount) }
        append(inode, .resize(to: byteCount))
    }

    private func changeBlocks(_ inode: Int, _ change: (inout PagedBytes) -> Void) {
        let before = inodes[inode].contents.blockCount
        change(&inodes[inode].contents)
        usedBlocks += inodes[inode].contents.blockCount - before
    }

    private func append(_ inode: Int, _ kind: Inode.PendingChange.Kind) {
        inodes[inode].pending.append(Inode.PendingChange(sequence: sequence, kind: kind))
        sequence += 1
    }

    private func note(_ change: MetadataChange) {
        journal.append(change)
    }

    /// The process ended: its handles are gone, the cache stays.
    public func processEnded() {
        openCount = 0
        for inode in inodes.indices where inodes[inode].openCount > 0 {
            inodes[inode].openCount = 0
            reclaim(inode)
        }
    }

    /// After a power cut: counts again what the survivors take.
    func recount() {
        usedBlocks = 0
        liveInodeCount = 1
        for inode in inodes.indices where inodes[inode].isLinked && inode != Self.root {
            liveInodeCount += 1
            usedBlocks += inodes[inode].isDirectory ? 1 : inodes[inode].contents.blockCount
        }
    }
}

extension PagedBytes {
    mutating func apply(_ change: Inode.PendingChange.Kind) {
        switch change {
        case .write(let position, let bytes): write(bytes.rawSpan, at: position)
        case .resize(let byteCount): resize(to: byteCount)
        case .allocate(let position, let byteCount): allocate(at: position, byteCount: byteCount)
        }
    }
}

extension Directory {
    /// The name inside its parent.
    var leaf: String {
        switch self {
        case .root: ""
        case .catalog: "catalog"
        case .partitions: "partitions"
        case .orphans: "orphans"
        case .partition(let incarnation), .orphan(let incarnation): String(incarnation)
        }
    }
}
