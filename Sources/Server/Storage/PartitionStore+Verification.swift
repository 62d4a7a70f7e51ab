import Platform
import Primitives

// Recovery: the bodies that no header vouches for are verified, up to the break; then what stands behind it is searched.

extension PartitionStore {
    /// The next segment with batches that no header vouches for.
    func nextVerify(from place: Int, _ recovery: inout Recovery) -> Recovery.Phase {
        for next in place..<recovery.found.count {
            let segment = recovery.found[next].segment
            if segment.end > recovery.durableEnd, !segment.isEmpty {
                let waypoint = segment.index?.waypoint(offset: recovery.durableEnd)
                recovery.position = waypoint?.position ?? 0
                recovery.limit = segment.position
                recovery.order = recovery.order(in: next, from: waypoint?.offset ?? segment.base)
                return .verify(next)
            }
            if isBreak(next, &recovery) { break }
        }
        return settleBreak(&recovery)
    }

    /// Notes the first place where the log is not continued as it should be.
    private func isBreak(_ place: Int, _ recovery: inout Recovery) -> Bool {
        let found = recovery.found[place]
        let isLast = place + 1 == recovery.found.count
        if !isLast, found.segment.end == recovery.found[place + 1].segment.base, found.stop?.claimedEnd == nil {
            // The next segment begins where this one ends: what stands behind its batches is no batch of ours.
            return false
        }
        if let stop = found.stop, !stop.isClean {
            recovery.broken = stop
            return true
        }
        if isLast { return false }
        recovery.broken = Recovery.Break(
            place: place, position: found.segment.position, offset: found.segment.end, claimedEnd: nil, isClean: true)
        return true
    }

    private func settleBreak(_ recovery: inout Recovery) -> Recovery.Phase {
        guard let broken = recovery.broken, !broken.isClean else { return .deciding }
        recovery.position = broken.claimedEnd ?? broken.position
        return .search
    }

