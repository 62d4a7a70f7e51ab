import Platform

/// A disk in memory that knows what a power cut would leave.
final class TestDisk {
    final class Inode {
        var bytes: [UInt8] = []
        var synced: [UInt8] = []
        /// Bytes that a failed sync lost: they look clean, so that no later sync brings them.
        var lost: Set<Int> = []
        /// Bytes written since the last sync, be they the same as before.
        var dirty: Set<Int> = []

        func sync() {
            dirty = []
            var next = bytes
            for index in lost where index < next.count { next[index] = index < synced.count ? synced[index] : 0 }
            synced = next
        }

        /// What was to become durable never will, unless it is written again.
        func failSync() {
            for index in bytes.indices where index >= synced.count || bytes[index] != synced[index] {
                lost.insert(index)
            }
            dirty = []
        }

        func write(_ new: [UInt8], at position: Int) {
            if bytes.count < position + new.count {
                bytes.append(contentsOf: [UInt8](repeating: 0, count: position + new.count - bytes.count))
            }
            bytes.replaceSubrange(position..<position + new.count, with: new)
            lost.subtract(position..<position + new.count)
            dirty.formUnion(position..<position + new.count)
        }

        func truncate(to end: Int) {
            if bytes.count > end { bytes.removeLast(bytes.count - end) }
            lost = lost.filter { $0 < end }
        }
    }

    private(set) var files: [Path: Inode] = [:]
    private var durableFiles: [Path: Inode] = [:]
    private(set) var directories: Set<Directory> = [.root, .partitions]
    private var durableDirectories: Set<Directory> = [.root, .partitions]

    func bytes(_ path: Path) -> [UInt8]? { files[path]?.bytes }

    func change(_ path: Path, _ change: (inout [UInt8]) -> Void) {
        guard let inode = files[path] else { return }
        change(&inode.bytes)
        inode.synced = inode.bytes
    }

    var paths: [Path] { files.keys.sorted { $0.text < $1.text } }

    var directoryTexts: [String] { directories.filter { $0 != .root }.map(\.text).sorted() }

    /// Everything there is, to compare two moments.
    var image: [String: [UInt8]] {
        var image: [String: [UInt8]] = [:]
        for (path, inode) in files { image[path.text] = inode.bytes }
        return image
    }

    func copy() -> TestDisk {
        let copy = TestDisk()
        var seen: [ObjectIdentifier: Inode] = [:]
        func cloned(_ inode: Inode) -> Inode {
            if let clone = seen[ObjectIdentifier(inode)] { return clone }
            let clone = Inode()
            clone.bytes = inode.bytes
            clone.synced = inode.synced
            clone.lost = inode.lost
            clone.dirty = inode.dirty
            seen[ObjectIdentifier(inode)] = clone
            return clone
        }
        copy.files = files.mapValues(cloned)
        copy.durableFiles = durableFiles.mapValues(cloned)
        copy.directories = directories
        copy.durableDirectories = durableDirectories
        return copy
    }

    /// What a power cut does to bytes that were not synced.
    enum Loss: CaseIterable { case everything, nothing, secondHalf, firstBlock, garbled }

    func cutPower(_ loss: Loss) {
        directories = durableDirectories
        if loss != .nothing { files = durableFiles.filter { directories.contains($0.key.directory) } }
        for inode in files.values {
            switch loss {
            case .everything: inode.bytes = inode.synced
            case .nothing: break
            case .garbled:
                // What was being written is neither old nor new, what was not is as it was.
                inode.bytes = inode.synced
                for index in inode.dirty where index < inode.bytes.count { inode.bytes[index] ^= 0xa5 }
            case .secondHalf:
                let kept = inode.synced.count + max(0, inode.bytes.count - inode.synced.count) / 2
                if inode.bytes.count > kept { inode.bytes.removeLast(inode.bytes.count - kept) }
            case .firstBlock:
                // The file's new length came through, the first of the new bytes did not.
                let start = min(inode.synced.count, inode.bytes.count)
                for index in start..<min(start + 100, inode.bytes.count) { inode.bytes[index] = 0 }
            }
            inode.synced = inode.bytes
            inode.lost = []
            inode.dirty = []
        }
        durableFiles = files
        durableDirectories = directories
    }

    // MARK: Operations

    func open(_ path: Path, _ mode: OpenMode) -> Result<Inode, Failure> {
        guard directories.contains(path.directory) else { return .failure(Failure(.noEntry)) }
        switch (mode, files[path]) {
        case (.read, let inode?), (.readWrite, let inode?): return .success(inode)
        case (.read, nil), (.readWrite, nil): return .failure(Failure(.noEntry))
        case (.create, .some): return .failure(Failure(.exists))
        case (.replace, let inode?):
            inode.truncate(to: 0)
            return .success(inode)
        case (.create, nil), (.replace, nil):
            let inode = Inode()
            files[path] = inode
            return .success(inode)
        }
    }

    func makeDirectory(_ directory: Directory) -> Errno? {
        directories.insert(directory).inserted ? nil : .exists
    }

    func removeDirectory(_ directory: Directory) -> Errno? {
        if files.keys.contains(where: { $0.directory == directory }) { return .notEmpty }
        return directories.remove(directory) == nil ? .noEntry : nil
    }

    func unlink(_ path: Path) -> Errno? { files.removeValue(forKey: path) == nil ? .noEntry : nil }

    func rename(_ source: Path, _ target: Path) -> Errno? {
        guard let inode = files.removeValue(forKey: source) else { return .noEntry }
        files[target] = inode
        return nil
    }

    func syncDirectory(_ directory: Directory) {
        durableFiles = durableFiles.filter { $0.key.directory != directory }
        for (path, inode) in files where path.directory == directory { durableFiles[path] = inode }
        durableDirectories = durableDirectories.filter { $0.parent != directory || directories.contains($0) }
        for child in directories where child.parent == directory { durableDirectories.insert(child) }
    }

    func list(_ directory: Directory) -> [UInt8]? {
        guard directories.contains(directory) else { return nil }
        let children = directories.filter { $0.parent == directory && $0 != directory }
        let names = files.keys.filter { $0.directory == directory }.map(\.name)
            + children.map { "\($0.text.split(separator: "/").last ?? "")/" }
        return names.sorted().flatMap { Array($0.utf8) + [0] }
    }

    struct Failure: Error {
        let errno: Errno
        init(_ errno: Errno) { self.errno = errno }
    }
}
