public import Platform

// Connections: what shards and actors do to the byte streams between them.

extension Universe {
    // MARK: The actor's side

    /// Adds an actor; it is told `timer(0)` after `delay` nanoseconds.
    @discardableResult
    public func add(_ actor: Actor, startingIn delay: Int64) -> UInt16 {
        actors.append(actor)
        happen(.clientTimer, in: delay, actor: actors.count - 1)
        return UInt16(actors.count - 1)
    }

    /// Tells the actor `timer(number)` after `delay` nanoseconds.
    public func remind(_ actor: UInt16, _ number: UInt32, in delay: Int64) {
        happen(.clientTimer, in: delay, actor: Int(actor), slot: number)
    }

    /// Begins to connect, to `wanted` or to any shard; `connected` or `refused` follows.
    public func connect(_ actor: UInt16, to wanted: ShardID? = nil) -> UInt32 {
        let number = UInt32(connections.count)
        let window = settings.network.windowBytes
        connections.append(
            Connection(
                actor: actor,
                peer: PeerAddress(ipv4: 0x0a00_0000 | UInt32(actor), port: UInt16(truncatingIfNeeded: 1_024 + number)),
                toServer: ByteStream(windowBytes: window), toClient: ByteStream(windowBytes: window), wanted: wanted))
        counts.connections += 1
        happen(.connect, in: tape.latency(settings.network.latency, .network) + disturbedConnectDelay, slot: number)
        return number
    }

    /// Sends bytes to the server. What the client sends it holds itself, so this side has no window.
    public func send(_ connection: UInt32, _ bytes: [UInt8]) {
        guard !connections[Int(connection)].isClientClosed, !connections[Int(connection)].isReset else { return }
        if connections[Int(connection)].isServerClosed {
            // Bytes for a socket that is gone are answered with a reset.
            resetByServer(connection)
            return
        }
        let request = faults.disturbing.isEmpty ? (bytes: bytes, isLast: false) : disturbedRequest(bytes)
        for piece in cut(request.bytes + (breaks(.requestTwice, at: counts.operations) ? request.bytes : [])) {
            connections[Int(connection)].toServer.depart(piece)
            scheduleArrival(atServer: true, connection)
        }
        if request.isLast {
            connections[Int(connection)].toServer.isFinished = true
            scheduleArrival(atServer: true, connection)
        }
    }

    /// Takes waiting bytes, at most `byteCountMax`.
    public func take(_ connection: UInt32, byteCountMax: Int = .max) -> [UInt8] {
        let bytes = connections[Int(connection)].toClient.take(byteCountMax)
        if !bytes.isEmpty { offerSend(connection, isFirst: false) }
        return bytes
    }

    public func waiting(_ connection: UInt32) -> Int { connections[Int(connection)].toClient.available }

    /// The client has no more to send and no more to hear.
    public func close(_ connection: UInt32) {
        guard !connections[Int(connection)].isClientClosed else { return }
        connections[Int(connection)].isClientClosed = true
        chronicle?.end(.network, key: UInt64(connection), at: clock.now, .done)
        connections[Int(connection)].toServer.isFinished = true
        scheduleArrival(atServer: true, connection)
    }

    /// The client has no more to send, and waits for what comes.
    func finishSending(_ connection: UInt32) {
        guard !connections[Int(connection)].isClientClosed, !connections[Int(connection)].isReset else { return }
        connections[Int(connection)].toServer.isFinished = true
        scheduleArrival(atServer: true, connection)
    }

    /// The client's machine lost interest: the server sees a reset.
    public func reset(_ connection: UInt32) {
        guard !connections[Int(connection)].isClientClosed else { return }
        connections[Int(connection)].isClientClosed = true
        chronicle?.end(.network, key: UInt64(connection), at: clock.now, .failed("reset by the client"))
        connections[Int(connection)].isReset = true
        connections[Int(connection)].toServer.discard()
        scheduleArrival(atServer: true, connection)
    }

    /// A piece of the path broke: both sides see a reset.
    func breakConnection(_ connection: UInt32) {
        guard !connections[Int(connection)].isReset, !connections[Int(connection)].isClientClosed else { return }
        connections[Int(connection)].isReset = true
        chronicle?.end(.network, key: UInt64(connection), at: clock.now, .failed("the path broke"))
        connections[Int(connection)].toServer.discard()
        connections[Int(connection)].toClient.discard()
        scheduleArrival(atServer: true, connection)
        scheduleArrival(atServer: false, connection)
    }

    /// Connections that both sides still hold.
    var openConnections: [UInt32] {
        connections.indices.filter {
            connections[$0].shard != nil && !connections[$0].isClientClosed && !connections[$0].isServerClosed
                && !connections[$0].isReset && !connections[$0].clientKnowsEnd
        }.map { UInt32($0) }
    }

