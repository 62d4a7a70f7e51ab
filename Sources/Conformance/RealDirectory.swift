import CLinux
import Glibc
import Linux
import Platform

/// The same calls on this machine, as the server makes them: through the adapter's own directory.
///
/// Where the adapter does more than one system call it is compared as a whole, but for one: its `allocate` writes zeros
/// over the range and is only asked for space behind the end of a file. Elsewhere the system call stands for it.
@safe final class RealDirectory {
    private let directory: DataDirectory
    private var descriptors: [Int32] = []
    private let buffer: UnsafeMutableRawPointer
    private static let bufferByteCount = 1 << 16

    /// The directory is made if it is not there. What it holds is removed.
    init?(_ path: String) {
        do throws(StartFailure) { directory = try DataDirectory(path: path) } catch { return nil }
        unsafe buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 16)
        clear()
    }

    /// Nothing is asked of it after this.
    func close() {
        clear()
        directory.close()
        // SAFETY: allocated in `init` and nowhere else freed.
        unsafe buffer.deallocate()
    }

    /// Closes every file and removes everything.
    func clear() {
        for descriptor in descriptors { _ = galgo_close(descriptor) }
        descriptors = []
        remove(".")
    }

    private func remove(_ place: String) {
        for name in directory.names(in: place).1 {
            let child = Self.child(name, of: place)
            if name.last == UInt8(ascii: "/") {
                remove(child)
                _ = unsafe galgo_remove_directory(directory.descriptor, child)
            } else {
                _ = unsafe galgo_unlink(directory.descriptor, child)
            }
        }
    }

    private static func child(_ name: [UInt8], of place: String) -> String {
        let text = String(decoding: name.last == UInt8(ascii: "/") ? name.dropLast() : name[...], as: UTF8.self)
        return place == "." ? text : "\(place)/\(text)"
    }

    // MARK: Calls

    func perform(_ call: Call) -> Outcome {
        switch call {
        case .makeDirectory(let place): return done(.makeDirectory(place))
        case .removeDirectory(let place): return done(.removeDirectory(place))
        case .moveDirectory(let source, let target): return done(.moveDirectory(source, to: target))
        case .syncDirectory(let place): return done(.syncDirectory(place))
        case .unlink(let path): return done(.unlink(path))
        case .rename(let source, let target): return done(.rename(source, to: target))
        case .list(let place):
            return unsafe bytes(.list(place, to: Job.Address(pointer: buffer), capacity: Self.bufferByteCount))
        case .open(let path, let mode):
            let (result, descriptor) = directory.perform(.open(path, mode))
            guard result >= 0 else { return failed(result) }
            descriptors.append(Int32(truncatingIfNeeded: descriptor))
            return .done
        case .close(let index):
            guard index < descriptors.count else { return .noSuchHandle }
            return done(.close(descriptor: descriptors.remove(at: index), givingBack: false))
        case .read(let index, let position, let byteCount):
            guard index < descriptors.count else { return .noSuchHandle }
            return unsafe bytes(
                .read(
                    descriptor: descriptors[index], to: Job.Address(pointer: buffer),
                    byteCount: min(byteCount, Self.bufferByteCount), at: position, done: 0))
        case .write(let index, let position, let bytes):
            guard index < descriptors.count else { return .noSuchHandle }
            return write(descriptors[index], at: position, bytes)
        case .allocate(let index, let position, let byteCount):
            guard index < descriptors.count else { return .noSuchHandle }
            return allocate(descriptors[index], at: position, byteCount: byteCount)
        case .truncate(let index, let byteCount):
            guard index < descriptors.count else { return .noSuchHandle }
            return done(.truncate(descriptor: descriptors[index], to: byteCount))
        case .sync(let index):
            guard index < descriptors.count else { return .noSuchHandle }
            return done(.sync(descriptor: descriptors[index], forgetting: 0, .awaited))
        case .length(let index):
            guard index < descriptors.count else { return .noSuchHandle }
            let result = galgo_byte_count(descriptors[index])
            return result < 0 ? failed(result) : .count(Int(result))
        }
    }

    private func write(_ descriptor: Int32, at position: Int64, _ bytes: [UInt8]) -> Outcome {
        var copy = bytes
        let result = unsafe copy.withUnsafeMutableBytes { bytes in
            // SAFETY: the part lies inside the array, which lives during the call.
            var part = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
            return unsafe galgo_write(descriptor, &part, 1, position)
        }
        return result < 0 ? failed(result) : .count(Int(result))
    }

    private func allocate(_ descriptor: Int32, at position: Int64, byteCount: Int64) -> Outcome {
        if byteCount > 0, position >= galgo_byte_count(descriptor) {
            return done(.allocate(descriptor: descriptor, at: position, byteCount: byteCount))
        }
        let code = posix_fallocate(descriptor, off_t(position), off_t(byteCount))
        return code == 0 ? .done : .failed(code)
    }

    private func done(_ job: Job) -> Outcome {
        let (result, _) = directory.perform(job)
        return result < 0 ? failed(result) : .done
    }

    /// The result counts the bytes that are in the buffer.
    private func bytes(_ job: Job) -> Outcome {
        let (result, _) = directory.perform(job)
        guard result >= 0 else { return failed(result) }
        let count = min(Int(result), Self.bufferByteCount)
        // SAFETY: the job has filled so many bytes of the buffer.
        return unsafe .bytes(Array(UnsafeRawBufferPointer(start: buffer, count: count)))
    }

    private func failed(_ result: Int64) -> Outcome { .failed(Int32(truncatingIfNeeded: 0 - result)) }

    // MARK: What is there

    /// All files, sorted by their paths.
    func files() -> [(path: String, bytes: [UInt8])] {
        var found: [(path: String, bytes: [UInt8])] = []
        var places = ["."]
        while let place = places.popLast() {
            for name in directory.names(in: place).1 {
                let child = Self.child(name, of: place)
                if name.last == UInt8(ascii: "/") { places.append(child) } else { found.append((child, contents(child))) }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    private func contents(_ path: String) -> [UInt8] {
        let opened = unsafe galgo_open(directory.descriptor, path, O_RDONLY)
        guard opened >= 0 else { return [] }
        let file = Int32(truncatingIfNeeded: opened)
        defer { _ = galgo_close(file) }
        var bytes = [UInt8](repeating: 0, count: Int(max(0, galgo_byte_count(file))))
        let room = bytes.count
        // SAFETY: the array has the room that the call is told.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe galgo_read(file, $0.baseAddress, room, 0) }
        return Array(bytes.prefix(Int(max(0, count))))
    }
}
