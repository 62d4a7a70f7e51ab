public import Platform
import Primitives

/// A sector that the medium lost or changed. It stays so until it is written again: retries agree.
struct Damage: Equatable {
    let inode: Int
    let sector: Int64
    let kind: Kind

    enum Kind: Equatable {
        /// Reads fail with `EIO`.
        case unreadable
        /// One bit of the sector is the other way round.
        case flipped(bit: Int)
    }
}

extension Damage {
    /// Whether a read of so many bytes from the position on meets it.
    func touches(_ file: Int, _ position: Int64, _ byteCount: Int) -> Bool {
        let start = sector * Int64(Disk.sectorByteCount)
        return inode == file && start < position + Int64(byteCount)
            && start + Int64(Disk.sectorByteCount) > position
    }
}

extension Disk {
    /// A sync that fails for another reason than space: each page that was to become durable does, or is lost while it
    /// looks clean, or falls back to what the medium holds. Nothing is left to try again, so a retry succeeds.
    func failSync(_ handle: Handle, upTo coverage: UInt64, _ tape: inout Tape) {
        let inode = handle.inode
        let covered = inodes[inode].pending.prefix { $0.sequence < coverage }.count
        for change in inodes[inode].pending.prefix(covered) {
            guard case .write(let position, let bytes) = change.kind else {
                inodes[inode].durable.apply(change.kind)
                continue
            }
            var at = position
            let end = position + Int64(bytes.count)
            while at < end {
                let page = Int64(PagedBytes.pageByteCount)
                let pageEnd = min(end, (at / page + 1) * page)
                let piece = Array(bytes[Int(at - position)..<Int(pageEnd - position)])
                if tape.draw(3, .survival) == 0 {
                    inodes[inode].durable.write(piece.rawSpan, at: at)
                } else {
                    inodes[inode].hasLostPages = true
                }
                at = pageEnd
            }
        }
        inodes[inode].pending.removeFirst(covered)
    }

    /// Puts damage on a sector of the file that holds bytes. False when the file is too short.
    func harm(_ path: Path, sector: Int64, _ kind: Damage.Kind) -> Bool {
        guard let inode = lookUp(path), sector * Int64(Self.sectorByteCount) < inodes[inode].contents.byteCount
        else { return false }
        damages.append(Damage(inode: inode, sector: sector, kind: kind))
        return true
    }

    /// The sector under a position of an open file cannot be read until it is repaired or written again.
    func harm(_ file: Handle, at position: Int64) -> Damage {
        let damage = Damage(
            inode: file.inode, sector: position / Int64(Self.sectorByteCount), kind: .unreadable)
        damages.append(damage)
        return damage
    }

    func repair(_ damage: Damage) { damages.removeAll { $0 == damage } }

    @_lifetime(target: copy target)
    func damage(
        _ inode: Int, at position: Int64, _ count: Int, _ target: inout MutableRawSpan
    ) throws(Refusal) {
        for damage in damages where damage.inode == inode {
            let start = damage.sector * Int64(Self.sectorByteCount)
            guard start < position + Int64(count), start + Int64(Self.sectorByteCount) > position else { continue }
            switch damage.kind {
            case .unreadable: throw Refusal(.inputOutput)
            case .flipped(let bit):
                let at = Int(start - position) + bit / 8
                guard at >= 0, at < count, let byte = target.load(UInt8.self, at: at) else { continue }
                target.store(byte ^ (1 << UInt8(bit % 8)), at: at)
            }
        }
    }

    func heal(_ inode: Int, at position: Int64, _ count: Int) {
        damages.removeAll {
            let start = $0.sector * Int64(Self.sectorByteCount)
            return $0.inode == inode && start >= position
                && start + Int64(Self.sectorByteCount) <= position + Int64(count)
        }
    }

    /// All directories by path but the data directory itself, in the cache's view.
    public func directories() -> [String] { directories { $0.entries } }

    /// Those that have a durable name.
    func durableDirectories() -> [String] { directories { $0.durableEntries } }

    private func directories(by entries: (Inode) -> [Inode.Entry]) -> [String] {
        var result: [String] = []
        var stack = [(path: "", inode: Self.root)]
        while let (path, inode) = stack.popLast() {
            for entry in entries(inodes[inode]) where inodes[entry.inode].isDirectory {
                let child = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
                result.append(child)
                stack.append((child, entry.inode))
            }
        }
        return result.sorted()
    }

