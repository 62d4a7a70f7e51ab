import Foundation
import Glibc
import Platform
import Primitives
import Sim
import Testing

/// The disk model agrees with a real directory: random calls give the same results, the same errors, the same bytes.
///
/// `Golden/disk/errnos.txt` is the table of every call and every outcome that it can have; each cell must be reached and
/// nothing beside it, or the test proves less than it says. The same file lists the differences that are known and meant.
@Suite struct DiskConformanceTests {
    @Test func `random calls agree with a real directory in every outcome`() throws {
        let table = try OutcomeTable(section: "a volume with room")
        var seen: Set<OutcomeTable.Cell> = []
        var callCount = 0
        var seed: UInt64 = 0
        while callCount < Self.callCount {
            seed += 1
            let real = try RealDirectory(volume: nil)
            defer { real.remove() }
            callCount += compare(real, Disk(), CallGenerator(seed: seed), volumeBlocks: nil, &seen)
            if Self.hasFailed { return }
        }

        #expect(seen.subtracting(table.cells) == [], "an outcome that the table does not have")
        #expect(table.cells.subtracting(seen) == [], "a cell of the table that no call reached")
    }

    /// A volume of so many blocks of 4 KiB is mounted for it, which takes a privilege.
    @Test(.enabled(if: RealDirectory.canMount, "SKIPPED: no privilege to mount a small volume, so ENOSPC was not compared"))
    func `random calls agree on a volume that is too small`() throws {
        let table = try OutcomeTable(section: "a volume that is too small")
        var seen: Set<OutcomeTable.Cell> = []
        for seed in 1...UInt64(Self.callCount / 2_000) {
            let real = try RealDirectory(volume: Self.smallVolume)
            defer { real.remove() }
            _ = compare(real, Disk(), CallGenerator(seed: seed), volumeBlocks: Self.smallVolume, &seen)
            if Self.hasFailed { return }
        }

        #expect(seen.subtracting(table.cells) == [], "an outcome that the table does not have")
        #expect(table.cells.subtracting(seen) == [], "a cell of the table that no call reached")
    }

    /// Makes 400 calls on both; answers how many agreed.
    private func compare(
        _ real: RealDirectory, _ model: Disk, _ generator: CallGenerator, volumeBlocks: Int?,
        _ seen: inout Set<OutcomeTable.Cell>
    ) -> Int {
        var calls = generator
        var history: [String] = []
        for number in 0..<400 {
            let call = calls.next()
            if let volumeBlocks {
                // A directory takes a block in the model and none there.
                model.limits.capacityBlocks = volumeBlocks + model.directories().count
            }
            let expected = real.perform(call)
            let outcome = model.perform(call, &calls.modelHandles)
            history.append("\(call): \(expected)")
            seen.insert(OutcomeTable.Cell(call: call.name, outcome: expected.name))
            guard expected == outcome else {
                Issue.record("\(history.suffix(8).joined(separator: "\n"))\nmodel: \(outcome)")
                Self.hasFailed = true
                return number
            }
        }
        let modelFiles = model.files(), realFiles = real.files()
        #expect(modelFiles.map(\.path) == realFiles.map(\.path))
        #expect(modelFiles.map(\.bytes) == realFiles.map(\.bytes))
        return 400
    }

    nonisolated(unsafe) private static var hasFailed = false

    /// `SIM_CALLS` calls; by default as many as prove something.
    private static let callCount =
        ProcessInfo.processInfo.environment["SIM_CALLS"].flatMap { Int($0) } ?? 100_000
    private static let smallVolume = 6
}

/// A part of `Golden/disk/errnos.txt`: after a line `[section]`, each line is a call, a colon and its outcomes.
private struct OutcomeTable {
    struct Cell: Hashable, CustomStringConvertible {
        let call, outcome: String
        var description: String { "\(call): \(outcome)" }
    }

    var cells: Set<Cell> = []

    init(section: String) throws {
        let file = try #require(Bundle.module.url(forResource: "Golden/disk/errnos", withExtension: "txt"))
        var isInside = false
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("[") {
                isInside = line == "[\(section)]"
            } else if isInside {
                let parts = line.split(separator: ":")
                for outcome in parts.last?.split(separator: " ") ?? [] {
                    cells.insert(Cell(call: String(parts[0]), outcome: String(outcome)))
                }
            }
        }
        try #require(!cells.isEmpty)
    }
}