    mutating func verifyBodies<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        let base = recovery.found[place].segment.base
        let path = logs[slot].path(logOf: base)
        var length: Int64 = 0
        while recovery.position < recovery.limit {
            let position = recovery.position
            let start: Int
            switch try look(slot, &recovery, path, at: position, need: BatchHeader.byteCount, prefer: settings.readPieceBytes, &length, &world, &buffers) {
            case .ready(let found): start = found
            case .short: return brokenBody(place, nil, &recovery)
            case .step(let step): return step
            }
            let header = BatchHeader(
                try world.bytes(of: recovery.window.slice(start, BatchHeader.byteCount)), at: 0,
                incarnation: logs[slot].incarnation, bodyBytesMax: settings.bodyBytesMax)
            guard let header else { return brokenBody(place, nil, &recovery) }
            switch recovery.order.fit(of: header) {
            case .next: break
            case .elsewhere: return brokenBody(place, nil, &recovery)
            case .stale: return brokenBody(place, header, isComplete: true, &recovery)
            }
            if header.endOffset > recovery.durableEnd {
                if recovery.found[place].tailPosition == nil { recovery.found[place].tailPosition = position }
                if header.level == .power { recovery.hasPromised = true }
                let total = Int(header.totalByteCount)
                switch try look(slot, &recovery, path, at: position, need: total, prefer: settings.readPieceBytes, &length, &world, &buffers) {
                case .ready(let found):
                    let body = try recovery.window.slice(found + BatchHeader.byteCount, Int(header.bodyByteCount))
                    let bytes = try world.bytes(of: body)
                    let isWhole = BatchBody.verify(bytes, header)
                    let isComplete = bytes.load(UInt8.self, at: bytes.byteCount - 1) != 0
                    if !isWhole, !world.isMutated(.tornTailAccepted) {
                        return brokenBody(place, header, isComplete: isComplete, &recovery)
                    }
                case .short: return brokenBody(place, header, &recovery)
                case .step(let step): return step
                }
            }
            recovery.position += header.totalByteCount
            recovery.hopByteCount = header.totalByteCount
            recovery.order.advance(over: header)
        }
        if !recovery.order.agrees(with: recovery.found[place].segment) {
            // Its seal was made for other batches: some of these came back in their place.
            return brokenBody(place, nil, isComplete: true, &recovery)
        }
        if isBreak(place, &recovery) {
            recovery.phase = settleBreak(&recovery)
        } else {
            recovery.phase = nextVerify(from: place + 1, &recovery)
        }
        return .again
    }

    private func brokenBody(
        _ place: Int, _ header: BatchHeader?, isComplete: Bool = false, _ recovery: inout Recovery
    ) -> RecoveryStep {
        recovery.broken = Recovery.Break(
            place: place, position: recovery.position,
            offset: min(recovery.order.end, recovery.found[place].segment.end),
            claimedEnd: header.map { recovery.position + $0.totalByteCount }, isComplete: isComplete)
        recovery.phase = settleBreak(&recovery)
        return .again
    }

    /// Looks at everything behind the break: bytes at all? a valid header or seal?
    mutating func search<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        guard let broken = recovery.broken else { throw MachineFailure("a search begins at a break") }
        let base = recovery.found[broken.place].segment.base
        let path = logs[slot].path(logOf: base)
        var length = recovery.found[broken.place].fileByteCount
        if broken.claimedEnd != nil { recovery.searchSawBytes = true }
        while true {
            let start: Int
            let available: Int
            switch try look(slot, &recovery, path, at: recovery.position, need: settings.readPieceBytes, prefer: settings.readPieceBytes, &length, &world, &buffers) {
            case .ready(let found): (start, available) = (found, settings.readPieceBytes)
            case .short(let found, let rest): (start, available) = (found, rest)
            case .step(let step): return step
            }
            let isLast = recovery.position + Int64(available) >= length
            if available > 0 {
                let slice = try recovery.window.slice(start, available)
                let inspected = inspect(slot, try world.bytes(of: slice), base, recovery)
                recovery.searchSawBytes = recovery.searchSawBytes || inspected.sawBytes
                recovery.searchSawBatch = recovery.searchSawBatch || inspected.sawBatch
                recovery.durableEnd = max(recovery.durableEnd, inspected.durableEnd)
            }
            if isLast || available < BatchHeader.byteCount {
                recovery.phase = .deciding
                return .again
            }
            // A header may stand across the border of two pieces.
            recovery.position += Int64(available - BatchHeader.byteCount + 1)
        }
    }

    private func inspect(
        _ slot: Int, _ bytes: RawSpan, _ base: UInt64, _ recovery: Recovery
    ) -> (sawBytes: Bool, sawBatch: Bool, durableEnd: UInt64) {
        var sawBytes = false
        var sawBatch = false
        var durableEnd: UInt64 = 0
        var position = 0
        // Eight zeros at a time: most of what is searched is space allocated ahead.
        while position < bytes.byteCount {
            if let word = bytes.load(UInt64.self, at: position), word == 0 {
                position += 8
                continue
            }
            for at in position..<min(position + 8, bytes.byteCount) {
                if bytes.load(UInt8.self, at: at) != 0 { sawBytes = true }
                guard let magic = bytes.load(UInt32.self, at: at) else { continue }
                if magic == BatchHeader.magic,
                    let header = BatchHeader(
                        bytes, at: at, incarnation: logs[slot].incarnation, bodyBytesMax: settings.bodyBytesMax),
                    header.baseOffset >= base {
                    sawBatch = true
                    durableEnd = max(durableEnd, header.durableEnd)
                }
                if magic == SegmentSeal.magic,
                    let seal = SegmentSeal(
                        bytes, at: at, filePosition: recovery.position + Int64(at),
                        incarnation: logs[slot].incarnation, base: base) {
                    sawBatch = true
                    durableEnd = max(durableEnd, seal.durableEnd)
                }
            }
            position += 8
        }
        return (sawBytes, sawBatch, durableEnd)
    }
}
