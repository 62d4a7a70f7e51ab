/// A picture of the server as a ZIP file for humans.
public struct GetSnapshot: Equatable, Sendable {
    public var compression: SnapshotCompression
    public var kinds: [SnapshotKind]

    public init(compression: SnapshotCompression, kinds: [SnapshotKind]) {
        self.compression = compression
        self.kinds = kinds
    }
}

/// The method used inside the ZIP file.
public enum SnapshotCompression: UInt8, Sendable {
    case stored = 1
    case deflate = 2
    case bzip2 = 3
    case zstd = 4
    case lzma = 5
    case xz = 6
}

/// One entry of the ZIP file; `all` stands alone.
public enum SnapshotKind: UInt8, Sendable {
    case fileSystem = 1
    case processes = 2
    case resources = 3
    case test = 4
    case logs = 5
    case configuration = 6
    case all = 100
}
