import Platform
import Primitives
import Wire

// Connections as the shard runs them: bytes in, frames out, requests begun, replies sent.

extension Shard where W: ~Copyable {
    // MARK: Life

    mutating func accepted(_ connection: ConnectionID, _ peer: PeerAddress) throws(MachineFailure) {
        let slot = Int(connection.slot)
        while sessions.count <= slot { sessions.append(nil) }
        try invariant(sessions[slot] == nil, "a connection's slot is free when it is accepted")
        let number = nextClientNumber
        nextClientNumber &+= UInt32(shardCount)
        sessions[slot] = Session(
            connection, peer: peer, clientID: number &+ UInt32(id.number), acceptedAt: now.nanoseconds)
        unauthenticatedCount += 1
        openCount += 1
        guard phase == .serving else { return try close(connection.slot) }
        guard openCount <= settings.limits.connectionsMax else {
            try noteRefusal()
            return try close(connection.slot)
        }
        if unauthenticatedCount > settings.limits.unauthenticatedConnectionsMax {
            try closeOldestUnauthenticated()
        }
        touch(connection.slot)
    }

    /// One line for many: who connects again and again must not fill the log.
    private mutating func noteRefusal() throws(MachineFailure) {
        guard now.nanoseconds >= refusalNotedUntil else { return }
        refusalNotedUntil = now.nanoseconds + settings.limits.complaintInterval
        try world.submit(
            .notice(
                Notice(.warning, .connectionRefused, UInt64(openCount), UInt64(settings.limits.connectionsMax))))
    }

    private mutating func closeOldestUnauthenticated() throws(MachineFailure) {
        var oldest: (slot: UInt32, acceptedAt: Int64)?
        for session in sessions {
            guard let session, session.state == .open, !session.isLoggedIn else { continue }
            if oldest == nil || session.acceptedAt < oldest?.acceptedAt ?? 0 {
                oldest = (session.connection.slot, session.acceptedAt)
            }
        }
        if let oldest { try close(oldest.slot) }
    }

    /// Asks the World to close; what was asked by this session goes on without it.
    mutating func close(_ slot: UInt32) throws(MachineFailure) {
        guard let session = sessions[Int(slot)], session.state != .closing else { return }
        sessions[Int(slot)]?.state = .closing
        if !session.isLoggedIn { unauthenticatedCount -= 1 }
        try leaveRow(session)
        if !world.isMutated(.closeForgotten) { try world.submit(.disconnect(session.connection)) }
    }

    mutating func disconnected(_ connection: ConnectionID) throws(MachineFailure) {
        guard let session = try session(of: connection) else { return }
        if session.state != .closing, !session.isLoggedIn { unauthenticatedCount -= 1 }
        for request in session.pending {
            // A buffer lent to another shard comes home with its answer, which then finds nobody to tell.
            if let lent = request.lent, let asked = request.asked, !world.isMutated(.orphanedLoanForgotten) {
                orphanedLoans.append(OrphanedLoan(serial: request.serial, buffer: lent, borrower: asked))
            }
        }
        if session.isInRow { stalled.removeAll { $0 == connection.slot } }
        try leaveRow(session)
        try giveRoomBack(session)
        try session.input.close(&buffers, &world)
        scratchHolds.removeAll(keepingCapacity: true)
        session.output.close(releasing: &scratchHolds)
        for place in scratchHolds.indices where !world.isMutated(.unsentRepliesNotReleased) {
            try release(scratchHolds[place])
        }
        sessions[Int(connection.slot)] = nil
        if !world.isMutated(.connectionsCountedOn) { openCount -= 1 }
        try closeStoreIfIdle()
    }

    private func session(of connection: ConnectionID) throws(MachineFailure) -> Session? {
        guard Int(connection.slot) < sessions.count, let session = sessions[Int(connection.slot)] else { return nil }
        try invariant(session.connection == connection, "an event names the connection that has the slot")
        return session
    }

    // MARK: Bytes

    mutating func received(_ connection: ConnectionID, _ slice: Slice) throws(MachineFailure) {
        let slot = Int(connection.slot)
        guard try session(of: connection) != nil else { return }
        try sessions[slot]?.input.received(slice, at: now)
        if slice.byteCount == 0 {
            // The peer has finished. Whole frames that came before are answered; a partial one is nothing.
            if sessions[slot]?.state == .open { sessions[slot]?.state = .finishing }
            if world.isMutated(.halfClosedCutOff) { try close(connection.slot) }
        }
        touch(connection.slot)
    }

