import CLinux
import Platform

// Writes and what the page cache holds are done at once: a helper costs more than the copy. The rest is slow, and
// goes to the workers.

extension Desk {
    func read(_ file: FileID, at position: Int64, into slice: Slice, _ token: Token) throws(MachineFailure) {
        let descriptor = try files.descriptor(of: file)
        let address = unsafe try map.address(of: slice)
        // SAFETY: `address(of:)` checked the slice.
        let cached = unsafe galgo_read_cached(descriptor, address, Int(slice.byteCount), position)
        // Zero bytes are the end of the file; fewer than asked for may be it, or where the cache ends.
        if cached == 0 || cached == Int64(slice.byteCount) { return complete(token, cached, "read") }
        let isUnknown = cached.errorNumber == ErrorNumber.again || cached.errorNumber == ErrorNumber.notSupported
        if cached < 0, !isUnknown { return complete(token, cached, "read") }
        let rest = unsafe Job.read(
            descriptor: descriptor, to: Job.Address(pointer: address), byteCount: Int(slice.byteCount), at: position,
            done: Int(max(cached, 0)))
        try dispatch(rest, token, .count, file: file, slices: [slice])
    }

    func write(_ file: FileID, at position: Int64, count: Int, _ token: Token) throws(MachineFailure) {
        let descriptor = try files.descriptor(of: file)
        let prepared = try prepareParts(count)
        slices.drop(count)
        let start = Clock.monotonic()
        // SAFETY: `prepareParts` filled that many parts from live buffers.
        let written = unsafe galgo_write(descriptor, parts.pointer, prepared, position)
        complete(token, written, "write")
        if written >= PageCost.writeBytesMin {
            pageCost.wrote(byteCount: Int(written), from: start, to: Clock.monotonic())
        }
        if written > 0, let ahead = files[reservationOf: file].wrote(until: position + written) {
            // In line: a write that comes meanwhile would wait for it anyway. Refused, it is only a hint.
            _ = galgo_reserve(descriptor, ahead.lowerBound, Int64(ahead.count))
        }
    }

    /// What the core will hardly read again leaves the page cache only where fresh pages are dear.
    func sync(_ file: FileID, forgetting forgotten: Int64, _ urgency: SyncUrgency, _ token: Token) throws(MachineFailure) {
        let isDear = unsafe pageCost.isDear(at: now.nanoseconds)
        let descriptor = try files.descriptor(of: file)
        try dispatch(
            .sync(descriptor: descriptor, forgetting: isDear ? forgotten : 0, urgency), token, .none, file: file)
    }

    func close(_ file: FileID, _ token: Token) throws(MachineFailure) {
        let (descriptor, hasRest) = try files.remove(file)
        try dispatch(.close(descriptor: descriptor, givingBack: hasRest), token, .none)
    }

    func lock(_ path: Path, _ token: Token) {
        let result = exchange.directory.takeLock(path)
        if result.errorNumber == ErrorNumber.again {
            ready.append(.failed(token, .locked))
        } else {
            complete(token, result, "lock")
        }
    }

    func crypt(count: Int, _ token: Token) throws(MachineFailure) {
        try invariant(count == 3, "crypt takes a password, a setting and room for the result")
        let (password, setting, result) = (try slice(0), try slice(1), try slice(2))
        slices.drop(count)
        let job = Job.crypt(
            password: unsafe Job.Address(pointer: try map.address(of: password)), Int(password.byteCount),
            setting: unsafe Job.Address(pointer: try map.address(of: setting)), Int(setting.byteCount),
            result: unsafe Job.Address(pointer: try map.address(of: result)), capacity: Int(result.byteCount))
        try dispatch(job, token, .count, slices: [password, setting, result])
    }

    func list(_ directory: Directory, into slice: Slice, _ token: Token) throws(MachineFailure) {
        let address = unsafe Job.Address(pointer: try map.address(of: slice))
        let job = Job.list(directory, to: address, capacity: Int(slice.byteCount))
        try dispatch(job, token, .count, slices: [slice])
    }

    // MARK: Workers

    func dispatch(
        _ job: Job, _ token: Token, _ answer: Pending.Answer, file: FileID? = nil, slices: [Slice] = []
    ) throws(MachineFailure) {
        var held: [Hold] = []
        for slice in slices { held.append(try hold(slice)) }
        if let file { files.begin(file) }
        let ticket = pending.insert(Pending(token: token, answer: answer, file: file, holds: held))
        exchange.workers.submit(job, ticket: ticket, for: shard)
    }

    func collectFinished() {
        guard port.hasFinished else { return }
        port.takeFinished(&takenFinished)
        for place in takenFinished.indices {
            let finished = takenFinished[place]
            if let ended = end(finished) { answer(ended, finished) }
        }
        takenFinished.removeAll(keepingCapacity: true)
    }

    /// Takes the job out of the books. What it used is free again.
    func end(_ finished: Finished) -> Pending? {
        guard let ended = pending.remove(finished.ticket) else { return nil }
        for hold in ended.holds { holds.end(hold) }
        if let file = ended.file { files.end(file) }
        return ended
    }

    private func answer(_ ended: Pending, _ finished: Finished) {
        if let number = finished.result.errorNumber {
            ready.append(.failed(ended.token, errno(number, "file operation")))
            return
        }
        switch ended.answer {
        case .count: ready.append(.completed(ended.token, count: Int(finished.result)))
        case .none: ready.append(.completed(ended.token, count: 0))
        case .opened:
            let file = files.insert(Int32(truncatingIfNeeded: finished.second), byteCount: finished.result)
            ready.append(.opened(ended.token, file, byteCount: finished.result))
        case .space: ready.append(.space(ended.token, free: finished.result, total: finished.second))
        }
    }
}
