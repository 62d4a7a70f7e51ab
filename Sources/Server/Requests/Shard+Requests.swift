import Platform
import Primitives
import Wire

// From a frame's payload to what it sets in motion.

extension Shard where W: ~Copyable {
    enum Run {
        /// The answer comes later.
        case begun
        case answered(PendingRequest.Answer)
        /// Nothing was done; no memory or no credit now.
        case stalled
    }

    mutating func run(
        _ code: CommandCode, _ payload: Slice, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        guard let session = sessions[Int(slot)] else { throw MachineFailure("a request has its session") }
        guard session.isLoggedIn || code.worksBeforeLogin || world.isMutated(.loginNotNeeded) else {
            return .answered(.status(.unauthenticated))
        }
        let handling = code.handling
        if handling == .unavailable { return .answered(.status(.featureUnavailable)) }
        if code == .sendMessages, let run = try sendInPlace(payload, session, slot: slot, serial: serial) { return run }
        if code == .pollMessages, let run = try pollInPlace(payload, session, slot: slot, serial: serial) { return run }
        let request: Request
        switch try decode(code, payload) {
        case .success(let decoded): request = decoded
        case .failure(let error): return .answered(.status(error.code))
        }
        switch handling {
        case .here: return try answerHere(request, session, serial)
        case .login: return try beginLogin(request, slot: slot, serial: serial)
        case .catalog: return try wantChange(request, code, payload, session, slot: slot, serial: serial)
        case .partition: return try askPartition(request, payload, session, slot: slot, serial: serial)
        case .facts: return try gatherFacts(request, session, slot: slot, serial: serial)
        case .unavailable: return .answered(.status(.featureUnavailable))
        }
    }

