import Platform
import Primitives

/// Finishes the deletion of a partition directory that a crash interrupted: unlink each of our files, then the
/// directory. A name that is not ours keeps the directory, moved to `orphans/`.
struct DirectoryRemoval {
    enum Outcome: Equatable { case removed, kept, failed(Errno) }

    private enum State { case idle, listing, unlinking, removing, moving, syncingTarget, syncing(Outcome) }

    private var state = State.idle
    private var listing: DirectoryLister
    private var paths: [Path] = []
    private var incarnation: UInt64 = 0
    private let token: Token

    init(token: Token) {
        self.token = token
        listing = DirectoryLister(token: token)
    }

    mutating func begin<W: World & ~Copyable>(
        removing incarnation: UInt64, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        self.incarnation = incarnation
        state = .listing
        return try listed(
            try listing.begin(.partition(incarnation: incarnation), &buffers, &world), &world)
    }

    /// Moves a directory that nothing names to `orphans/`, whatever is in it.
    mutating func begin<W: World & ~Copyable>(
        keeping incarnation: UInt64, _ world: inout W
    ) throws(MachineFailure) {
        self.incarnation = incarnation
        try move(&world)
    }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch (state, completion) {
        case (.listing, _):
            return try listed(try listing.handle(completion, &buffers, &world), &world)
        case (.unlinking, .done), (.unlinking, .failed(.noEntry)):
            return try unlinkNext(&world)
        case (.removing, .done), (.removing, .failed(.noEntry)):
            return try sync(.removed, &world)
        case (.removing, .failed(.notEmpty)):
            try move(&world)
            return nil
        case (.moving, .done):
            // Where it came to before where it came from: a crash in between must not lose it from both.
            state = .syncingTarget
            try world.submit(.syncDirectory(.orphans, token))
            return nil
        case (.syncingTarget, .done):
            return try sync(.kept, &world)
        case (.syncing(let outcome), .done):
            state = .idle
            return outcome
        case (_, .failed(let errno)):
            state = .idle
            return .failed(errno)
        default:
            throw MachineFailure("a removal gets only completions of its own operations")
        }
    }

    private mutating func listed<W: World & ~Copyable>(
        _ result: DirectoryLister.Result?, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch result {
        case nil: return nil
        case .failed(.noEntry): return .removed
        case .failed(let errno): return .failed(errno)
        case .names(let names):
            paths = names.compactMap { Path(name: $0, in: .partition(incarnation: incarnation)) }
            return try unlinkNext(&world)
        }
    }

    private mutating func unlinkNext<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) -> Outcome? {
        if let path = paths.popLast() {
            state = .unlinking
            try world.submit(.unlink(path, token))
        } else {
            state = .removing
            try world.submit(.removeDirectory(.partition(incarnation: incarnation), token))
        }
        return nil
    }

    private mutating func move<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) {
        state = .moving
        try world.submit(
            .moveDirectory(.partition(incarnation: incarnation), to: .orphan(incarnation: incarnation), token))
    }

    private mutating func sync<W: World & ~Copyable>(
        _ outcome: Outcome, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        state = .syncing(outcome)
        try world.submit(.syncDirectory(.partitions, token))
        return nil
    }
}
