import Platform
import Sim

extension Disk {
    /// Makes the call on the model; `handles` are its open files.
    func perform(_ call: Call, _ handles: inout [Handle]) -> Outcome {
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
        // SAFETY: any bit pattern is a valid byte; the span ends before the array is used again.
        var raw = unsafe elements.mutableBytes
        return try read(handle, at: position, into: &raw)
    }
}