/// One call on a disk. Files are meant by the place of their handle among those open.
private enum Call {
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
}

extension Call {
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

private enum Outcome: Equatable {
    case done
    case count(Int)
    case bytes([UInt8])
    case failed(Int32)
    case noSuchHandle

    var name: String {
        switch self {
        case .done, .count, .bytes: "ok"
        case .noSuchHandle: "no-handle"
        case .failed(let code): Self.names[code] ?? "errno-\(code)"
        }
    }

    private static let names: [Int32: String] = [
        ENOENT: "ENOENT", EEXIST: "EEXIST", ENOTEMPTY: "ENOTEMPTY", EBADF: "EBADF", EINVAL: "EINVAL",
        EFBIG: "EFBIG", ENOSPC: "ENOSPC", EISDIR: "EISDIR", ENOTDIR: "ENOTDIR",
    ]
}

private struct CallGenerator {
    private var dice: PRNG
    var modelHandles: [Disk.Handle] = []

    init(seed: UInt64) { dice = PRNG(seed: seed, label: "disk calls") }

    mutating func next() -> Call {
        let file = dice.next(below: max(1, modelHandles.count))
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
        case 14...16: return .read(file, at: position(), byteCount: dice.next(below: 9_000))
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

extension Disk {
    fileprivate func perform(_ call: Call, _ handles: inout [Handle]) -> Outcome {
        do throws(Disk.Refusal) {
            switch call {
            case .makeDirectory(let directory): try makeDirectory(directory)
            case .removeDirectory(let directory): try removeDirectory(directory)
            case .moveDirectory(let source, let target): try moveDirectory(source, to: target)
            case .list(let directory): return .bytes(try list(directory))
            case .syncDirectory(let directory): try syncDirectory(directory)
            case .open(let path, let mode): handles.append(try open(path, mode))
            case .unlink(let path): try unlink(path)
            case .rename(let source, let target): try rename(source, to: target)
            case .close(let index):
                guard index < handles.count else { return .noSuchHandle }
                close(handles.remove(at: index))
            case .read(let index, let position, let byteCount):
                guard index < handles.count else { return .noSuchHandle }
                var target = [UInt8](repeating: 0, count: byteCount)
                let count = try read(handles[index], at: position, into: &target)
                return .bytes(Array(target.prefix(count)))
            case .write(let index, let position, let bytes):
                guard index < handles.count else { return .noSuchHandle }
                return .count(try write(handles[index], at: position, bytes))
            case .allocate(let index, let position, let byteCount):
                guard index < handles.count else { return .noSuchHandle }
                try allocate(handles[index], at: position, byteCount: byteCount)
            case .truncate(let index, let byteCount):
                guard index < handles.count else { return .noSuchHandle }
                try truncate(handles[index], to: byteCount)
            case .sync(let index):
                guard index < handles.count else { return .noSuchHandle }
                try sync(handles[index], upTo: coverage())
            case .length(let index):
                guard index < handles.count else { return .noSuchHandle }
                return .count(Int(byteCount(handles[index])))
            }
            return .done
        } catch {
            return .failed(error.errno.rawValue)
        }
    }

    private func read(
        _ handle: Handle, at position: Int64, into target: inout [UInt8]
    ) throws(Disk.Refusal) -> Int {
        var elements = target.mutableSpan
        var raw = elements.mutableBytes
        return try read(handle, at: position, into: &raw)
    }
}

/// The same calls, on the machine that runs the test.
private final class RealDirectory {
    private let root: String
    private var descriptors: [Int32] = []

    private let isMounted: Bool

    struct NotMounted: Error {}

    /// In the usual place for temporary files, or on a volume of its own of `volume` blocks of 4 KiB.
    init(volume: Int?) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "galgo-\(UUID())").path
        mkdir(root, 0o700)
        isMounted = volume != nil
        if let volume, Self.mount(root, blocks: volume) != 0 { throw NotMounted() }
    }

    static let canMount: Bool = {
        let place = FileManager.default.temporaryDirectory.appending(path: "galgo-mount-\(getpid())").path
        mkdir(place, 0o700)
        defer { rmdir(place) }
        guard mount(place, blocks: 1) == 0 else { return false }
        umount(place)
        return true
    }()

