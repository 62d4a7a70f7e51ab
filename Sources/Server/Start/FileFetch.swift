import Platform
import Primitives

/// Reads one small file whole: open, read to the end, close. One operation in flight.
struct FileFetch {
    enum Result {
        case bytes([UInt8])
        case missing
        case failed(Errno)
    }

    private enum State {
        case idle
        case opening
        case reading(FileID, BufferID)
        case closing(Result)
    }

    private var state = State.idle
    private var content: [UInt8] = []
    private let token: Token
    private static let pieceBytes = 64 << 10

    init(token: Token) { self.token = token }

    mutating func begin<W: World & ~Copyable>(_ path: Path, _ world: inout W) throws(MachineFailure) {
        content = []
        state = .opening
        try world.submit(.open(path, .read, token))
    }

    /// Takes the completion of the fetch's own operation; answers when the file is read and closed.
    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Result? {
        switch (state, completion) {
        case (.opening, .opened(let file, _)):
            guard let buffer = try buffers.allocate(byteCount: Self.pieceBytes, &world) else {
                return try close(file, with: .failed(.outOfMemory), &world)
            }
            state = .reading(file, buffer)
            try readOn(file, buffer, &world)
            return nil
        case (.opening, .failed(.noEntry)):
            state = .idle
            return .missing
        case (.opening, .failed(let errno)):
            state = .idle
            return .failed(errno)
        case (.reading(let file, let buffer), .done(let count)) where count > 0:
            let slice = Slice(buffer, position: 0, byteCount: UInt32(clamping: count))
            content.append(contentsOf: [UInt8](copying: try world.bytes(of: slice)))
            try readOn(file, buffer, &world)
            return nil
        case (.reading(let file, let buffer), .done):
            try buffers.release(buffer, &world)
            return try close(file, with: .bytes(content), &world)
        case (.reading(let file, let buffer), .failed(let errno)):
            try buffers.release(buffer, &world)
            return try close(file, with: .failed(errno), &world)
        case (.closing(let result), _):
            state = .idle
            return result
        default:
            throw MachineFailure("a file fetch gets only completions of its own operations")
        }
    }

    private func readOn<W: World & ~Copyable>(
        _ file: FileID, _ buffer: BufferID, _ world: inout W
    ) throws(MachineFailure) {
        let slice = Slice(buffer, position: 0, byteCount: UInt32(Self.pieceBytes))
        try world.submit(.read(file, at: Int64(content.count), into: slice, token))
    }

    private mutating func close<W: World & ~Copyable>(
        _ file: FileID, with result: Result, _ world: inout W
    ) throws(MachineFailure) -> Result? {
        state = .closing(result)
        try world.submit(.close(file, token))
        return nil
    }
}