    /// The borrow of the bytes ends here, so that what follows may change the shard.
    private func decode(_ code: CommandCode, _ payload: Slice) throws(MachineFailure) -> Result<Request, WireError> {
        let bytes = try world.bytes(of: payload)
        do throws(WireError) {
            return .success(try Request(decoding: bytes, code: code))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Answers from here

    private mutating func answerHere(
        _ request: Request, _ session: Session, _ serial: UInt32
    ) throws(MachineFailure) -> Run {
        switch request {
        case .ping:
            return .answered(.ok)
        case .logoutUser:
            if session.userID != nil { unauthenticatedCount += 1 }
            if !world.isMutated(.logoutForgotten) { session.userID = nil }
            session.path = PathCache()
            return .answered(.ok)
        case .getMe:
            return try answer(session, serial, .client(ClientRecord(session), groups: []))
        case .getClusterMetadata:
            // The names and default ports of a standalone Iggy server: clients stay with exactly one node.
            let node = ClusterNodeRecord(
                name: "iggy-node", address: settings.advertisedHost, tcpPort: settings.tcpPort, quicPort: 8_080,
                httpPort: 3_000, webSocketPort: 8_092)
            return try answer(session, serial, .cluster(ClusterRecord(name: "single-node", nodes: [node])))
        default:
            throw MachineFailure("a command is handled where its table says")
        }
    }

    /// Sends a reply with a payload; the request runs alone, so its turn is now.
    mutating func answer(_ session: Session, _ serial: UInt32, _ reply: Reply) throws(MachineFailure) -> Run {
        var writer = ByteWriter()
        reply.encodeFrame(into: &writer)
        guard let slice = try lend(writer.bytes) else { return .stalled }
        session.output.append(slice, hold: .buffer(slice.buffer))
        _ = session.finish(serial)
        return .begun
    }

    /// The session that still waits for this request; nil when it is gone.
    func waiting(slot: UInt32, serial: UInt32) -> Session? {
        guard Int(slot) < sessions.count, let session = sessions[Int(slot)],
            session.pendingRequest(serial) != nil, session.state != .closing
        else { return nil }
        return session
    }

    // MARK: Login

    private mutating func beginLogin(
        _ request: Request, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        guard case .loginUser(let login) = request else {
            throw MachineFailure("a command is handled where its table says")
        }
        do throws(WireError) { try request.checkLimits() } catch { return .answered(.status(error.code)) }
        guard let session = sessions[Int(slot)], logins.count < settings.limits.loginsMax,
            mayLogIn(session, login.name)
        else { return .stalled }
        // An unknown name costs one hash as well, so that time does not tell which names exist.
        let user = catalog.user(named: login.name)
        let hash = user?.passwordHash ?? PasswordSetting.fresh(salt: (0, 0))
        guard let job = try CryptJob(password: login.password, setting: hash, &buffers, &world) else { return .stalled }
        session.loginNotBefore = nil
        let check = logins.insert(
            LoginCheck(
                slot: slot, serial: serial, name: login.name, peer: session.peer, userID: user?.id, hash: hash, job: job))
        try job.submit(Route(check: check).token, &world)
        return .begun
    }

    /// Whether its time has come. How long a login waits is settled when it comes first: one that has waited waits no
    /// longer because of what others tried meanwhile.
    private func mayLogIn(_ session: Session, _ name: Name) -> Bool {
        let time: Int64
        if let settled = session.loginNotBefore {
            time = settled
        } else {
            time = now.nanoseconds + loginThrottle.delay(name, from: session.peer, at: now, settings.limits)
            session.loginNotBefore = time
        }
        return now.nanoseconds >= time
    }

    mutating func cryptEnded(check: UInt64, _ completion: Completion) throws(MachineFailure) {
        guard let login = logins.remove(check) else { throw MachineFailure("a password is checked once") }
        let hash = try login.job.finish(completion, &buffers, &world)
        retryStalled(settings.limits.retriesMax)
        let isRight = hash.map { isEqualInConstantTime($0, login.hash) } == true || world.isMutated(.anyPasswordTaken)
        let userID = isRight ? login.userID : nil
        // Who goes away before the answer has failed or succeeded all the same.
        if userID != nil {
            loginThrottle.succeeded(login.name)
        } else if hash != nil {
            loginThrottle.failed(login.name, from: login.peer, at: now, settings.limits)
        }
        guard let session = waiting(slot: login.slot, serial: login.serial) else { return }
        touch(login.slot)
        guard let userID else {
            _ = session.answer(login.serial, .status(hash == nil ? .featureUnavailable : .invalidCredentials))
            return
        }
        if session.userID == nil { unauthenticatedCount -= 1 }
        session.userID = userID
        session.path = PathCache()
        if case .stalled = try answer(session, login.serial, .identity(userID: userID)) { try close(login.slot) }
    }

    // MARK: Changes of the catalog

    private mutating func wantChange(
        _ request: Request, _ code: CommandCode, _ payload: Slice, _ session: Session, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        do throws(WireError) { try request.checkLimits() } catch { return .answered(.status(error.code)) }
        guard let user = session.userID else { return .answered(.status(.unauthenticated)) }
        if case .createStream = request { session.setCreates(serial, .stream) }
        if case .createTopic(let wanted) = request { session.setCreates(serial, .topic(of: wanted.stream)) }
        if id == .catalog {
            keeper?.enqueue(
                CatalogKeeper.Wanted(
                    requester: .session(slot: slot, serial: serial), proposal: .request(request, user: user)))
            try decideNext()
            return .begun
        }
        guard mayAsk(.catalog) else { return .stalled }
        try buffers.retain(payload.buffer)
        session.setLoan(serial, asked: .catalog, lent: payload.buffer)
        try ask(
            .catalog,
            .request(
                .change,
                Letter.Words(UInt64(slot) << 32 | UInt64(serial), UInt64(user), UInt64(code.rawValue)),
                lending: payload))
        return .begun
    }

    mutating func changeWanted(_ letter: Letter, by shard: ShardID) throws(MachineFailure) {
        guard let lent = letter.lent, let code = UInt32(exactly: letter.words.c).flatMap(CommandCode.init(rawValue:)),
            let user = UInt32(exactly: letter.words.b)
        else { throw MachineFailure("a change wanted by mail is whole") }
        guard case .success(let request) = try decode(code, lent) else {
            throw MachineFailure("a shard asks for what it could decode")
        }
        let requester = CatalogKeeper.Requester.shard(shard, ref: letter.words.a, lent: lent)
        guard !hasClosedStore else { return try answerChange(requester, .status(.disconnected), id: 0) }
        keeper?.enqueue(CatalogKeeper.Wanted(requester: requester, proposal: .request(request, user: user)))
        try decideNext()
    }

    mutating func changedElsewhere(_ letter: Letter) throws(MachineFailure) {
        let slot = UInt32(truncatingIfNeeded: letter.words.a >> 32)
        let serial = UInt32(truncatingIfNeeded: letter.words.a)
        try loanHome(slot: slot, serial: serial, lent: letter.lent)
        guard let answer = ChangeAnswer(word: letter.words.b), let created = UInt32(exactly: letter.words.c) else {
            throw MachineFailure("shard 0 answers with a status and an id")
        }
        try changeAnswered(slot: slot, serial: serial, answer, id: created)
    }

    /// The change is everywhere, or refused: the session that wanted it is told.
    mutating func changeAnswered(
        slot: UInt32, serial: UInt32, _ answer: ChangeAnswer, id created: UInt32
    ) throws(MachineFailure) {
        guard let session = waiting(slot: slot, serial: serial) else { return }
        touch(slot)
        switch answer {
        case .status(let code): _ = session.answer(serial, .status(code))
        case .unknown: try close(slot)
        case .ok:
            guard let reply = session.pendingRequest(serial)?.creates.flatMap({ self.created(of: $0, id: created) }) else {
                _ = session.answer(serial, .ok)
                return
            }
            if case .stalled = try self.answer(session, serial, reply) { try close(slot) }
        }
    }

    /// The reply to a create command: the new thing, empty, as this shard's catalog has it.
    private func created(of kind: PendingRequest.Creates, id: UInt32) -> Reply? {
        switch kind {
        case .stream:
            guard let place = catalog.streamIndex(id: id) else { return nil }
            return .stream(StreamRecord(catalog.streams[place], Facts()), topics: [])
        case .topic(let stream):
            guard let stream = catalog.stream(stream), let place = stream.topicIndex(id: id) else { return nil }
            return .topic(TopicRecord(stream.topics[place], Facts()), partitions: stream.topics[place].records())
        }
    }

    /// The outcome of what this session asked of a lost shard is not known: closing says so.
    mutating func outcomeUnknown(slot: UInt32, asked lost: ShardID) throws(MachineFailure) {
        guard let session = sessions[Int(slot)] else { return }
        var isAffected = session.output.forgetLoans(of: lost)
        for request in session.pending where request.asked == lost {
            // What was lent to it is home with its loss.
            if let buffer = session.takeLoan(request.serial), !world.isMutated(.lostLenderNotReleased) {
                try buffers.release(buffer, &world)
            }
            isAffected = true
        }
        if isAffected { try close(slot) }
    }
}

/// A password being checked.
struct LoginCheck {
    let slot: UInt32
    let serial: UInt32
    let name: Name
    let peer: PeerAddress
    /// Nil when there is no such user: the answer is the same.
    let userID: UInt32?
    let hash: [UInt8]
    let job: CryptJob
}

extension Route {
    /// A login check's number: its place is the slot, which is small, and its generation, which grows with every
    /// login, the detail.
    init(check: UInt64) {
        self.init(.access, slot: UInt32(truncatingIfNeeded: check), detail: UInt32(truncatingIfNeeded: check >> 32))
    }

    var check: UInt64 { UInt64(detail) << 32 | UInt64(slot) }
}
