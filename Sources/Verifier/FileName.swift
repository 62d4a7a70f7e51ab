// The names that the server gives, read back: `/`-separated paths relative to the data directory.

/// A name in `catalog/`.
enum CatalogFileName: Equatable {
    case log(sequence: UInt64)
    case snapshot(sequence: UInt64)
    case snapshotTemporary(sequence: UInt64)

    init?(_ name: Substring) {
        guard let (sequence, suffix) = numbered(name) else { return nil }
        switch suffix {
        case ".wal": self = .log(sequence: sequence)
        case ".snapshot": self = .snapshot(sequence: sequence)
        case ".snapshot.tmp": self = .snapshotTemporary(sequence: sequence)
        default: return nil
        }
    }
}

/// A name in `partitions/<incarnation>/`.
enum PartitionFileName: Equatable {
    case log(base: UInt64)
    case index(base: UInt64)
    case offsets
    case offsetsTemporary
    /// A copy of a segment's end: it stands only while a start is under way.
    case tail(base: UInt64)
    case tailTemporary

    init?(_ name: Substring) {
        switch name {
        case "offsets.log": self = .offsets
        case "offsets.log.tmp": self = .offsetsTemporary
        default:
            guard let (base, suffix) = numbered(name) else { return nil }
            switch suffix {
            case ".log": self = .log(base: base)
            case ".index": self = .index(base: base)
            case ".tail": self = .tail(base: base)
            case ".tail.tmp": self = .tailTemporary
            default: return nil
            }
        }
    }
}

/// Twenty decimal digits and what follows them.
private func numbered(_ name: Substring) -> (UInt64, Substring)? {
    let digits = name.utf8.prefix(20)
    guard digits.count == 20, digits.allSatisfy({ (0x30...0x39).contains($0) }), let value = UInt64(Substring(digits))
    else { return nil }
    return (value, name[digits.endIndex...])
}

/// The number that a directory below `partitions/` or `orphans/` is named by: decimal, no leading zeros.
func incarnation(named name: Substring) -> UInt64? {
    guard let value = UInt64(name), String(value) == name else { return nil }
    return value
}
