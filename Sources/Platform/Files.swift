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
        let (number, rest) = nameParts
        return number.map { name20($0, rest) } ?? rest
    }

    /// The number that the name begins with, if it does, and the rest of it.
    private var nameParts: (number: UInt64?, rest: String) {
        switch self {
        case .format: (nil, "FORMAT")
        case .formatTemporary: (nil, "FORMAT.tmp")
        case .boot: (nil, "boot")
        case .bootTemporary: (nil, "boot.tmp")
        case .lock: (nil, "lock")
        case .catalogLog(let sequence): (sequence, ".wal")
        case .catalogSnapshot(let sequence): (sequence, ".snapshot")
        case .catalogSnapshotTemporary(let sequence): (sequence, ".snapshot.tmp")
        case .segmentLog(_, let base): (base, ".log")
        case .segmentIndex(_, let base): (base, ".index")
        case .segmentTail(_, let base): (base, ".tail")
        case .segmentTailTemporary(_, let base): (base, ".tail.tmp")
        case .offsets: (nil, "offsets.log")
        case .offsetsTemporary: (nil, "offsets.log.tmp")
        }
    }

    /// The path relative to the data directory.
    public var text: String { directory.text.isEmpty ? name : "\(directory.text)/\(name)" }

    /// The file that `name` means in `directory`, or nil if the server never makes such a name there.
    public init?(name: some StringProtocol, in directory: Directory) {
        let number = number20(name)
        let rest = number == nil ? name.utf8[...] : name.utf8.dropFirst(20)
        let candidates: [Path] =
            switch (directory, number) {
            case (.root, nil): [.format, .formatTemporary, .boot, .bootTemporary, .lock]
            case (.catalog, let sequence?):
                [
                    .catalogLog(sequence: sequence), .catalogSnapshot(sequence: sequence),
                    .catalogSnapshotTemporary(sequence: sequence),
                ]
            case (.partition(let incarnation), let base?):
                [
                    .segmentLog(incarnation: incarnation, base: base),
                    .segmentIndex(incarnation: incarnation, base: base),
                    .segmentTail(incarnation: incarnation, base: base),
                    .segmentTailTemporary(incarnation: incarnation, base: base),
                ]
            case (.partition(let incarnation), nil):
                [.offsets(incarnation: incarnation), .offsetsTemporary(incarnation: incarnation)]
            case (.root, _), (.catalog, nil), (.partitions, _), (.orphans, _), (.orphan, _): []
            }
        guard let path = candidates.first(where: { rest.elementsEqual($0.nameParts.rest.utf8) }) else { return nil }
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

/// Twenty decimal digits, which put every u64 in the order of its value, and the rest of a name.
private func name20(_ value: UInt64, _ rest: String) -> String {
    let digits = String(value)
    var name = ""
    name.reserveCapacity(20 + rest.utf8.count)
    name.append(contentsOf: Substring("00000000000000000000".utf8.dropFirst(digits.utf8.count)))
    name += digits
    name += rest
    return name
}

/// The number that a name begins with, in twenty digits.
private func number20(_ name: some StringProtocol) -> UInt64? {
    var value: UInt64 = 0
    var count = 0
    for byte in name.utf8.prefix(20) {
        guard (0x30...0x39).contains(byte) else { return nil }
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, isOver) = product.addingReportingOverflow(UInt64(byte - 0x30))
        guard !isTooLarge, !isOver else { return nil }
        value = sum
        count += 1
    }
    return count == 20 ? value : nil
}
