import Primitives

/// What of the unsynced a power cut leaves.
public enum Survival: String, CaseIterable, Sendable {
    /// As the tape says, change by change and sector by sector.
    case drawn
    /// Nothing.
    case nothing
    /// All of it.
    case everything
    /// Of each file and of the names a prefix; where a file's ends in a write, part of that write.
    case torn
    /// All names; of each file's writes every sector as it was, as it should be, or neither.
    case garbage

    /// Those that a sweep goes through.
    public static let swept: [Survival] = [.nothing, .everything, .torn, .garbage]
}

extension Disk {
    /// Makes durable what survives, without asking the tape.
    func survive(_ survival: Survival, _ dice: inout PRNG) {
        let keptNames =
            switch survival {
            case .drawn, .nothing: 0
            case .everything, .garbage: journal.count
            case .torn: dice.next(below: journal.count + 1)
            }
        for change in journal.prefix(keptNames) { makeDurable(change) }
        journal = []
        for inode in inodes.indices where !inodes[inode].isDirectory && !inodes[inode].pending.isEmpty {
            let pending = inodes[inode].pending
            switch survival {
            case .drawn, .nothing: break
            case .everything: for change in pending { inodes[inode].durable.apply(change.kind) }
            case .torn:
                let kept = dice.next(below: pending.count + 1)
                for change in pending.prefix(kept) { inodes[inode].durable.apply(change.kind) }
                if kept < pending.count, case .write(let position, let bytes) = pending[kept].kind {
                    let part = Array(bytes.prefix(dice.next(below: bytes.count)))
                    inodes[inode].durable.write(part.rawSpan, at: position)
                }
            case .garbage:
                for change in pending {
                    if case .write(let position, let bytes) = change.kind {
                        spoil(bytes, at: position, inode, &dice)
                    } else {
                        inodes[inode].durable.apply(change.kind)
                    }
                }
            }
        }
    }

    /// Each sector that the write touches keeps what it had, takes the new bytes, or holds neither where they belong.
    private func spoil(_ bytes: [UInt8], at position: Int64, _ inode: Int, _ dice: inout PRNG) {
        let end = position + Int64(bytes.count)
        let sector = Int64(Self.sectorByteCount)
        var at = position
        while at < end {
            let sectorEnd = min(end, (at / sector + 1) * sector)
            switch dice.next(below: 4) {
            case 0: break
            case 1:
                let piece = Array(bytes[Int(at - position)..<Int(sectorEnd - position)])
                inodes[inode].durable.write(piece.rawSpan, at: at)
            default:
                let noise = (at..<sectorEnd).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
                inodes[inode].durable.write(noise.rawSpan, at: at)
            }
            at = sectorEnd
        }
        if end > inodes[inode].durable.byteCount { inodes[inode].durable.resize(to: end) }
    }
}
