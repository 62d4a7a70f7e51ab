import Platform
import Primitives
import Wire

/// A client of the classic wire: connects, logs in, asks one thing at a time, and starts over when it is cut off.
///
/// Subclasses decide what to ask (`ready`) and learn what became of it (`answered`, `unanswered`).
class ClassicActor: Actor {
    /// Nanoseconds that a request may take before its outcome counts as unknown.
    static let patience: Int64 = 20 * second

    private(set) var number: UInt16 = 0
    private(set) var isFinished = false
    let behaviour: PlannedClient.Behaviour
    /// The shard that it talks to; nil for any.
    var wantedShard: ShardID?

    private var connection: UInt32?
    private var isLoggedIn = false
    private var incoming: [UInt8] = []
    private var awaited: CommandCode?
    private var failures = 0
    /// The alarm that is set: an earlier one that rings is nobody's.
    private var alarm: (serial: UInt32, purpose: Purpose) = (0, .connect)
    private var isReading = false
    /// It waits for the others; `goOn` ends that.
    private(set) var isMeeting = false

    private enum Purpose { case connect, patience, pause, breakOff }
    /// Alarms count from here on; below are the two fixed ones.
    private static let firstAlarm: UInt32 = 16
    private static let readSlowly: UInt32 = 1

    init(_ behaviour: PlannedClient.Behaviour) { self.behaviour = behaviour }

    /// Joins the universe and begins after `delay` nanoseconds.
    final func join(_ universe: any Surroundings, in delay: Int64) {
        number = universe.add(self, startingIn: delay)
    }

    // MARK: What subclasses say

    /// Logged in, and nothing is awaited.
    func ready(in universe: any Surroundings) {}
    func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {}
    /// The connection stands, and no answer came in all the time that one may take.
    func lostPatience(_ command: CommandCode, in universe: any Surroundings) {}
    /// What it asks for, when it does.
    var errand: Chronicle.Errand? { nil }
    /// The answer to what was asked will not come.
    func unanswered(in universe: any Surroundings) {}

    // MARK: What subclasses do

    final func ask(_ command: CommandCode, _ frame: [UInt8], in universe: any Surroundings) {
        guard let connection else { return }
        awaited = command
        if universe.chronicle != nil {
            universe.chronicle?.know(number, title)
            let asked = command == .loginUser ? nil : errand
            universe.chronicle?.begin(.client(number), asked?.title ?? command.name, at: universe.clock.now, asked)
        }
        universe.send(connection, frame)
        if behaviour == .impatient, command != .loginUser, universe.tape.happens(1, of: 24, .clients) {
            set(.breakOff, in: universe.tape.latency(0...2 * millisecond, .clients), universe)
        } else {
            set(.patience, in: Self.patience, universe)
        }
    }

    final func ask(_ request: Request, in universe: any Surroundings) {
        var writer = ByteWriter()
        request.encodeFrame(into: &writer)
        ask(request.command, writer.bytes, in: universe)
    }

    final func pause(_ nanoseconds: Int64, in universe: any Surroundings) { set(.pause, in: nanoseconds, universe) }

    /// Closes the connection; `finish` for good, otherwise to come again.
    final func leave(in universe: any Surroundings) {
        if let connection { universe.close(connection) }
        universe.chronicle?.end(.client(number), at: universe.clock.now, .lost)
        disconnected()
    }

    final func finish(in universe: any Surroundings) {
        leave(in: universe)
        isFinished = true
    }

    final func meet() { isMeeting = true }

    final func goOn(in universe: any Surroundings) {
        isMeeting = false
        if isLoggedIn { ready(in: universe) }
    }

    final func comeAgain(in universe: any Surroundings) {
        leave(in: universe)
        set(.connect, in: millisecond, universe)
    }

    // MARK: Events

    override final func handle(_ event: ActorEvent, in universe: Universe) { hear(event, in: universe) }

