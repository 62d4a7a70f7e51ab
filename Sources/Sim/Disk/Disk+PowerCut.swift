import Primitives

/// A change of names that is not durable yet.
enum MetadataChange {
    case link(Int, String, Int)
    /// `child` is the directory that was removed: its own changes came first.
    case unlink(Int, String, child: Int?)
    case move(Int, String, to: Int, String, Int)

    /// The directories whose entries it changes, or whose emptiness it rests on.
    func touches(_ inodes: [Int]) -> Bool { directories.contains { inodes.contains($0) } }

    var directories: [Int] {
        switch self {
        case .link(let parent, _, _): [parent]
        case .unlink(let parent, _, let child): child.map { [parent, $0] } ?? [parent]
        case .move(let source, _, to: let target, _, _): [source, target]
        }
    }
}

/// In which order a file system makes changes of names durable that nobody synced.
public enum MetadataOrder: String, Sendable, CaseIterable {
    /// As one journal: what survives is a prefix of everything.
    case ordered
    /// Each directory by itself: what survives is a prefix in each.
    case writeback
}

extension Disk {
    /// The machine lost power: of what was not synced, `survival` or the tape chooses what survives.
    func powerCut(_ order: MetadataOrder, _ survival: Survival, _ tape: inout Tape, _ dice: inout PRNG) {
        if survival == .drawn { surviveNames(order, &tape) } else { survive(survival, &dice) }
        for inode in inodes.indices where !inodes[inode].isDirectory {
            if survival == .drawn {
                for change in inodes[inode].pending { survive(change.kind, inode, &tape, &dice) }
            }
            inodes[inode].pending = []
            inodes[inode].contents = inodes[inode].durable
            inodes[inode].hasLostPages = false
        }
        processEnded()
        relink()
        recount()
    }

    /// Makes the changes durable that touch this directory, and those that they rest on.
    func promote(changesOf inode: Int) {
        var directories = [inode]
        var isPromoted = [Bool](repeating: false, count: journal.count)
        for index in journal.indices.reversed() where journal[index].touches(directories) {
            isPromoted[index] = true
            directories += journal[index].directories
        }
        var rest: [MetadataChange] = []
        for (index, change) in journal.enumerated() {
            if isPromoted[index] { makeDurable(change) } else { rest.append(change) }
        }
        journal = rest
    }

    func makeDurable(_ change: MetadataChange) {
        switch change {
        case .link(let parent, let name, let inode): inodes[parent].durableEntries.put(name, inode)
        case .unlink(let parent, let name, _):
            if let inode = inodes[parent].durableEntries.find(name) { forget(inode) }
            inodes[parent].durableEntries.take(name)
        case .move(let source, let sourceName, to: let target, let targetName, let inode):
            if let replaced = inodes[target].durableEntries.find(targetName) { forget(replaced) }
            inodes[source].durableEntries.take(sourceName)
            inodes[target].durableEntries.put(targetName, inode)
        }
    }

    /// Its removal is durable: if nobody has it open, its content is nothing that could come back.
    private func forget(_ inode: Int) {
        guard !inodes[inode].isLinked, inodes[inode].openCount == 0 else { return }
        inodes[inode].contents = PagedBytes()
        inodes[inode].durable = PagedBytes()
        inodes[inode].pending = []
    }

    private func surviveNames(_ order: MetadataOrder, _ tape: inout Tape) {
        guard !journal.isEmpty else { return }
        switch order {
        case .ordered:
            let lost = tape.draw(UInt32(journal.count + 1), .survival)
            for change in journal.dropLast(Int(lost)) { makeDurable(change) }
        case .writeback:
            var stopped: [Int] = []
            for change in journal {
                if change.touches(stopped) || tape.happens(1, of: 4, .survival) {
                    stopped += change.directories
                } else {
                    makeDurable(change)
                }
            }
        }
        journal = []
    }

    /// The cache is what the medium holds, from the root on.
    private func relink() {
        for inode in inodes.indices {
            inodes[inode].isLinked = inode == Self.root
            inodes[inode].entries = inodes[inode].durableEntries
        }
        var stack = [Self.root]
        while let directory = stack.popLast() {
            for entry in inodes[directory].entries where !inodes[entry.inode].isLinked {
                inodes[entry.inode].isLinked = true
                if inodes[entry.inode].isDirectory { stack.append(entry.inode) }
            }
        }
    }

    private func survive(
        _ change: Inode.PendingChange.Kind, _ inode: Int, _ tape: inout Tape, _ dice: inout PRNG
    ) {
        switch change {
        case .resize, .allocate:
            if !tape.happens(1, of: 3, .survival) { inodes[inode].durable.apply(change) }
        case .write(let position, let bytes):
            // Whole writes that survive or vanish are common; the rest is torn sector by sector.
            switch tape.draw(4, .survival) {
            case 0: inodes[inode].durable.apply(change)
            case 1:
                // The file may have grown before its bytes arrived: then zeros stand there.
                let end = position + Int64(bytes.count)
                if tape.happens(1, of: 4, .survival), end > inodes[inode].durable.byteCount {
                    inodes[inode].durable.resize(to: end)
                }
            default: tear(bytes, at: position, inode, &tape, &dice)
            }
        }
    }

    static let sectorByteCount = 512

    /// Each sector of the write by itself. Bytes of the sector that the write did not touch are never harmed: disks
    /// keep that promise, and the log's seal relies on it.
    private func tear(_ bytes: [UInt8], at position: Int64, _ inode: Int, _ tape: inout Tape, _ dice: inout PRNG) {
        let end = position + Int64(bytes.count)
        var at = position
        while at < end {
            let sectorEnd = min(end, (at / Int64(Self.sectorByteCount) + 1) * Int64(Self.sectorByteCount))
            let piece = Array(bytes[Int(at - position)..<Int(sectorEnd - position)])
            switch tape.draw(8, .survival) {
            case 0...3: inodes[inode].durable.write(piece.rawSpan, at: at)
            case 4, 5: break
            case 6:
                let garbage = piece.map { _ in UInt8(truncatingIfNeeded: dice.next()) }
                inodes[inode].durable.write(garbage.rawSpan, at: at)
            default:
                let kept = Int(tape.draw(UInt32(piece.count), .survival))
                inodes[inode].durable.write(Array(piece.prefix(kept)).rawSpan, at: at)
            }
            at = sectorEnd
        }
        if tape.happens(1, of: 2, .survival), end > inodes[inode].durable.byteCount { inodes[inode].durable.resize(to: end) }
    }
}