    private static func mount(_ place: String, blocks: Int) -> Int32 {
        Glibc.mount("none", place, "tmpfs", 0, "size=\(blocks * 4_096),huge=never")
    }

    func remove() {
        for descriptor in descriptors { close(descriptor) }
        if isMounted { umount(root) }
        try? FileManager.default.removeItem(atPath: root)
    }

    func perform(_ call: Call) -> Outcome {
        switch call {
        case .makeDirectory(let directory): return done(mkdir(at(directory), 0o700))
        case .removeDirectory(let directory): return done(rmdir(at(directory)))
        case .moveDirectory(let source, let target): return done(Glibc.rename(at(source), at(target)))
        case .list(let directory): return list(directory)
        case .syncDirectory(let directory):
            let descriptor = Glibc.open(at(directory), O_RDONLY | O_DIRECTORY)
            guard descriptor >= 0 else { return .failed(errno) }
            defer { close(descriptor) }
            return done(fsync(descriptor))
        case .open(let path, let mode):
            let flags: Int32 =
                switch mode {
                case .read: O_RDONLY
                case .readWrite: O_RDWR
                case .create: O_RDWR | O_CREAT | O_EXCL
                case .replace: O_RDWR | O_CREAT | O_TRUNC
                }
            let descriptor = Glibc.open(at(path), flags, 0o600)
            guard descriptor >= 0 else { return .failed(errno) }
            descriptors.append(descriptor)
            return .done
        case .unlink(let path): return done(Glibc.unlink(at(path)))
        case .rename(let source, let target): return done(Glibc.rename(at(source), at(target)))
        case .close(let index):
            guard index < descriptors.count else { return .noSuchHandle }
            return done(close(descriptors.remove(at: index)))
        case .read(let index, let position, let byteCount):
            guard index < descriptors.count else { return .noSuchHandle }
            var target = [UInt8](repeating: 0, count: byteCount)
            let count = pread(descriptors[index], &target, byteCount, off_t(position))
            return count < 0 ? .failed(errno) : .bytes(Array(target.prefix(count)))
        case .write(let index, let position, let bytes):
            guard index < descriptors.count else { return .noSuchHandle }
            let count = pwrite(descriptors[index], bytes, bytes.count, off_t(position))
            return count < 0 ? .failed(errno) : .count(count)
        case .allocate(let index, let position, let byteCount):
            guard index < descriptors.count else { return .noSuchHandle }
            let code = posix_fallocate(descriptors[index], off_t(position), off_t(byteCount))
            return code == 0 ? .done : .failed(code)
        case .truncate(let index, let byteCount):
            guard index < descriptors.count else { return .noSuchHandle }
            return done(ftruncate(descriptors[index], off_t(byteCount)))
        case .sync(let index):
            guard index < descriptors.count else { return .noSuchHandle }
            return done(fdatasync(descriptors[index]))
        case .length(let index):
            guard index < descriptors.count else { return .noSuchHandle }
            var status = stat()
            guard fstat(descriptors[index], &status) == 0 else { return .failed(errno) }
            return .count(Int(status.st_size))
        }
    }

    private func at(_ directory: Directory) -> String { "\(root)/\(directory.text)" }
    private func at(_ path: Path) -> String { "\(root)/\(path.text)" }
    private func done(_ code: Int32) -> Outcome { code == 0 ? .done : .failed(errno) }

    private func list(_ directory: Directory) -> Outcome {
        guard let stream = opendir(at(directory)) else { return .failed(errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            names.append(entry.pointee.d_type == UInt8(DT_DIR) ? name + "/" : name)
        }
        return .bytes(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.flatMap { Array($0.utf8) + [0] })
    }

    func files() -> [(path: String, bytes: [UInt8])] {
        var found: [(path: String, bytes: [UInt8])] = []
        let walk = FileManager.default.enumerator(atPath: root)
        while let name = walk?.nextObject() as? String {
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isDirectory)
            if isDirectory.boolValue { continue }
            found.append((name, [UInt8](FileManager.default.contents(atPath: "\(root)/\(name)") ?? Data())))
        }
        return found.sorted { $0.path < $1.path }
    }
}