    mutating func receiveFailed(_ connection: ConnectionID) throws(MachineFailure) {
        guard try session(of: connection) != nil else { return }
        sessions[Int(connection.slot)]?.input.receiveFailed()
        try close(connection.slot)
    }

    mutating func sendEnded(slot: UInt32, serial: UInt32, _ completion: Completion) throws(MachineFailure) {
        guard Int(slot) < sessions.count, sessions[Int(slot)]?.clientID == serial else {
            throw MachineFailure("a send ends before its connection does")
        }
        switch completion {
        case .done(let count):
            scratchHolds.removeAll(keepingCapacity: true)
            try sessions[Int(slot)]?.output.sent(count, releasing: &scratchHolds)
            for place in scratchHolds.indices { try release(scratchHolds[place]) }
            if !world.isMutated(.sendWakesNobody) { touch(slot) }
        case .failed:
            sessions[Int(slot)]?.output.sendFailed()
            try close(slot)
        case .opened, .space:
            throw MachineFailure("a send ends with a count or an error")
        }
    }

    mutating func release(_ hold: ReplyOutput.Hold) throws(MachineFailure) {
        switch hold {
        case .nothing: break
        case .buffer(let buffer): try buffers.release(buffer, &world)
        case .loan(let owner, let loan) where owner == id: try endLoan(loan)
        case .loan(let owner, let loan): try reply(to: owner, .reply(.piecesTaken, Letter.Words(loan)))
        }
    }

    // MARK: Frames

    mutating func touch(_ slot: UInt32) {
        guard let session = sessions[Int(slot)], !session.isTouched else { return }
        session.isTouched = true
        touched.append(slot)
    }

