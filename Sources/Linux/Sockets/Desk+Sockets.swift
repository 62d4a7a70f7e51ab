import CLinux
import Platform

// Sockets are tried at once where an edge said that they are ready, and otherwise left until one does.

extension Desk {
    /// Accepted in one round; more wait for the next.
    private static let acceptsMax = 64
    private static let complaintInterval: Int64 = 10_000_000_000

    // MARK: Accepting

    func startAccepting() {
        if let number = listener?.listen(poller) {
            exchange.control.exit(.failed(.cannotListen(listenPoint.configured, Errno(number: number))))
        } else {
            exchange.control.markReady(shard)
        }
    }

    func closeListener() {
        listener?.close()
        listener = nil
        isAcceptPending = false
        acceptAt = nil
    }

    /// Resets the connections that nobody accepted, and keeps the port for the Machine to come.
    func replaceListener() {
        guard listener != nil else { return }
        do throws(StartFailure) {
            let bound = try listenPoint.bind()
            closeListener()
            listener = Listener(owning: bound)
        } catch {
            closeListener()
            exchange.control.exit(.failed(error))
        }
    }

    func acceptSome() {
        isAcceptPending = false
        guard listener != nil, acceptAt == nil else { return }
        var goneCount = 0
        for _ in 0..<Self.acceptsMax {
            switch listener?.accept(hasRoom: hasRoomForConnection()) {
            case .accepted(let socket, let peer):
                let id = connections.insert(socket)
                if poller.add(socket, .connection(id)) {
                    ready.append(.accepted(id, peer))
                } else {
                    connections.remove(id)
                    _ = galgo_close(socket)
                }
            case .gone: goneCount += 1
            case .nobody, nil: return
            case .refused(let refusal): return pauseAccepting(refusal)
            }
        }
        if goneCount == Self.acceptsMax { return pauseAccepting(.peers) }
        isAcceptPending = true
    }

    /// Descriptors of sockets that linger count; those who come go before those who leave.
    private func hasRoomForConnection() -> Bool {
        if connections.count + lingering.count >= connectionsMax { lingering.closeOldest() }
        return connections.count + lingering.count < connectionsMax
    }

    private func pauseAccepting(_ refusal: AcceptRefusal) {
        acceptAt = unsafe now.nanoseconds + Listener.pauseNanoseconds
        guard unsafe complainAt <= now.nanoseconds else { return }
        complainAt = unsafe now.nanoseconds + Self.complaintInterval
        log(.warning, refusal.text)
    }

    // MARK: Receiving

    func receive(_ id: ConnectionID, into slice: Slice) throws(MachineFailure) {
        try connections.check(id)
        try invariant(!connections[id].isReceiving, "at most one receive of a connection is in flight")
        try invariant(slice.byteCount > 0, "a receive has room")
        connections[id].receive = .into(try hold(slice))
        if connections[id].isReadable { try receiveSoon(id) }
    }

    func receiveFresh(_ id: ConnectionID) throws(MachineFailure) {
        try connections.check(id)
        try invariant(!connections[id].isReceiving, "at most one receive of a connection is in flight")
        connections[id].receive = .fresh
        if connections[id].isReadable { try receiveNow(id) }
    }

    func connectionIsReady(_ id: ConnectionID, _ readiness: Readiness) throws(MachineFailure) {
        // An event of the same wait may have closed it.
        guard connections.contains(id) else { return }
        if readiness.hasHungUp { connections[id].hasHungUp = true }
        if readiness.canReceive {
            connections[id].isReadable = true
            if connections[id].isReceiving { try receiveSoon(id) }
        }
        if readiness.canSend, let parked = connections[id].send { try sendParked(id, parked) }
    }

    /// Tries the receive that waits; a large one when everything ready has been handled, so that the copy of one
    /// request does not delay the answer to the one before.
    private func receiveSoon(_ id: ConnectionID) throws(MachineFailure) {
        guard case .into(let hold) = connections[id].receive, hold.slice.byteCount >= configuration.patientReceiveBytes
        else { return try receiveNow(id) }
        if connections[id].isPatient { return }
        connections[id].isPatient = true
        patient.append(id)
    }

    /// Makes one of the large receives: one in a round, so that the loop looks at the world between two of them.
    func receivePatiently() throws(MachineFailure) {
        while let id = patient.take() {
            // What came meanwhile may have closed it.
            guard connections.contains(id) else { continue }
            connections[id].isPatient = false
            guard connections[id].isReceiving, connections[id].isReadable else { continue }
            unsafe hasReceivedPatiently = true
            return try receiveNow(id)
        }
    }

