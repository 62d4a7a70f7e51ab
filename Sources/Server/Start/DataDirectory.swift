import Platform
import Primitives

/// Rules about the data directory, as pure functions of what is in it.
enum DataDirectory {
    static let formatVersion: UInt64 = 1
    static let formatText = "galgo \(formatVersion)\n"

    /// What a server keeps its data in, directly below the data directory.
    static let storage = ["FORMAT", "boot", "lock", "crash", "catalog", "partitions", "orphans"]

    enum Judgement: Equatable {
        /// Nothing of anybody's in it: lay it out.
        case fresh
        /// `FORMAT` is there; its text decides.
        case ours
        case refused(StartRefusal)
    }

    /// Names that a crash during the first start, or a file system, may leave in a directory without `FORMAT`.
    static let harmless = [
        "lock", "logs/", "FORMAT.tmp", "boot.tmp", "crash", "crash.tmp", "catalog/", "partitions/", "orphans/",
        "lost+found/",
    ]

    /// What the names in the root say. Directories end with `/`.
    ///
    /// - Parameter paths: what else a configuration places below the directory, such as `var/log`: it may be there before
    ///   the first start is over.
    static func judge(_ names: [String], besides paths: [String] = []) -> Judgement {
        if names.contains("FORMAT") { return .ours }
        if names.contains("state/") || names.contains("streams/") { return .refused(.iggyDirectory) }
        let known = harmless + DirectoryNames.placed(by: paths)
        return names.allSatisfy(known.contains) ? .fresh : .refused(.foreignDirectory)
    }

    /// Nil when the text is the layout that this version reads.
    static func judge(formatText bytes: [UInt8]) -> StartRefusal? {
        let text = String(decoding: bytes.prefix(64), as: UTF8.self)
        guard text.hasPrefix("galgo "), text.hasSuffix("\n"), let version = UInt64(text.dropFirst(6).dropLast(1)) else {
            return .damagedFormat
        }
        return version == formatVersion ? nil : .newerFormat(found: version, known: formatVersion)
    }

    /// The names of a listing: each ended by a zero byte. Nil if it is not whole.
    static func names(_ listing: RawSpan) -> [String]? {
        var names: [String] = []
        var start = 0
        for position in 0..<listing.byteCount where listing.load(UInt8.self, at: position) == 0 {
            guard let name = listing.slice(at: start, byteCount: position - start) else { return nil }
            names.append(String(decoding: [UInt8](copying: name), as: UTF8.self))
            start = position + 1
        }
        return start == listing.byteCount ? names : nil
    }

    /// The incarnation that a name in `partitions/` means: a directory whose name we would give. Nil for others.
    static func incarnation(named name: String) -> UInt64? {
        guard name.hasSuffix("/"), let incarnation = UInt64(name.dropLast()) else { return nil }
        return name == "\(incarnation)/" ? incarnation : nil
    }

    static func text(_ boot: BootIdentity) -> String {
        "\(String(boot.high, radix: 16)) \(String(boot.low, radix: 16))\n"
    }
}

/// Lists a directory into a buffer that grows until the whole list fits.
struct DirectoryLister {
    private var directory = Directory.root
    private var buffer: BufferID?
    private var byteCount = 4 << 10
    private let token: Token

    enum Result { case names([String]), failed(Errno) }

    init(token: Token) { self.token = token }

    mutating func begin<W: World & ~Copyable>(
        _ directory: Directory, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Result? {
        self.directory = directory
        return try ask(&buffers, &world)
    }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Result? {
        guard let buffer else { throw MachineFailure("a listing in flight has a buffer") }
        switch completion {
        case .done(let count) where count > byteCount:
            try release(&buffers, &world)
            byteCount = count + count / 2
            return try ask(&buffers, &world)
        case .done(let count):
            let slice = Slice(buffer, position: 0, byteCount: UInt32(clamping: count))
            let names = DataDirectory.names(try world.bytes(of: slice))
            try release(&buffers, &world)
            guard let names else { throw MachineFailure("a listing is names ended by zero bytes") }
            return .names(names)
        case .failed(let errno):
            try release(&buffers, &world)
            return .failed(errno)
        case .opened, .space:
            throw MachineFailure("a listing gets only completions of its own operations")
        }
    }

    private mutating func ask<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Result? {
        guard let buffer = try buffers.allocate(byteCount: byteCount, &world) else { return .failed(.outOfMemory) }
        self.buffer = buffer
        let slice = Slice(buffer, position: 0, byteCount: UInt32(clamping: byteCount))
        try world.submit(.list(directory, into: slice, token))
        return nil
    }

    private mutating func release<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) {
        if let buffer { try buffers.release(buffer, &world) }
        buffer = nil
    }
}
