import Foundation
import Glibc
import Platform
import Primitives
import Sim
import Testing

/// The disk model agrees with a real directory: random calls give the same results, the same errors, the same bytes.
///
/// Differences that are known and meant:
///
/// | Call | Linux | Model | Why it does not matter |
/// |---|---|---|---|
/// | any beyond 1 GiB of one file | succeeds | `EFBIG` | plans keep files small; the generator stays below |
/// | anything that removes or moves the data directory itself | `EBUSY` | not offered | the server has no such call |
/// | space that names and metadata take | depends on the file system | none | `DiskLimits.namesNeedBlocks` plays it |
@Suite struct DiskConformanceTests {
    @Test(arguments: 0..<Self.sequenceCount)
    func `random calls agree with a real directory`(seed: UInt64) throws {
        let real = RealDirectory()
        defer { real.remove() }
        let model = Disk()
        var calls = CallGenerator(seed: seed)

        var history: [String] = []
        for _ in 0..<400 {
            let call = calls.next()
            let expected = real.perform(call)
            let seen = model.perform(call, &calls.modelHandles)
            history.append("\(call): \(expected)")
            guard expected == seen else {
                Issue.record("\(history.suffix(8).joined(separator: "\n"))\nmodel: \(seen)")
                return
            }
        }

        #expect(model.files().map(\.path) == real.files().map(\.path))
        #expect(model.files().map(\.bytes) == real.files().map(\.bytes))
    }

    /// `SIM_CALL_SEQUENCES` sequences of 400 calls; by default as many as a quick test run bears.
    private static var sequenceCount: UInt64 {
        ProcessInfo.processInfo.environment["SIM_CALL_SEQUENCES"].flatMap { UInt64($0) } ?? 60
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

private enum Outcome: Equatable {
    case done
    case count(Int)
    case bytes([UInt8])
    case failed(Int32)
    case noSuchHandle
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
            return .write(file, at: position(), bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
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

    init() {
        root = FileManager.default.temporaryDirectory.appending(path: "galgo-\(UUID())").path
        mkdir(root, 0o700)
    }

    func remove() {
        for descriptor in descriptors { close(descriptor) }
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
