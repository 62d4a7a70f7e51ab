import CLinux
public import Platform

extension Desk {
    /// Carries out what the Machine submitted while it handled an event.
    public func drain() throws(MachineFailure) {
        while let operation = operations.take() { try perform(operation) }
    }

    private func perform(_ operation: Operation) throws(MachineFailure) {
        switch operation {
        case .startAccepting: startAccepting()
        case .receive(let connection, let slice): try receive(connection, into: slice)
        case .receiveFresh(let connection): try receiveFresh(connection)
        case .send(let connection, let count, let token): try send(connection, count: count, token)
        case .disconnect(let connection): try disconnect(connection)

        case .open(let path, let mode, let token): try dispatch(.open(path, mode), token, .opened)
        case .close(let file, let token): try close(file, token)
        case .read(let file, let position, let slice, let token): try read(file, at: position, into: slice, token)
        case .write(let file, let position, let count, let token):
            try write(file, at: position, count: count, token)
        case .allocate(let file, let position, let byteCount, let token):
            let descriptor = try files.descriptor(of: file)
            let job = Job.allocate(descriptor: descriptor, at: position, byteCount: byteCount)
            files[reservationOf: file].resized(to: position &+ byteCount)
            try dispatch(job, token, .none, file: file)
        case .truncate(let file, let length, let token):
            let job = Job.truncate(descriptor: try files.descriptor(of: file), to: length)
            files[reservationOf: file].resized(to: length)
            try dispatch(job, token, .none, file: file)
        case .sync(let file, let forgotten, let urgency, let token):
            try sync(file, forgetting: forgotten, urgency, token)
        case .syncDirectory(let directory, let token): try dispatch(.syncDirectory(directory), token, .none)
        case .makeDirectory(let directory, let token): try dispatch(.makeDirectory(directory), token, .none)
        case .removeDirectory(let directory, let token): try dispatch(.removeDirectory(directory), token, .none)
        case .moveDirectory(let from, let to, let token): try dispatch(.moveDirectory(from, to: to), token, .none)
        case .unlink(let path, let token): try dispatch(.unlink(path), token, .none)
        case .rename(let from, let to, let token): try dispatch(.rename(from, to: to), token, .none)
        case .list(let directory, let slice, let token): try list(directory, into: slice, token)
        case .measureSpace(let token): try dispatch(.measureSpace, token, .space)
        case .lock(let path, let token): lock(path, token)
        case .crypt(let count, let token): try crypt(count: count, token)

        case .mail(let receiver, let letter): try post(letter, to: receiver)
        case .wake(let time): wakeAt = time
        case .notice(let notice): exchange.note(notice, of: shard)
        case .stopped: exchange.control.markStopped(shard)
        case .refuseStart(let reason): exchange.control.exit(.refused(reason))
        }
    }

    // MARK: Helpers of the operations

    /// A slice that travels beside the operation at hand.
    func slice(_ index: Int) throws(MachineFailure) -> Slice {
        guard let slice = slices.peek(index) else { throw MachineFailure("an operation's slices travel with it") }
        return slice
    }

    /// Fills the scratch parts from the operation's slices, and returns how many it filled: what the kernel would
    /// not take in one call is left out.
    func prepareParts(_ count: Int) throws(MachineFailure) -> Int32 {
        let prepared = min(count, Parts.capacity)
        for index in 0..<prepared { try prepare(index, try slice(index)) }
        return Int32(truncatingIfNeeded: prepared)
    }

    func prepareParts(_ held: [Hold]) throws(MachineFailure) -> Int32 {
        let prepared = min(held.count, Parts.capacity)
        for index in 0..<prepared { try prepare(index, held[index].slice) }
        return Int32(truncatingIfNeeded: prepared)
    }

    private func prepare(_ index: Int, _ slice: Slice) throws(MachineFailure) {
        let address = unsafe try map.address(of: slice)
        // SAFETY: callers keep the index below the scratch space's capacity.
        unsafe parts.pointer[index] = iovec(iov_base: address, iov_len: Int(slice.byteCount))
    }

    func hold(_ slice: Slice) throws(MachineFailure) -> Hold {
        let owner = Int(slice.buffer.owner.number)
        try invariant(owner < knownGenerations.count, "a buffer's owner is a shard")
        return try holds.take(slice, lenderGeneration: knownGenerations[owner])
    }

    /// Tells the core how a call ended.
    func complete(_ token: Token, _ result: Int64, _ call: StaticString) {
        if let number = result.errorNumber {
            ready.append(.failed(token, errno(number, call)))
        } else {
            ready.append(.completed(token, count: Int(result)))
        }
    }

    /// The core's name for an error; numbers without a name are logged, so that they are not lost.
    func errno(_ number: Int32, _ call: StaticString) -> Errno {
        let named = Errno(number: number)
        if named == .other { log(.warning, "\(call) failed with errno \(number)") }
        return named
    }
}
