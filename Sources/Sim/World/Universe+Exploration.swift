import Platform

// Where the order is explored, latencies decide nothing: whatever is under way may end next.
//
// What the world does for one side alone happens at once, because nothing can come between that anybody could see: a
// shard takes the next event of its inbox, bytes reach the server's side of a connection. Alarms ring in the order of
// time: everything under way comes first, or late.

extension Universe {
    /// From now on the order is explored, if the plan wants that.
    func explore(_ isWanted: Bool) { exploration.turn(on: isWanted) }

    /// What happens next by the tape's choice. nil if there is nothing, or if the run is to be left.
    func chooseNext() -> Happening? {
        var atOnce: Int?
        var open: [(place: Int, footprint: Footprint)] = []
        var alarm: Int?
        for place in heap.places {
            switch role(of: heap[place]) {
            case .over: continue
            case .atOnce: if isFirst(place, before: atOnce) { atOnce = place }
            case .timed: if isFirst(place, before: alarm) { alarm = place }
            case .open(let footprint): open.append((place, footprint))
            }
        }
        if let atOnce { return heap.remove(at: atOnce) }
        open.sort { Happening.isBefore(heap[$0.place], heap[$1.place]) }
        // Of what comes in its own order, the first one stands for all.
        var candidates: [(place: Int, footprint: Footprint)] = []
        for item in open where !candidates.contains(where: { isBehind(heap[item.place], heap[$0.place]) }) {
            candidates.append(item)
        }
        if let alarm, candidates.first.map({ Happening.isBefore(heap[alarm], heap[$0.place]) }) ?? true {
            candidates.insert((alarm, .everything), at: 0)
        }
        guard !candidates.isEmpty else { return takeNext() }
        let interruptions = exploration.openInterruptions.filter { $0 != .alarm || nextAlarm != nil }
        let choices =
            candidates.map { (heap[$0.place].sequence, $0.footprint) }
            + interruptions.indices.map { (UInt32.max - UInt32($0), .everything) }
        guard let choice = exploration.decide(choices, { tape.draw($0, .order) }) else { return nil }
        guard choice >= candidates.count else { return heap.remove(at: candidates[choice].place) }
        return interrupt(by: interruptions[choice - candidates.count])
    }

    private func isFirst(_ place: Int, before other: Int?) -> Bool {
        other.map { Happening.isBefore(heap[place], heap[$0]) } ?? true
    }

    private enum Role {
        /// Whom it was meant for is gone, or has no more use for it.
        case over
        case atOnce
        case timed
        case open(Footprint)
    }

    private func role(of happening: Happening) -> Role {
        let shard = Int(happening.actor)
        switch happening.kind {
        case .run, .arriveAtServer, .connect: return .atOnce
        case .complete:
            guard let desk = shards[shard].desk, desk.generation == happening.generation,
                let inFlight = desk.operations[happening.slot], !inFlight.isDone
            else { return .over }
            if case .disconnect(let peer) = inFlight.operation {
                // It ends by itself once nothing of the connection is in flight.
                let peer = desk.peers[Int(peer.slot)]
                return peer.receive == nil && peer.send == nil ? .atOnce : .over
            }
            return .open(.shard(shard) + footprint(of: inFlight.operation, desk))
        case .mail:
            guard happening.generation == process.generation else { return .over }
            return .open(.shard(shard) + .shard(Int(happening.slot)))
        case .arriveAtClient:
            guard !connections[Int(happening.slot)].isClientClosed else { return .atOnce }
            return .open(.history + .connection(happening.slot))
        case .wake:
            guard let desk = shards[shard].desk, desk.generation == happening.generation,
                desk.wakeCount == happening.slot, shards[shard].cell != nil
            else { return .over }
            return .timed
        case .clientTimer, .faultBegins, .faultEnds, .start, .rebuild: return .timed
        }
    }

    /// What the end of an operation touches beside its shard.
    private func footprint(of operation: Operation, _ desk: Desk) -> Footprint {
        switch operation {
        case .receive(let peer, _), .receiveFresh(let peer), .send(let peer, _, _), .disconnect(let peer):
            return desk.peers[Int(peer.slot)].connection.map { .connection($0) } ?? .shard(Int(desk.shard.number))
        case .open, .syncDirectory, .makeDirectory, .removeDirectory, .moveDirectory, .unlink, .rename, .list,
            .measureSpace, .lock:
            return .names
        case .close, .read, .write, .allocate, .truncate, .sync, .crypt, .startAccepting, .mail, .wake, .notice,
            .stopped, .refuseStart:
            return .shard(Int(desk.shard.number))
        }
    }

    /// Letters from one shard to another, and pieces for one client, come one after the other.
    private func isBehind(_ later: Happening, _ earlier: Happening) -> Bool {
        switch (later.kind, earlier.kind) {
        case (.mail, .mail): later.actor == earlier.actor && later.slot == earlier.slot
        case (.arriveAtClient, .arriveAtClient): later.slot == earlier.slot
        default: false
        }
    }

    /// The place of the first alarm that a shard waits for.
    private var nextAlarm: Int? {
        heap.places.filter {
            guard heap[$0].kind == .wake, case .timed = role(of: heap[$0]) else { return false }
            return true
        }.min { Happening.isBefore(heap[$0], heap[$1]) }
    }

    /// Answers what happens next then.
    private func interrupt(by interruption: PlannedInterleaving.Interruption) -> Happening? {
        switch interruption {
        case .kill:
            exploration.crash()
            killProcess(restartIn: 10 * millisecond)
        case .powerCut(let survival):
            exploration.crash()
            cutPower(restartIn: 10 * millisecond, survival)
        case .stop:
            exploration.stop()
            requestStop(restartingIn: 10 * millisecond)
        case .alarm:
            exploration.hurry()
            if let place = nextAlarm { return heap.remove(at: place) }
        }
        return exploration.isOn ? chooseNext() : takeNext()
    }
}
