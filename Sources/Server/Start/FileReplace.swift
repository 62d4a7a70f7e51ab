import Platform
import Primitives

/// Puts new content in a file's place so that a crash leaves the old or the new, never a mixture:
/// write a temporary, sync it, rename it, sync the directory.
///
/// If that fails, the temporary is unlinked. Once it has its new name it stays: then only its durability is not known.
struct FileReplace {
    private enum State {
        case idle
        case creating
        case writing(FileID)
        case syncing(FileID)
        case closing(after: Errno?)
        case renaming
        case syncingDirectory
        case removing(after: Errno)
    }

    private var state = State.idle
    private var target = Path.boot
    private var temporary = Path.bootTemporary
    private var content: [UInt8] = []
    private var written = 0
    private var buffer: BufferID?
    private let token: Token
    /// Content goes through a buffer of at most so many bytes.
    private static let pieceBytes = 256 << 10

    init(token: Token) { self.token = token }

    mutating func begin<W: World & ~Copyable>(
        _ target: Path, by temporary: Path, content: [UInt8], _ world: inout W
    ) throws(MachineFailure) {
        self.target = target
        self.temporary = temporary
        self.content = content
        written = 0
        state = .creating
        try world.submit(.open(temporary, .replace, token))
    }

    enum Outcome { case replaced, failed(Errno) }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch (state, completion) {
        case (.creating, .opened(let file, _)):
            let byteCount = max(1, min(content.count, Self.pieceBytes))
            guard let buffer = try buffers.allocate(byteCount: byteCount, &world) else {
                return try close(file, after: .outOfMemory, &world)
            }
            self.buffer = buffer
            try writeOn(file, buffer, &world)
            return nil
        case (.writing(let file), .done(let count)):
            written += count
            if written < content.count, count > 0, let buffer {
                try writeOn(file, buffer, &world)
                return nil
            }
            try releaseBuffer(&buffers, &world)
            if written < content.count { return try close(file, after: .inputOutput, &world) }
            state = .syncing(file)
            try world.submit(.sync(file, token))
            return nil
        case (.writing(let file), .failed(let errno)):
            try releaseBuffer(&buffers, &world)
            return try close(file, after: errno, &world)
        case (.syncing(let file), .done):
            return try close(file, after: nil, &world)
        case (.syncing(let file), .failed(let errno)):
            return try close(file, after: errno, &world)
        case (.closing(let errno), _):
            if let errno { return try remove(after: errno, &world) }
            state = .renaming
            try world.submit(.rename(temporary, to: target, token))
            return nil
        case (.renaming, .done) where world.isMutated(.replacementNotNamed):
            state = .idle
            return .replaced
        case (.renaming, .done):
            state = .syncingDirectory
            try world.submit(.syncDirectory(target.directory, token))
            return nil
        case (.removing(let errno), _):
            state = .idle
            return .failed(errno)
        case (.syncingDirectory, .done):
            state = .idle
            return .replaced
        case (.renaming, .failed(let errno)):
            return try remove(after: errno, &world)
        case (.creating, .failed(let errno)), (.syncingDirectory, .failed(let errno)):
            state = .idle
            return .failed(errno)
        default:
            throw MachineFailure("a file replacement gets only completions of its own operations")
        }
    }

    private mutating func writeOn<W: World & ~Copyable>(
        _ file: FileID, _ buffer: BufferID, _ world: inout W
    ) throws(MachineFailure) {
        state = .writing(file)
        let piece = Array(content[written..<min(written + Self.pieceBytes, content.count)])
        let slices = [Slice(buffer, position: 0, byteCount: UInt32(clamping: piece.count))]
        var bytes = try world.mutableBytes(of: slices[0])
        bytes.store(piece.rawSpan, at: 0)
        try world.submit(.write(file, at: Int64(written), slices: 1, token), slices.span)
    }

    /// A half-written temporary is nobody's, and on a full disk it takes room that is needed.
    private mutating func remove<W: World & ~Copyable>(
        after errno: Errno, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        state = .removing(after: errno)
        try world.submit(.unlink(temporary, token))
        return nil
    }

    private mutating func releaseBuffer<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) {
        if let buffer { try buffers.release(buffer, &world) }
        buffer = nil
    }

    private mutating func close<W: World & ~Copyable>(
        _ file: FileID, after errno: Errno?, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        state = .closing(after: errno)
        try world.submit(.close(file, token))
        return nil
    }
}
