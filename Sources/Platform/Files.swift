// Every file and directory the server may touch, by meaning. Text from a client never becomes a name on disk:
// there is no case to put it in.

/// A file below the data directory.
public enum Path: BitwiseCopyable, Hashable, Sendable {
    /// Version of the layout, one line of text.
    case format
    case formatTemporary
    /// Identity of the machine's boot that wrote last.
    case boot
    case bootTemporary
    /// Held locked while a server uses the directory.
    case lock
    /// Catalog records from `sequence` on.
    case catalogLog(sequence: UInt64)
    /// The catalog as of just before `sequence`.
    case catalogSnapshot(sequence: UInt64)
    case catalogSnapshotTemporary(sequence: UInt64)
    /// Batches from offset `base` on.
    case segmentLog(incarnation: UInt64, base: UInt64)
    case segmentIndex(incarnation: UInt64, base: UInt64)
    /// A copy of the segment's end, while that is written again.
    case segmentTail(incarnation: UInt64, base: UInt64)
    case segmentTailTemporary(incarnation: UInt64, base: UInt64)
    /// Stored consumer offsets and epochs of one partition.
    case offsets(incarnation: UInt64)
    case offsetsTemporary(incarnation: UInt64)
}

/// A directory: the data directory or one below it.
public enum Directory: BitwiseCopyable, Hashable, Sendable {
    case root
    case catalog
    case partitions
    case partition(incarnation: UInt64)
    case orphans
    case orphan(incarnation: UInt64)
}

/// What kind of bytes a file holds; faults and statistics choose by it.
public enum IOClass: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case segment, index, offsets, catalogLog, snapshot, temporary, identity
}

extension Path {
    public var directory: Directory {
        switch self {
        case .format, .formatTemporary, .boot, .bootTemporary, .lock: .root
        case .catalogLog, .catalogSnapshot, .catalogSnapshotTemporary: .catalog
        case .segmentLog(let incarnation, _), .segmentIndex(let incarnation, _), .segmentTail(let incarnation, _),
            .segmentTailTemporary(let incarnation, _),
            .offsets(let incarnation), .offsetsTemporary(let incarnation):
            .partition(incarnation: incarnation)
        }
    }

    public var ioClass: IOClass {
        switch self {
        case .format, .boot, .lock: .identity
        case .catalogLog: .catalogLog
        case .catalogSnapshot: .snapshot
        case .segmentLog: .segment
        case .segmentIndex: .index
        case .offsets: .offsets
        case .formatTemporary, .bootTemporary, .catalogSnapshotTemporary, .offsetsTemporary, .segmentTail,
            .segmentTailTemporary:
            .temporary
        }
    }

    /// The name inside its directory.
    public var name: String {
        switch self {
        case .format: "FORMAT"
        case .formatTemporary: "FORMAT.tmp"
        case .boot: "boot"
        case .bootTemporary: "boot.tmp"
        case .lock: "lock"
        case .catalogLog(let sequence): "\(digits20(sequence)).wal"
        case .catalogSnapshot(let sequence): "\(digits20(sequence)).snapshot"
        case .catalogSnapshotTemporary(let sequence): "\(digits20(sequence)).snapshot.tmp"
        case .segmentLog(_, let base): "\(digits20(base)).log"
        case .segmentIndex(_, let base): "\(digits20(base)).index"
        case .segmentTail(_, let base): "\(digits20(base)).tail"
        case .segmentTailTemporary(_, let base): "\(digits20(base)).tail.tmp"
        case .offsets: "offsets.log"
        case .offsetsTemporary: "offsets.log.tmp"
        }
    }

    /// The path relative to the data directory.
    public var text: String { directory.text.isEmpty ? name : "\(directory.text)/\(name)" }

    /// The file that `name` means in `directory`, or nil if the server never makes such a name there.
    public init?(name: some StringProtocol, in directory: Directory) {
        let candidates: [Path] =
            switch directory {
            case .root: [.format, .formatTemporary, .boot, .bootTemporary, .lock]
            case .catalog:
                if let sequence = number20(name) {
                    [
                        .catalogLog(sequence: sequence), .catalogSnapshot(sequence: sequence),
                        .catalogSnapshotTemporary(sequence: sequence),
                    ]
                } else { [] }
            case .partition(let incarnation):
                if let base = number20(name) {
                    [
                        .segmentLog(incarnation: incarnation, base: base),
                        .segmentIndex(incarnation: incarnation, base: base),
                        .segmentTail(incarnation: incarnation, base: base),
                        .segmentTailTemporary(incarnation: incarnation, base: base),
                    ]
                } else {
                    [.offsets(incarnation: incarnation), .offsetsTemporary(incarnation: incarnation)]
                }
            case .partitions, .orphans, .orphan: []
            }
        guard let path = candidates.first(where: { $0.name == name }) else { return nil }
        self = path
    }
}

extension Directory {
    /// The path relative to the data directory; empty for the data directory itself.
    public var text: String {
        switch self {
        case .root: ""
        case .catalog: "catalog"
        case .partitions: "partitions"
        case .partition(let incarnation): "partitions/\(incarnation)"
        case .orphans: "orphans"
        case .orphan(let incarnation): "orphans/\(incarnation)"
        }
    }

    /// The directory whose entry this one is; the data directory is its own.
    public var parent: Directory {
        switch self {
        case .root, .catalog, .partitions, .orphans: .root
        case .partition: .partitions
        case .orphan: .orphans
        }
    }
}

/// Twenty decimal digits: every u64, in the order of its value.
func digits20(_ value: UInt64) -> String {
    let digits = String(value)
    return String(repeating: "0", count: 20 - digits.utf8.count) + digits
}

private func number20(_ name: some StringProtocol) -> UInt64? {
    let digits = name.prefix(20)
    guard digits.utf8.count == 20, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt64(digits)
}