    private func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        if !faults.disturbing.isEmpty, let pieces = disturbedPieces(bytes) { return pieces }
        let oneIn = settings.network.segmentation
        guard oneIn > 0, bytes.count > 1, tape.happens(1, of: oneIn, .network) else { return [bytes] }
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let longest = UInt32(min(bytes.count - start, 1 << 20))
            let count = pieces.count < 8 ? 1 + Int(tape.draw(min(longest, 700), .network)) : bytes.count - start
            pieces.append(Array(bytes[start..<start + count]))
            start += count
        }
        return pieces
    }

    private func scheduleArrival(atServer: Bool, _ connection: UInt32) {
        let index = Int(connection)
        let earliest = max(clock.now, connections[index].stalledUntil)
        let latency = tape.latency(settings.network.latency, .network)
        var time = earliest + latency
        if !faults.disturbing.isEmpty { time += disturbedLatency(atServer: atServer, connection, latency) }
        if atServer {
            time = max(time, connections[index].toServer.lastArrival)
            connections[index].toServer.lastArrival = time
        } else {
            time = max(time, connections[index].toClient.lastArrival)
            connections[index].toClient.lastArrival = time
        }
        happen(atServer ? .arriveAtServer : .arriveAtClient, in: time - clock.now, slot: connection)
    }

    // MARK: Arrivals

    func reachListener(_ connection: UInt32) {
        let index = Int(connection)
        let actor = Int(connections[index].actor)
        let wanted = connections[index].wanted.map { Int($0.number) }
        let listeners = shards.indices.filter {
            shards[$0].cell != nil && shards[$0].desk?.isAccepting == true && (wanted ?? $0) == $0
        }
        guard !connections[index].isClientClosed, !listeners.isEmpty, process.isRunning, !process.isStopping,
            faults.disturbing.isEmpty || !isConnectRefused
        else {
            if connections[index].isClientClosed { return }
            connections[index].isClientClosed = true
            actors[actor].handle(.refused(connection), in: self)
            return
        }
        let shard = listeners[Int(tape.draw(UInt32(listeners.count), .network))]
        guard let desk = shards[shard].desk else { return }
        let name = desk.namePeer(connection)
        connections[index].shard = desk.shard
        connections[index].name = name
        connections[index].generation = desk.generation
        chronicle?.begin(
            .network, key: UInt64(connection), "\(actors[actor].title), connected to shard \(shard)", at: clock.now)
        post(.accepted(name, connections[index].peer), to: shard)
        actors[actor].handle(.connected(connection), in: self)
    }

    func arriveAtServer(_ connection: UInt32) {
        let index = Int(connection)
        // Bytes come before the end: one arrival was scheduled for each.
        if !connections[index].toServer.arrive() {
            if connections[index].toServer.isFinished { connections[index].toServer.hasEnded = true }
        }
        offerReceive(connection)
        if connections[index].isReset { offerSend(connection, isFirst: false) }
    }

    func arriveAtClient(_ connection: UInt32) {
        let index = Int(connection)
        let actor = Int(connections[index].actor)
        guard !connections[index].isClientClosed else {
            connections[index].toClient.discard()
            offerSend(connection, isFirst: false)
            return
        }
        if connections[index].toClient.arrive() {
            actors[actor].handle(.readable(connection), in: self)
        } else if connections[index].isServerClosed || connections[index].isReset,
            !connections[index].clientKnowsEnd
        {
            connections[index].clientKnowsEnd = true
            actors[actor].handle(.ended(connection, isReset: connections[index].isReset), in: self)
        }
    }

    // MARK: The server's side

    private func desk(of connection: UInt32) -> (desk: Desk, peer: Int, shard: Int)? {
        let index = Int(connection)
        guard let shard = connections[index].shard, let name = connections[index].name,
            Int(shard.number) < shards.count,
            let desk = shards[Int(shard.number)].desk, desk.generation == connections[index].generation,
            desk.peers[Int(name.slot)].connection == connection
        else { return nil }
        return (desk, Int(name.slot), Int(shard.number))
    }

    /// Ends the receive that waits, if there is something to tell.
    func offerReceive(_ connection: UInt32) {
        let index = Int(connection)
        guard
            connections[index].isReset || connections[index].toServer.available > 0
                || connections[index].toServer.hasEnded
        else { return }
        guard let (desk, peer, shard) = desk(of: connection), let slot = desk.peers[peer].receive,
            let inFlight = desk.operations[slot], !inFlight.isScheduled, !inFlight.isDone
        else { return }
        complete(desk, shard, slot, in: tape.latency(microsecond...20 * microsecond, .network))
    }

    /// Ends the send that waits, if there is room or no hope.
    func offerSend(_ connection: UInt32, isFirst: Bool) {
        guard let (desk, peer, shard) = desk(of: connection), let slot = desk.peers[peer].send,
            let inFlight = desk.operations[slot], !inFlight.isScheduled, !inFlight.isDone
        else { return }
        let index = Int(connection)
        guard
            connections[index].isReset || connections[index].isClientClosed || connections[index].toClient.room > 0
                || inFlight.slices.allSatisfy({ $0.byteCount == 0 })
        else { return }
        complete(desk, shard, slot, in: tape.latency(microsecond...30 * microsecond, .network))
    }

    func executeReceive(_ slot: UInt32, _ peer: ConnectionID, _ into: Slice?, _ isCanceled: Bool, _ desk: Desk) -> Event? {
        guard !isCanceled, let connection = desk.peers[Int(peer.slot)].connection else {
            return .receiveFailed(peer, .canceled)
        }
        let index = Int(connection)
        if connections[index].isReset { return .receiveFailed(peer, .connectionReset) }
        var slice = into
        if slice == nil {
            guard let buffer = pool.allocate(
                    byteCount: settings.receiveByteCount, for: desk.shard, isServing: desk.isAccepting) else {
                // No memory: look again a little later, as the real loop does.
                complete(desk, Int(desk.shard.number), slot, in: millisecond)
                return nil
            }
            slice = Slice(buffer, position: 0, byteCount: UInt32(settings.receiveByteCount))
        }
        guard let slice else { return nil }
        var bytes = connections[index].toServer.take(Int(slice.byteCount))
        if bytes.count > 1, breaks(.receiveLosesByte, at: counts.operations) { bytes.removeLast() }
        copy(bytes[...], slice)
        return .received(peer, Slice(slice.buffer, position: slice.position, byteCount: UInt32(bytes.count)))
    }

    func executeSend(
        _ slot: UInt32, _ peer: ConnectionID, _ token: Token, _ inFlight: Desk.InFlight, _ desk: Desk
    ) -> Event? {
        guard !inFlight.isCanceled, let connection = desk.peers[Int(peer.slot)].connection else {
            return .failed(token, .canceled)
        }
        let index = Int(connection)
        if connections[index].isReset { return .failed(token, .connectionReset) }
        if connections[index].isClientClosed { return .failed(token, .brokenPipe) }
        let bytes = gather(inFlight.slices)
        if bytes.isEmpty { return .completed(token, count: 0) }
        if desk.losesNextReply || breaks(.replyLost, at: counts.operations) {
            desk.losesNextReply = false
            return .completed(token, count: bytes.count)
        }
        let room = connections[index].toClient.room
        guard room > 0 else { return nil }
        var count = min(room, bytes.count)
        if count > 1, tape.happens(1, of: 16, .network) { count = 1 + Int(tape.draw(UInt32(count - 1), .network)) }
        faults.served(Int(desk.shard.number), serial: desk.generation, shardCount: shards.count)
        let sent = Array(bytes.prefix(count))
        for piece in cut(sent + (breaks(.replyTwice, at: counts.operations) ? sent : [])) {
            connections[index].toClient.depart(piece)
            scheduleArrival(atServer: false, connection)
        }
        if !faults.disturbing.isEmpty { disturbAnswer(connection) }
        return .completed(token, count: settings.sabotage == .shortSendReportedWhole ? bytes.count : count)
    }

    /// A `disconnect` begins: what waits ends with `canceled`, and the peer sees the end.
    func closeByServer(_ desk: Desk, _ peer: ConnectionID, _ slot: UInt32, _ shard: Int) {
        if let connection = desk.peers[Int(peer.slot)].connection {
            let index = Int(connection)
            connections[index].isServerClosed = true
            chronicle?.end(.network, key: UInt64(connection), at: clock.now, .done)
            // Closing with bytes unread is a reset, and what was under way to the client may be lost.
            if connections[index].toServer.available > 0, !connections[index].isClientClosed {
                connections[index].isReset = true
                if tape.happens(1, of: 2, .network) { connections[index].toClient.discard() }
            }
            scheduleArrival(atServer: false, connection)
        }
        if let receive = desk.peers[Int(peer.slot)].receive { cancel(receive, desk, shard) }
        if let send = desk.peers[Int(peer.slot)].send { cancel(send, desk, shard) }
        complete(desk, shard, slot, in: tape.latency(microsecond...50 * microsecond, .network))
    }

    func executeDisconnect(_ slot: UInt32, _ peer: ConnectionID, _ desk: Desk, _ shard: Int) -> Event? {
        if breaks(.disconnectUntold, at: counts.operations) { return nil }
        let entry = desk.peers[Int(peer.slot)]
        for waiting in [entry.receive, entry.send] {
            if let waiting, desk.operations[waiting]?.isDone == false {
                complete(desk, shard, slot, in: microsecond)
                return nil
            }
        }
        return .disconnected(peer)
    }

    /// The server's end is gone without a word: its process or shard ended.
    func resetByServer(_ connection: UInt32) {
        let index = Int(connection)
        guard !connections[index].isServerClosed || !connections[index].clientKnowsEnd else { return }
        connections[index].isServerClosed = true
        connections[index].isReset = true
        chronicle?.end(.network, key: UInt64(connection), at: clock.now, .failed("reset by the server's end"))
        connections[index].toServer.discard()
        if tape.happens(1, of: 2, .network) { connections[index].toClient.discard() }
        if let (fault, disturbance) = faults.firstDisturbance(.silentServer) {
            connections[index].stalledUntil = clock.now + disturbance.strength * millisecond
            met(fault)
        }
        scheduleArrival(atServer: false, connection)
    }
}