    /// Looks at the sessions that something happened to, first come, first served.
    mutating func advanceTouched() throws(MachineFailure) {
        var place = 0
        while place < touched.count {
            try advance(touched[place])
            place += 1
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Takes a session as far as it can go now: frames to requests, answers to replies, more bytes asked for.
    private mutating func advance(_ slot: UInt32) throws(MachineFailure) {
        guard let page = statusPage else { throw MachineFailure("a shard that has sessions has its page of statuses") }
        guard let session = sessions[Int(slot)] else { return }
        session.isTouched = false
        session.isStalled = false
        try takeFrames(slot)
        guard session.state != .closing else { return }
        session.moveAnswers(page)
        if case .over = session.largeFrame { try giveRoomBack(session) }
        try session.output.send(
            session.connection, token: Route(.session, slot: slot, detail: session.clientID).token, at: now,
            scratch: &scratchSlices, &world)
        try finishIfDone(slot)
        try receiveMore(slot)
    }

    private mutating func takeFrames(_ slot: UInt32) throws(MachineFailure) {
        let limits = settings.limits
        while let session = sessions[Int(slot)], session.state != .closing, !session.isStalled,
            session.pending.count < limits.pipelinedRequestsMax, phase == .serving,
            session.output.queuedBytes <= shares.repliesBytesMax
        {
            // A session that finishes takes what has already come.
            if session.state == .finishing, session.hasRefusedStream { return }
            let isLoggedIn = session.isLoggedIn
            let step = try session.input.next(world, at: now) { code in
                guard isLoggedIn else { return limits.unauthenticatedFrameBytesMax }
                return code == CommandCode.sendMessages.rawValue
                    ? limits.sendFrameBytesMax : limits.controlFrameBytesMax
            }
            switch step {
            case .needsMore:
                return
            case .otherDialect:
                // The other dialect is not spoken yet; its clients read a closed connection as "not here".
                return try close(slot)
            case .lengthTooShort:
                return refuseStream(slot)
            case .lengthTooLarge(let code, let frameByteCount):
                guard let code = CommandCode(rawValue: code) else {
                    return session.isSilent ? try close(slot) : refuseStream(slot)
                }
                // What the wire allows and our memory does not is read over and refused.
                if isLoggedIn, code == .sendMessages, frameByteCount <= limits.refusedSendBytesMax {
                    session.begin(PendingRequest(serial: takeSerial(), answer: .status(.tooBigMessagePayload)))
                    session.input.refuseFrame(byteCount: frameByteCount)
                    continue
                }
                // A command that needs a login is told so; its bytes are read over if they are not too many.
                guard !isLoggedIn, !code.worksBeforeLogin, frameByteCount <= limits.refusedFrameBytesMax else {
                    return refuseStream(slot)
                }
                session.begin(PendingRequest(serial: takeSerial(), answer: .status(.unauthenticated)))
                session.input.refuseFrame(byteCount: frameByteCount)
            case .frame(let frame):
                guard try begin(frame, slot) else { return }
            }
        }
    }

    /// Answers that the stream cannot be understood any more, and closes once that is sent.
    private mutating func refuseStream(_ slot: UInt32) {
        guard let session = sessions[Int(slot)] else { return }
        session.begin(PendingRequest(serial: takeSerial(), answer: .status(.invalidCommand)))
        session.state = .finishing
        session.hasRefusedStream = true
    }

    /// Begins the request of a frame; false when nothing more may be taken now.
    private mutating func begin(_ frame: Slice, _ slot: UInt32) throws(MachineFailure) -> Bool {
        guard let session = sessions[Int(slot)] else { return false }
        let head = Slice(frame.buffer, position: frame.position, byteCount: UInt32(ClassicRequestHead.byteCount))
        let codeNumber = try world.bytes(of: head).load(UInt32.self, at: 4) ?? 0
        guard let code = CommandCode(rawValue: codeNumber) else {
            if session.input.framesTaken == 1 {
                try close(slot)
                return false
            }
            let serial = takeSerial()
            session.begin(PendingRequest(serial: serial))
            session.largeFrameIsUnderWay(serial)
            _ = session.answer(serial, .status(.invalidCommand))
            return true
        }
        // Sends may wait together; any other command waits for all before it and is waited for.
        if let statusPage { session.moveAnswers(statusPage) }
        guard world.isMutated(.commandOvertakes) || session.pending.isEmpty || (code == .sendMessages && session.pending.allSatisfy(\.isSend)) else {
            try session.input.putBack(frame)
            return false
        }
        let payload = Slice(
            frame.buffer, position: frame.position + UInt32(ClassicRequestHead.byteCount),
            byteCount: frame.byteCount - UInt32(ClassicRequestHead.byteCount))
        let serial = takeSerial()
        session.begin(PendingRequest(serial: serial, isSend: code == .sendMessages))
        switch try run(code, payload, slot: slot, serial: serial) {
        case .begun:
            session.largeFrameIsUnderWay(serial)
            return true
        case .answered(let answer):
            session.largeFrameIsUnderWay(serial)
            _ = session.answer(serial, answer)
            return true
        case .stalled:
            // No memory or no credit: the frame is looked at again later, from the start.
            session.withdraw(serial)
            stall(session)
            try session.input.putBack(frame)
            return false
        }
    }

    mutating func takeSerial() -> UInt32 {
        defer { nextSerial &+= 1 }
        return nextSerial
    }

    private mutating func receiveMore(_ slot: UInt32) throws(MachineFailure) {
        guard let session = sessions[Int(slot)], session.state == .open, !session.isStalled else { return }
        guard session.pending.count < settings.limits.pipelinedRequestsMax, phase == .serving,
            session.output.queuedBytes <= shares.repliesBytesMax
        else { return session.input.forgetHunger() }
        // While a command runs alone, bytes behind it may wait in the socket.
        guard session.pending.allSatisfy({ $0.isSend || $0.answer != nil }) else { return }
        guard try admit(session) else { return }
        let isLoggedIn = session.isLoggedIn
        let hasRoom = try session.input.receive(
            session.connection, limits: settings.limits, guessMax: shares.receiveBytesMax, isLoggedIn: isLoggedIn,
            isAdmitted: session.largeFrame.isComing, at: now, &buffers, &world)
        if !hasRoom { stall(session) }
    }

    private mutating func finishIfDone(_ slot: UInt32) throws(MachineFailure) {
        guard let session = sessions[Int(slot)], session.pending.isEmpty, session.output.isEmpty,
            !session.isStalled
        else { return }
        if session.state == .finishing || phase != .serving { try close(slot) }
    }
}
