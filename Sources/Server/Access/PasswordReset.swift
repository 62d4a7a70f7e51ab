public import Platform
import Primitives
public import Wire

/// Gives an account another password while no server runs: a Machine that locks and reads the directory as shard 0 does,
/// adds one change to the catalog's log, and stops.
///
/// No partition is recovered and no boot noted, so the next start finds everything else as the last server left it.
public struct PasswordReset<W: World & ~Copyable>: Machine, ~Copyable {
    public enum Outcome: Equatable, Sendable {
        case changed
        case noSuchAccount
        /// This machine cannot hash it: there is no crypt(3), or a zero byte in the password.
        case notHashed
        /// Nothing has changed.
        case notWritten(Errno)
        /// Whether it holds is known only after the next start.
        case unknown(Errno)
    }

    private enum Step {
        case starting
        case hashing(user: UInt32)
        case writing
        case over
    }

    private var world: W
    private var buffers = BufferLedger(owner: .catalog)
    private var start: CatalogStart
    private var log = CatalogLog(token: Route(.catalog, detail: 0).token)
    private var crypt: CryptJob?
    private var step = Step.starting
    private let name: Name
    private let password: Secret
    private let report: @Sendable (Outcome) -> Void

    /// `report` is called once, unless the directory is refused or the Machine fails.
    public init(
        of name: Name, to password: Secret, world: consuming W, report: @escaping @Sendable (Outcome) -> Void
    ) {
        start = CatalogStart(boot: world.bootIdentity)
        self.world = world
        self.name = name
        self.password = password
        self.report = report
    }

    public mutating func handle(_ event: Event, at now: Instant) throws(MachineFailure) {
        switch event {
        case .started: try started(try start.begin(&buffers, &world))
        case .opened(let token, let file, let byteCount): try completed(token, .opened(file, byteCount: byteCount))
        case .completed(let token, let count): try completed(token, .done(count: count))
        case .space(let token, let free, let total): try completed(token, .space(free: free, total: total))
        case .failed(let token, let errno): try completed(token, .failed(errno))
        // It is over soon by itself.
        case .stopRequested: break
        case .accepted, .received, .receiveFailed, .disconnected, .timerDue, .mail, .shardLost:
            throw MachineFailure("who only resets a password has neither peers nor timers")
        }
    }

    public mutating func checkInvariants() throws(MachineFailure) {}

    private mutating func completed(_ token: Token, _ completion: Completion) throws(MachineFailure) {
        switch step {
        case .starting: try started(try start.handle(completion, &buffers, &world))
        case .hashing(let user): try hashed(completion, user)
        case .writing: try logged(try log.handle(completion, &buffers, &world))
        case .over: throw MachineFailure("a reset that is over gets no completions")
        }
    }

    private mutating func started(_ outcome: CatalogStart.Outcome?) throws(MachineFailure) {
        switch outcome {
        case nil: return
        case .refused(let refusal):
            step = .over
            try world.submit(.refuseStart(refusal))
        case .recovered(let recovered):
            log.adopt(
                recovered.logFile, byteCount: recovered.logByteCount, firstSequence: recovered.firstSequence,
                nextSequence: recovered.nextSequence)
            guard let user = recovered.catalog.user(named: name) else { return try finish(.noSuchAccount) }
            let setting = PasswordSetting.fresh(salt: (world.entropy(), world.entropy()))
            guard let job = try CryptJob(password: password, setting: setting, &buffers, &world) else {
                return try finish(.notWritten(.outOfMemory))
            }
            crypt = job
            step = .hashing(user: user.id)
            try job.submit(Route(.access, detail: 0).token, &world)
        }
    }

    private mutating func hashed(_ completion: Completion, _ user: UInt32) throws(MachineFailure) {
        guard let job = crypt else { throw MachineFailure("a password is hashed by a job") }
        crypt = nil
        guard let hash = try job.finish(completion, &buffers, &world) else { return try finish(.notHashed) }
        step = .writing
        try logged(try log.append(.passwordChanged(user: user, passwordHash: hash), &buffers, &world))
    }

    private mutating func logged(_ outcome: CatalogLog.Outcome?) throws(MachineFailure) {
        switch outcome {
        case nil: return
        case .appended: try finish(.changed)
        case .refused(let errno): try finish(.notWritten(errno))
        case .unknown(let errno): try finish(.unknown(errno))
        }
    }

    private mutating func finish(_ outcome: Outcome) throws(MachineFailure) {
        step = .over
        report(outcome)
        try world.submit(.stopped)
    }
}