    final func hear(_ event: ActorEvent, in universe: any Surroundings) {
        guard !isFinished else { return }
        switch event {
        case .timer(0): connect(universe)
        case .timer(Self.readSlowly): readSlowly(universe)
        case .timer(let serial):
            if serial == alarm.serial + Self.firstAlarm { ring(universe) }
        case .connected(let connected):
            guard connected == connection else { return }
            guard let name = Name("iggy") else { return }
            ask(.loginUser(LoginUser(name: name, password: Secret("iggy"))), in: universe)
        case .refused(let refused):
            guard refused == connection else { return }
            disconnected()
            retry(universe)
        case .readable(let readable):
            guard readable == connection else { return }
            guard behaviour == .slow else {
                incoming += universe.take(readable, byteCountMax: .max)
                parse(universe)
                return
            }
            if !isReading {
                isReading = true
                universe.remind(number, Self.readSlowly, in: 200 * microsecond)
            }
        case .ended(let ended, _):
            guard ended == connection else { return }
            // What came before the end was an answer all the same.
            incoming += universe.take(ended, byteCountMax: .max)
            parse(universe)
            if ended == connection { lost(universe) }
        }
    }

    private func connect(_ universe: any Surroundings) {
        connection = universe.connect(number, to: wantedShard)
    }

    private func readSlowly(_ universe: any Surroundings) {
        isReading = false
        guard let connection else { return }
        incoming += universe.take(connection, byteCountMax: 300)
        if universe.waiting(connection) > 0 {
            isReading = true
            universe.remind(number, Self.readSlowly, in: 200 * microsecond)
        }
        parse(universe)
    }

    private func parse(_ universe: any Surroundings) {
        while let head = head, incoming.count >= ClassicResponseHead.byteCount + head.payloadByteCount {
            let end = ClassicResponseHead.byteCount + head.payloadByteCount
            let payload = Array(incoming[ClassicResponseHead.byteCount..<end])
            incoming.removeFirst(end)
            guard let command = awaited else { return }
            awaited = nil
            universe.chronicle?.end(
                .client(number), at: universe.clock.now, head.refusal.map { .failed("\($0)") } ?? .done)
            stopAlarm()
            if command == .loginUser {
                loggedIn(head.refusal, universe)
            } else {
                failures = 0
                answered(head.refusal, payload, in: universe)
            }
        }
    }

    private var head: ClassicResponseHead? { ClassicResponseHead(incoming.rawSpan) }

    private func loggedIn(_ refusal: ErrorCode?, _ universe: any Surroundings) {
        guard refusal == nil else {
            leave(in: universe)
            retry(universe)
            return
        }
        isLoggedIn = true
        if !isMeeting { ready(in: universe) }
    }

    private func ring(_ universe: any Surroundings) {
        switch alarm.purpose {
        case .connect: connect(universe)
        case .pause: if isLoggedIn { ready(in: universe) }
        case .patience:
            if let awaited { lostPatience(awaited, in: universe) }
            if let connection { universe.close(connection) }
            lost(universe)
        case .breakOff:
            if let connection { universe.reset(connection) }
            lost(universe)
        }
    }

    private func lost(_ universe: any Surroundings) {
        let wasAsked = isLoggedIn && awaited != nil
        universe.chronicle?.end(.client(number), at: universe.clock.now, .lost)
        disconnected()
        retry(universe)
        if wasAsked { unanswered(in: universe) }
    }

    private func disconnected() {
        connection = nil
        isLoggedIn = false
        awaited = nil
        incoming = []
        stopAlarm()
    }

    private func retry(_ universe: any Surroundings) {
        failures += 1
        set(.connect, in: min(200 * millisecond, millisecond << Int64(min(8, failures))), universe)
    }

    private func set(_ purpose: Purpose, in delay: Int64, _ universe: any Surroundings) {
        alarm = (alarm.serial + 1, purpose)
        universe.remind(number, alarm.serial + Self.firstAlarm, in: delay)
    }

    private func stopAlarm() { alarm.serial += 1 }
}