    /// Tries the receive that waits, if memory allows.
    func receiveNow(_ id: ConnectionID) throws(MachineFailure) {
        switch connections[id].receive {
        case .none: return
        case .into(let hold):
            guard let result = try receive(id, hold.slice) else { return }
            holds.end(hold)
            finishReceive(id, hold.slice, result)
        case .fresh:
            guard let buffer = pool.allocate(byteCount: configuration.receiveBytes) else { return starve(id) }
            let slice = Slice(buffer, position: 0, byteCount: UInt32(truncatingIfNeeded: configuration.receiveBytes))
            let result = try receive(id, slice)
            if let result, result >= 0 { return finishReceive(id, slice, result) }
            try pool.release(buffer)
            if let result { finishReceive(id, slice, result) }
        }
    }

    /// The result of a receive, or nil if there is nothing yet.
    private func receive(_ id: ConnectionID, _ slice: Slice) throws(MachineFailure) -> Int64? {
        let address = unsafe try map.address(of: slice)
        // SAFETY: the slice was checked when it was held or made, and its buffer cannot be released before.
        let result = unsafe galgo_receive(connections[id].descriptor, address, Int(slice.byteCount))
        if result.errorNumber == ErrorNumber.again {
            connections[id].isReadable = false
            return nil
        }
        // Fewer bytes than there was room for: the socket is empty, and the next bytes make an edge. The end of
        // the stream makes none when it came together with them.
        if result < Int64(slice.byteCount), !connections[id].hasHungUp { connections[id].isReadable = false }
        return result
    }

    private func finishReceive(_ id: ConnectionID, _ slice: Slice, _ result: Int64) {
        connections[id].receive = .none
        if let number = result.errorNumber {
            ready.append(.receiveFailed(id, errno(number, "receive")))
        } else {
            let filled = Slice(
                slice.buffer, position: slice.position, byteCount: UInt32(truncatingIfNeeded: result))
            ready.append(.received(id, filled))
        }
    }

    // MARK: Sending

    func send(_ id: ConnectionID, count: Int, _ token: Token) throws(MachineFailure) {
        try connections.check(id)
        try invariant(connections[id].send == nil, "one send of a connection is in flight")
        let prepared = try prepareParts(count)
        // SAFETY: `prepareParts` filled that many parts from live buffers.
        let result = unsafe galgo_send(connections[id].descriptor, parts.pointer, prepared)
        if result.errorNumber == ErrorNumber.again {
            var held: [Hold] = []
            for index in 0..<count { held.append(try hold(try slice(index))) }
            connections[id].send = Connection.ParkedSend(token: token, holds: held)
        } else {
            complete(token, result, "send")
        }
        slices.drop(count)
    }

    private func sendParked(_ id: ConnectionID, _ parked: Connection.ParkedSend) throws(MachineFailure) {
        let prepared = try prepareParts(parked.holds)
        // SAFETY: as above; the buffers are held.
        let result = unsafe galgo_send(connections[id].descriptor, parts.pointer, prepared)
        if result.errorNumber == ErrorNumber.again { return }
        connections[id].send = nil
        for hold in parked.holds { holds.end(hold) }
        complete(parked.token, result, "send")
    }

    // MARK: Ending

    func disconnect(_ id: ConnectionID) throws(MachineFailure) {
        try connections.check(id)
        let connection = connections[id]
        if connection.isReceiving { ready.append(.receiveFailed(id, .canceled)) }
        if let parked = connection.send { ready.append(.failed(parked.token, .canceled)) }
        ready.append(.disconnected(id))
        forget(id, connection)
        unsafe lingering.add(connection.descriptor, now: now.nanoseconds)
    }

    /// Closes everything at once: the Machine is gone, and the peers must not wait for its answers.
    func closeConnections() {
        for id in connections.all {
            let connection = connections[id]
            forget(id, connection)
            _ = galgo_close(connection.descriptor)
        }
        starved = []
        feedAt = nil
    }

    private func forget(_ id: ConnectionID, _ connection: Connection) {
        if let parked = connection.send { for hold in parked.holds { holds.end(hold) } }
        if case .into(let hold) = connection.receive { holds.end(hold) }
        connections.remove(id)
        poller.remove(connection.descriptor)
    }
}