    /// All files by name, for checkers and hashes: what the cache shows, in the order of their paths.
    public func files() -> [(path: String, bytes: [UInt8])] {
        linkedFiles().map { ($0.path, inodes[$0.inode].contents.bytes) }
    }

    /// What the cache shows of the file; nil if there is none.
    func file(_ path: String) -> [UInt8]? {
        linkedFiles().first { $0.path == path }.map { inodes[$0.inode].contents.bytes }
    }

    /// A bit of a partition's log changes, on the medium and in the cache, where there is content. Its path; nil if
    /// there is no such log.
    func rot(_ dice: inout PRNG) -> String? {
        let logs = linkedFiles().compactMap { path, inode -> (path: String, inode: Int, end: Int)? in
            guard path.hasPrefix("partitions/"), path.hasSuffix(".log"), !path.hasSuffix("/offsets.log"),
                let last = inodes[inode].contents.bytes.lastIndex(where: { $0 != 0 })
            else { return nil }
            return (path, inode, last + 1)
        }
        if logs.isEmpty { return nil }
        let log = logs[dice.next(below: logs.count)]
        let position = dice.next(below: log.end)
        let harmed = [inodes[log.inode].contents.bytes[position] ^ 1 << UInt8(dice.next(below: 8))]
        inodes[log.inode].contents.write(harmed.rawSpan, at: Int64(position))
        if position < inodes[log.inode].durable.byteCount {
            inodes[log.inode].durable.write(harmed.rawSpan, at: Int64(position))
        }
        return log.path
    }

    func linkedFiles() -> [(path: String, inode: Int)] { files { $0.entries } }

    /// The files that have a durable name.
    func durableFiles() -> [(path: String, inode: Int)] { files { $0.durableEntries } }

    private func files(by entries: (Inode) -> [Inode.Entry]) -> [(path: String, inode: Int)] {
        var result: [(path: String, inode: Int)] = []
        appendFiles(below: Self.root, "", entries, &result)
        return result.sorted { $0.path < $1.path }
    }

    /// In the order of the names: nearly that of the paths.
    private func appendFiles(
        below inode: Int, _ path: String, _ entries: (Inode) -> [Inode.Entry], _ result: inout [(path: String, inode: Int)]
    ) {
        for entry in entries(inodes[inode]) {
            let child = path.isEmpty ? entry.name : path + "/" + entry.name
            if inodes[entry.inode].isDirectory {
                appendFiles(below: entry.inode, child, entries, &result)
            } else {
                result.append((child, entry.inode))
            }
        }
    }

    /// Files whose content a power cut may change, in the order of their paths. Zeros that were allocated ahead are no
    /// content, so neither is their allocation a change of it nor their being cut off.
    public func volatileFiles() -> [String] {
        linkedFiles().filter { _, inode in
            inodes[inode].pending.contains { if case .write = $0.kind { true } else { false } }
                || (inodes[inode].hasLostPages || !inodes[inode].pending.isEmpty)
                    && !Self.isSame(inodes[inode].contents.bytes, inodes[inode].durable.bytes)
        }.map(\.path)
    }

    /// Segments of partitions with writes that no sync has covered, in the order of their paths. What was cut off again
    /// is nobody's any more.
    func unsyncedSegments() -> [String] {
        linkedFiles().filter { path, inode in
            path.hasPrefix("partitions/") && path.hasSuffix(".log") && !path.hasSuffix("offsets.log")
                && inodes[inode].hasUnsyncedWrites
        }.map(\.path)
    }

    /// But for zeros at the end of one of them.
    private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let common = min(one.count, other.count)
        return one[..<common] == other[..<common] && one[common...].allSatisfy { $0 == 0 }
            && other[common...].allSatisfy { $0 == 0 }
    }

    /// The names in a directory, in the cache's view.
    public func names(in directory: String) -> [String] {
        var inode = Self.root
        for part in directory.split(separator: "/") {
            guard let child = inodes[inode].entries.find(String(part)) else { return [] }
            inode = child
        }
        return inodes[inode].entries.map(\.name)
    }

    /// What the file holds in the cache's view; nil if there is none.
    public func contents(of path: Path) -> [UInt8]? {
        lookUp(path).map { inodes[$0].contents.bytes }
    }
}
