import Platform

// Who may have memory, before it is taken: bounds for what clients ask for at a time.
//
// Large frames of all shards share one room. Who waits for it stands in a row, and each shard tells shard 0 (by mail, and
// of one thing at a time) what the first in its row wants and what is used no more; shard 0 gives room in the order in
// which they asked.

extension Shard where W: ~Copyable {
    /// Whether the session may receive on. A frame that will be large waits in its socket, with the little that came of
    /// it, until there is room for all of it; of each connection one at a time.
    mutating func admit(_ session: Session) throws(MachineFailure) -> Bool {
        guard isBeginningOfLargeFrame(session) else { return true }
        if session.largeFrame == .none {
            session.largeFrame = .waiting
            // Buffers are powers of two.
            let byteCount = 1 << (Int.bitWidth - (session.input.claimedByteCount - 1).leadingZeroBitCount)
            roomUse.wait(
                RoomUse.Waiter(slot: session.connection.slot, byteCount: byteCount, since: now.nanoseconds))
            try roomChanged()
        }
        return session.largeFrame.isComing
    }

    private func isBeginningOfLargeFrame(_ session: Session) -> Bool {
        session.input.claimedByteCount > settings.limits.largeFrameBytes
            && session.input.pendingByteCount >= settings.limits.receiveBytesMin / 2
    }

    /// The session is about to end: it waits no more. What it holds it holds until it is gone.
    mutating func leaveRow(_ session: Session) throws(MachineFailure) {
        guard session.largeFrame == .waiting else { return }
        session.largeFrame = .none
        roomUse.leave(session.connection.slot)
        try roomChanged()
    }

    /// The session's large frame needs its room no more.
    mutating func giveRoomBack(_ session: Session) throws(MachineFailure) {
        guard session.largeFrame.byteCount > 0 else { return }
        if !world.isMutated(.roomNotGivenBack) { roomUse.giveBack(session.largeFrame.byteCount) }
        session.largeFrame = .none
        try roomChanged()
    }

    // MARK: Shard 0 and the others

    /// Tells shard 0 what it does not know yet, and there gives what can be given.
    mutating func roomChanged() throws(MachineFailure) {
        try tellRoom()
        try grantRoom()
    }

    private mutating func tellRoom() throws(MachineFailure) {
        guard let news = roomUse.news else { return }
        if id == .catalog {
            roomUse.tell(news)
            try frameRoom?.hear(news, from: id)
            return roomUse.heard()
        }
        // Without a credit a tick tries again.
        guard peers.hasCredit(.catalog, reserved: true) else { return }
        roomUse.tell(news)
        try ask(
            .catalog,
            .request(
                .room,
                Letter.Words(
                    UInt64(news.returned.bytes), UInt64(news.returned.frames), UInt64(news.wantedBytes),
                    UInt64(bitPattern: news.since), news.number)))
    }

    private mutating func grantRoom() throws(MachineFailure) {
        while let grant = frameRoom?.next {
            frameRoom?.charge(grant)
            if grant.shard == id {
                if world.isMutated(.roomOfOwnFramesForgotten) { frameRoom?.has(id, .none) }
                try roomGranted(grant.byteCount, number: grant.number)
            } else {
                try reply(
                    to: grant.shard, .reply(.roomGranted, Letter.Words(UInt64(grant.byteCount), grant.number)))
            }
        }
    }

    private mutating func roomGranted(_ byteCount: Int, number: UInt64) throws(MachineFailure) {
        if let waiter = roomUse.granted(byteCount, number: number), let session = sessions[Int(waiter.slot)] {
            session.largeFrame = .coming(byteCount: waiter.byteCount, since: now.nanoseconds)
            if !world.isMutated(.roomWakesNobody) { touch(waiter.slot) }
        }
        try tellRoom()
    }

