import CLinux
import Glibc
import Sim

/// Random calls on the disk model and on this machine: every outcome, every error and every byte must agree.
///
/// What need not agree is in `Tests/Unit/Golden/disk/errnos.txt`, each with its reason.
package final class Comparison {
    /// Calls between two empty directories.
    package static let callsPerRound = 400

    package let volume: Volume
    package private(set) var callCount = 0
    /// Calls by `call outcome`.
    package private(set) var cells: [String: Int] = [:]
    /// The difference of the last round, in words, with the calls before it.
    package private(set) var difference: String?
    private let path: String
    private let real: RealDirectory

    /// - Parameter path: of a directory that is this comparison's own: everything in it is removed.
    /// For a small volume the process needs the privilege to mount; nil without it.
    package init?(_ volume: Volume, at path: String) {
        self.volume = volume
        self.path = path
        if let blocks = volume.blocks {
            _ = unsafe galgo_make_directory(AT_FDCWD, path)
            guard unsafe galgo_mount_memory(path, Int64(blocks) * 4_096) == 0 else { return nil }
        }
        guard let real = RealDirectory(path) else {
            if volume == .small { _ = unsafe galgo_unmount(path) }
            return nil
        }
        self.real = real
    }

    /// Leaves nothing of it behind.
    package func end() {
        real.close()
        if volume == .small { _ = unsafe galgo_unmount(path) }
        _ = unsafe galgo_remove_directory(AT_FDCWD, path)
    }

    /// Makes the calls of one seed on both, from an empty directory on; false at the first difference.
    package func round(seed: UInt64) -> Bool {
        real.clear()
        difference = nil
        let model = Disk()
        var calls = CallGenerator(seed: seed)
        var handles: [Disk.Handle] = []
        var history: [(call: Call, outcome: Outcome)] = []
        for _ in 0..<Self.callsPerRound {
            let call = calls.next(openCount: handles.count)
            if let blocks = volume.blocks {
                // A directory takes a block in the model and none there.
                model.limits.capacityBlocks = blocks + model.directories().count
            }
            let expected = real.perform(call)
            let outcome = model.perform(call, &handles)
            callCount += 1
            cells["\(call.name) \(expected.name)", default: 0] += 1
            if history.count == Self.historyCount { history.removeFirst() }
            history.append((call, expected))
            guard expected == outcome else {
                let lines = history.map { "\($0.call): \($0.outcome)" }
                difference = "\(lines.joined(separator: "; ")), but the model says \(outcome)"
                return false
            }
        }
        return compareFiles(model)
    }

    private static let historyCount = 8

    private func compareFiles(_ model: Disk) -> Bool {
        let (modelled, found) = (model.files(), real.files())
        guard modelled.map(\.path) == found.map(\.path) else {
            difference =
                "the files are \(found.map(\.path).joined(separator: " ")), "
                + "in the model \(modelled.map(\.path).joined(separator: " "))"
            return false
        }
        for (one, other) in zip(modelled, found) where one.bytes != other.bytes {
            difference = "\(one.path) has other bytes in the model"
            return false
        }
        return true
    }
}
