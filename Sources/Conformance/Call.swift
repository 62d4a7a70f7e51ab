import Platform
import Primitives

/// One call on a disk. Files are meant by the place of their handle among those open.
enum Call {
    case makeDirectory(Directory), removeDirectory(Directory), moveDirectory(Directory, Directory)
    case list(Directory), syncDirectory(Directory)
    case open(Path, OpenMode), unlink(Path), rename(Path, Path)
    case close(Int)
    case read(Int, at: Int64, byteCount: Int)
    case write(Int, at: Int64, bytes: [UInt8])
    case allocate(Int, at: Int64, byteCount: Int64)
    case truncate(Int, to: Int64)
    case sync(Int)
    case length(Int)

    /// As the table of outcomes has it.
    var name: String {
        switch self {
        case .makeDirectory: "make-directory"
        case .removeDirectory: "remove-directory"
        case .moveDirectory: "move-directory"
        case .list: "list"
        case .syncDirectory: "sync-directory"
        case .open(_, let mode): "open-\(mode)"
        case .unlink: "unlink"
        case .rename: "rename"
        case .close: "close"
        case .read: "read"
        case .write: "write"
        case .allocate: "allocate"
        case .truncate: "truncate"
        case .sync: "sync"
        case .length: "length"
        }
    }
}

extension Call: CustomStringConvertible {
    /// Without the bytes of a write, which are all alike.
    var description: String {
        switch self {
        case .makeDirectory(let directory), .removeDirectory(let directory), .list(let directory),
            .syncDirectory(let directory):
            "\(name) \(directory.text)"
        case .moveDirectory(let source, let target): "\(name) \(source.text) to \(target.text)"
        case .open(let path, _), .unlink(let path): "\(name) \(path.text)"
        case .rename(let source, let target): "\(name) \(source.text) to \(target.text)"
        case .close(let file), .sync(let file), .length(let file): "\(name) file \(file)"
        case .read(let file, let position, let count): "\(name) file \(file) at \(position), \(count) bytes"
        case .write(let file, let position, let bytes):
            "\(name) file \(file) at \(position), \(bytes.count) times \(bytes.first ?? 0)"
        case .allocate(let file, let position, let count): "\(name) file \(file) at \(position), \(count) bytes"
        case .truncate(let file, let count): "\(name) file \(file) to \(count)"
        }
    }
}

/// Draws calls: few names and short files, so that they meet each other.
struct CallGenerator {
    private var dice: PRNG

    init(seed: UInt64) { dice = PRNG(seed: seed, label: "disk calls") }

    /// - Parameter openCount: files that are open; now and then the call means one that is not.
    mutating func next(openCount: Int) -> Call {
        let file = dice.next(below: max(1, openCount))
        switch dice.next(below: 25) {
        case 0, 1: return .makeDirectory(directory())
        case 2: return .removeDirectory(directory())
        case 3: return .moveDirectory(directory(), directory())
        case 4: return .list(directory())
        case 5: return .syncDirectory(directory())
        case 6...10: return .open(path(), [.read, .readWrite, .create, .create, .replace][dice.next(below: 5)])
        case 11: return .unlink(path())
        case 12: return .rename(path(), path())
        case 13: return .close(file)
        case 14...16:
            let position = position()
            // The adapter makes no call for no bytes, so the kernel has no say about their position.
            return .read(file, at: position, byteCount: max(position < 0 ? 1 : 0, dice.next(below: 9_000)))
        case 17...20:
            let count = Int(dice.nextSkewed(below: 9_000))
            let byte = UInt8(truncatingIfNeeded: dice.next())
            return .write(file, at: position(), bytes: [UInt8](repeating: byte, count: count))
        case 21: return .allocate(file, at: position(), byteCount: Int64(dice.next(below: 9_000)) - 1)
        case 22: return .truncate(file, to: position())
        case 23: return .sync(file)
        default: return .length(file)
        }
    }

    private mutating func position() -> Int64 {
        switch dice.next(below: 12) {
        case 0: -1
        case 1: 4_096 * Int64(dice.next(below: 5))
        default: Int64(dice.nextSkewed(below: 20_000))
        }
    }

    private mutating func directory() -> Directory {
        switch dice.next(below: 7) {
        case 0: .catalog
        case 1, 2: .partitions
        case 3: .orphans
        case 4: .orphan(incarnation: UInt64(1 + dice.next(below: 2)))
        default: .partition(incarnation: UInt64(1 + dice.next(below: 3)))
        }
    }

    private mutating func path() -> Path {
        let incarnation = UInt64(1 + dice.next(below: 3))
        let base = UInt64(dice.next(below: 2) * 100)
        return [
            .format, .formatTemporary, .boot, .bootTemporary, .catalogLog(sequence: base),
            .catalogSnapshot(sequence: base), .segmentLog(incarnation: incarnation, base: base),
            .segmentIndex(incarnation: incarnation, base: base), .offsets(incarnation: incarnation),
            .offsetsTemporary(incarnation: incarnation),
        ][dice.next(below: 10)]
    }
}