    mutating func roomAsked(_ letter: Letter, by shard: ShardID) throws(MachineFailure) {
        let words = letter.words
        guard let bytes = Int(exactly: words.a), let frames = Int(exactly: words.b), let wanted = Int(exactly: words.c)
        else { throw MachineFailure("news of room by mail is whole") }
        try frameRoom?.hear(
            RoomNews(
                returned: RoomAmount(bytes: bytes, frames: frames), wantedBytes: wanted,
                since: Int64(bitPattern: words.d), number: words.e),
            from: shard)
        try reply(to: shard, .reply(.roomHeard))
        try grantRoom()
    }

    mutating func roomHeard() throws(MachineFailure) {
        if !world.isMutated(.roomAnswerForgotten) { roomUse.heard() }
        try tellRoom()
    }

    mutating func roomGranted(_ letter: Letter) throws(MachineFailure) {
        guard let byteCount = Int(exactly: letter.words.a) else { throw MachineFailure("room by mail is whole") }
        try roomGranted(byteCount, number: letter.words.b)
    }

    /// A shard joins and tells what it has.
    mutating func roomHeld(_ letter: Letter, by shard: ShardID) throws(MachineFailure) {
        guard let bytes = Int(exactly: letter.words.b), let frames = Int(exactly: letter.words.c) else {
            throw MachineFailure("news of room by mail is whole")
        }
        frameRoom?.has(shard, RoomAmount(bytes: bytes, frames: frames))
        try grantRoom()
    }

    /// Asks shard 0 for the catalog, and tells it what this shard has.
    mutating func join() throws(MachineFailure) {
        let held = roomUse.held
        try ask(
            .catalog, .request(.join, Letter.Words(UInt64(generation), UInt64(held.bytes), UInt64(held.frames))))
        roomUse.joined()
    }

    /// What the lost shard had is free; what a lost shard 0 was told is forgotten.
    mutating func roomPeerLost(_ lost: ShardID) {
        frameRoom?.lose(lost)
        if lost == .catalog { roomUse.pause() }
    }

    // MARK: Frames that are slow

    /// While others wait for room, a large frame has to be whole after a while. One shard after the other is asked to end
    /// the one that has come for longest.
    mutating func recallRoom() throws(MachineFailure) {
        try roomChanged()
        let since = now.nanoseconds - settings.limits.largeFrameWithin
        guard let shard = frameRoom?.recall(wishesFrom: since) else { return }
        if shard == id {
            try endSlowLargeFrame()
            frameRoom?.looked(shard)
        } else if peers.hasCredit(shard, reserved: true) {
            try ask(shard, .request(.roomRecalled))
        } else {
            frameRoom?.looked(shard)
        }
    }

    mutating func roomRecalled(by shard: ShardID) throws(MachineFailure) {
        try endSlowLargeFrame()
        try reply(to: shard, .reply(.roomLooked))
    }

    private mutating func endSlowLargeFrame() throws(MachineFailure) {
        let since = now.nanoseconds - settings.limits.largeFrameWithin
        var slowest: (slot: UInt32, since: Int64, byteCount: Int)?
        for session in sessions {
            guard let session, session.state != .closing, case .coming(_, let begun) = session.largeFrame,
                begun <= slowest?.since ?? since
            else { continue }
            slowest = (session.connection.slot, begun, session.input.pendingByteCount)
        }
        guard let slowest else { return }
        try world.submit(.notice(Notice(.warning, .frameGivenUp, UInt64(clamping: slowest.byteCount))))
        try close(slowest.slot)
    }

    // MARK: Laws

    func checkRoom() throws(MachineFailure) {
        var used = RoomAmount.none
        for session in sessions {
            guard let session else { continue }
            let byteCount = session.largeFrame.byteCount
            if byteCount > 0 { used = used + RoomAmount(bytes: byteCount, frames: 1) }
            let places = roomUse.row.count { $0.slot == session.connection.slot }
            try invariant(
                places == (session.largeFrame == .waiting ? 1 : 0) && (places == 0 || session.state != .closing),
                "who waits for room is open and stands in the row once")
        }
        try invariant(used == roomUse.held, "room is held for large frames that are there")
        try frameRoom?.checkInvariants()
    }
}
