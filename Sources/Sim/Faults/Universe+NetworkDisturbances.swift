import Platform

// What disturbances do to connections: when bytes arrive, and whether.

extension Universe {
    /// Stalls and half-open connections, as they begin.
    func disturbNetwork(_ disturbance: Disturbance, _ fault: Int, _ duration: Int64) {
        let open = openConnections
        guard !open.isEmpty else { return }
        switch disturbance.name {
        case .stallOne:
            connections[Int(open[Int(disturbance.target) % open.count])].stalledUntil = clock.now + duration
        case .stallHalf:
            for (place, connection) in open.enumerated() where (place + Int(disturbance.target)) % 2 == 0 {
                connections[Int(connection)].stalledUntil = clock.now + duration * Int64(1 + place % 4) / 4
            }
        case .halfOpen:
            let connection = open[Int(disturbance.target) % open.count]
            disturbed.halfOpen.append((fault, connection))
            connections[Int(connection)].clientKnowsEnd = true
            met(fault)
            actors[Int(connections[Int(connection)].actor)].handle(.ended(connection, isReset: true), in: self)
        default: break
        }
    }

    /// The server's system gives up on peers that have not answered for so long.
    func tellHalfOpen() {
        for (fault, connection) in disturbed.halfOpen where faults.disturbance(fault) == nil {
            breakConnection(connection)
        }
        disturbed.halfOpen.removeAll { faults.disturbance($0.fault) == nil }
    }

    /// What disturbances add to the time of an arrival, in nanoseconds.
    func disturbedLatency(atServer: Bool, _ connection: UInt32, _ latency: Int64) -> Int64 {
        var added: Int64 = 0
        for fault in faults.disturbing {
            guard let disturbance = faults.disturbance(fault) else { continue }
            switch disturbance.name {
            case .slowPath: added += latency * (disturbance.strength - 1)
            case .slowReaders where !atServer: added += disturbance.strength * millisecond
            case .together:
                let period = disturbance.strength * millisecond
                added += period - (clock.now + latency) % period
            case .stallOne, .stallHalf:
                guard connections[Int(connection)].stalledUntil > clock.now else { continue }
            default: continue
            }
            met(fault)
        }
        return added
    }

    /// What is sent, in the pieces that travel by themselves; nil for as usual.
    func disturbedPieces(_ bytes: [UInt8]) -> [[UInt8]]? {
        guard let (fault, _) = faults.firstDisturbance(.onePieces), bytes.count > 1 else { return nil }
        met(fault)
        let single = bytes.prefix(64).map { [$0] }
        return bytes.count > single.count ? single + [Array(bytes[single.count...])] : single
    }

    /// A connect may never arrive, or late.
    var disturbedConnectDelay: Int64 {
        guard let (fault, disturbance) = faults.firstDisturbance(.connectHang) else { return 0 }
        met(fault)
        return disturbance.strength * millisecond
    }

    var isConnectRefused: Bool {
        guard let (fault, _) = faults.firstDisturbance(.connectRefused) else { return false }
        met(fault)
        return true
    }

    /// What of a request arrives, and whether the sending side ends behind it.
    func disturbedRequest(_ bytes: [UInt8]) -> (bytes: [UInt8], isLast: Bool) {
        guard bytes.count > 8 else { return (bytes, false) }
        if let (fault, disturbance) = faults.firstDisturbance(.requestCut) {
            met(fault)
            return (Array(bytes.prefix(max(1, bytes.count * Int(disturbance.target) / 100))), true)
        }
        if let (fault, _) = faults.firstDisturbance(.requestCorrupt) {
            met(fault)
            var corrupt = bytes
            // The highest byte of the code, which follows the length.
            corrupt[7] ^= 0x40
            return (corrupt, false)
        }
        return (bytes, false)
    }

    /// An answer has departed: it may be the last thing that the connection did.
    func disturbAnswer(_ connection: UInt32) {
        guard let (fault, _) = faults.firstDisturbance(.answerReset), !connections[Int(connection)].isClientClosed
        else { return }
        met(fault)
        breakConnection(connection)
    }
}
