import Platform
import Primitives

// Operations end: they have their effect on the disk or the network, and the shard is told.

extension Universe {
    func complete(_ slot: UInt32, of shard: Int, _ generation: UInt32) {
        guard let desk = shards[shard].desk, desk.generation == generation, let inFlight = desk.operations[slot],
            !inFlight.isDone
        else { return }
        inFlight.isScheduled = false
        if !settings.diskPoints.isEmpty, inFlight.operation.changesDisk, let refusal = takeRefusal(of: inFlight) {
            inFlight.injected = refusal
        }
        guard let event = execute(slot, inFlight, desk, shard) else { return }
        if chronicle != nil {
            let ending = if case .failed(_, let errno) = event { Chronicle.Ending.failed("\(errno)") } else { Chronicle.Ending.done }
            chronicle?.end(.disk, key: UInt64(desk.generation) << 32 | UInt64(slot), at: clock.now, ending)
        }
        if breaks(.completionForgotten, at: counts.operations) { return }
        if inFlight.operation.changesDisk, passBoundary() { return }
        guard shards[shard].cell != nil else {
            // The Machine is gone; the effect was all that was awaited.
            desk.finish(slot)
            finishDraining(shard)
            return
        }
        inFlight.isDone = true
        post(event, to: shard, ending: slot)
        if breaks(.completionTwice, at: counts.operations) { post(event, to: shard) }
    }

    /// Has the operation's effect. nil when it must wait again.
    private func execute(_ slot: UInt32, _ inFlight: Desk.InFlight, _ desk: Desk, _ shard: Int) -> Event? {
        switch inFlight.operation {
        case .receive(let peer, let into):
            return executeReceive(slot, peer, into, inFlight.isCanceled, desk)
        case .receiveFresh(let peer):
            return executeReceive(slot, peer, nil, inFlight.isCanceled, desk)
        case .send(let peer, _, let token):
            return executeSend(slot, peer, token, inFlight, desk)
        case .disconnect(let peer):
            return executeDisconnect(slot, peer, desk, shard)
        case .crypt(_, let token):
            return crypt(inFlight.slices, token)
        case .measureSpace(let token):
            if case .fails(let errno) = inFlight.injected { return .failed(token, errno) }
            let space = reportedSpace
            return .space(token, free: space.free, total: space.total)
        case .open, .close, .read, .write, .allocate, .truncate, .sync, .syncDirectory, .makeDirectory,
            .removeDirectory, .moveDirectory, .unlink, .rename, .list, .lock:
            guard let token = inFlight.operation.token else { return nil }
            do throws(Disk.Refusal) {
                return try executeOnDisk(inFlight, token, desk)
            } catch {
                guard error.errno.isNoSpace else { return .failed(token, error.errno) }
                pass(.noSpace)
                meet(.diskFull)
                return settings.sabotage == .noSpaceHidden
                    ? hidden(inFlight, token) : .failed(token, error.errno)
            }
        case .startAccepting, .mail, .wake, .notice, .stopped, .refuseStart:
            return nil
        }
    }

    private func hidden(_ inFlight: Desk.InFlight, _ token: Token) -> Event {
        guard case .write = inFlight.operation else { return .failed(token, .noSpace) }
        return .completed(token, count: inFlight.slices.reduce(0) { $0 + Int($1.byteCount) })
    }

    func executeOnDisk(_ inFlight: Desk.InFlight, _ token: Token, _ desk: Desk) throws(Disk.Refusal) -> Event {
        if case .fails(let errno) = inFlight.injected {
            if case .unlink(let path, _) = inFlight.operation { disturbed.unremoved.append(path.text) }
            throw Disk.Refusal(errno)
        }
        switch inFlight.operation {
        case .open(let path, let mode, _):
            let handle = try disk.open(path, mode)
            if mode == .create || mode == .replace { forgetUnremoved(path) }
            return .opened(token, desk.nameFile(handle, path), byteCount: disk.byteCount(handle))
        case .close(let file, _):
            if breaks(.closeSwallowed, at: counts.operations) { break }
            if let handle = desk.handle(file) { disk.close(handle) }
            desk.files[Int(file.slot)].handle = nil
        case .read(let file, let position, let into, _):
            return .completed(token, count: try read(desk.handle(file), position, into, inFlight, desk.files[Int(file.slot)].ioClass))
        case .write(let file, let position, _, _):
            return .completed(token, count: try write(desk.handle(file), position, inFlight))
        case .allocate(let file, let position, let byteCount, _):
            if let handle = desk.handle(file) { try disk.allocate(handle, at: position, byteCount: byteCount) }
        case .truncate(let file, let byteCount, _):
            if let handle = desk.handle(file), settings.sabotage != .truncateSwallowed {
                try disk.truncate(handle, to: byteCount)
            }
        case .sync(let file, _, _, _):
            if inFlight.injected == .syncFails {
                pass(.syncFailure)
                see(.syncFailed, of: Int(desk.shard.number))
            } else if lookout.swallows(desk.files[Int(file.slot)].ioClass) {
                break
            }
            try sync(desk.handle(file), desk.files[Int(file.slot)].ioClass, inFlight)
        case .syncDirectory(let directory, _):
            if inFlight.injected == .syncFails { throw Disk.Refusal(.inputOutput) }
            if !swallowsSync(of: directory) { try disk.syncDirectory(directory) }
            lookout.ended(inFlight.operation, of: Int(desk.shard.number))
        case .makeDirectory(let directory, _): try disk.makeDirectory(directory)
        case .removeDirectory(let directory, _):
            if settings.sabotage != .directoryRemovalSwallowed { try disk.removeDirectory(directory) }
        case .moveDirectory(let source, let target, _): try disk.moveDirectory(source, to: target)
        case .unlink(let path, _):
            if settings.sabotage != .unlinkSwallowed { try disk.unlink(path) }
            forgetUnremoved(path)
        case .rename(let source, let target, _):
            if settings.sabotage != .renameSwallowed { try disk.rename(source, to: target) }
        case .list(let directory, let into, _):
            let names = try disk.list(directory)
            copy(names.prefix(Int(into.byteCount)), into)
            return .completed(token, count: names.count)
        case .lock(let path, _): try disk.lock(path)
        case .startAccepting, .receive, .receiveFresh, .send, .disconnect, .measureSpace, .crypt, .mail, .wake, .notice,
            .stopped, .refuseStart:
            break
        }
        return .completed(token, count: 0)
    }

    /// What stands under the name from now on, or not, is the server's doing again.
    private func forgetUnremoved(_ path: Path) {
        if !disturbed.unremoved.isEmpty { disturbed.unremoved.removeAll { $0 == path.text } }
    }

    private func read(
        _ handle: Disk.Handle?, _ position: Int64, _ into: Slice, _ inFlight: Desk.InFlight, _ ioClass: IOClass
    ) throws(Disk.Refusal) -> Int {
        guard let handle else { throw Disk.Refusal(.badDescriptor) }
        counts.reads += 1
        if breaks(.readEndsEarly, at: counts.reads) { return 0 }
        var position = position
        if breaks(.readMisdirected, at: counts.reads) { position += 512 }
        var byteCount = Int(into.byteCount)
        if case .short(let count) = inFlight.injected { byteCount = min(byteCount, count) }
        if !faults.disturbing.isEmpty { disturbRead(handle, at: position, byteCount: byteCount, ioClass) }
        let wanted = Int(max(0, min(Int64(byteCount), disk.byteCount(handle) - max(0, position))))
        let block = pool.changed(into, byteCount: wanted)
        // SAFETY: the slice has been in flight since it was submitted, so nobody else touches it in this step.
        var target = unsafe block.mutableBytes(at: Int(into.position), byteCount: byteCount)
        let count = try disk.read(handle, at: position, into: &target)
        if case .misdirected(let distance) = inFlight.injected {
            // As many bytes as were asked for: where the file ends before, those that belong there.
            _ = try disk.read(handle, at: position + distance, into: &target)
        }
        if case .flips(let bit) = inFlight.injected, count > 0 {
            let at = bit / 8 % count
            if let byte = target.load(UInt8.self, at: at) { target.store(byte ^ 1 << UInt8(bit % 8), at: at) }
        }
        if breaks(.readFlipsBit, at: counts.reads), let byte = target.load(UInt8.self, at: count / 2) {
            target.store(byte ^ 0x10, at: count / 2)
        }
        trace.add(UInt64(count), 0x4ead)
        return count
    }

    private func write(
        _ handle: Disk.Handle?, _ position: Int64, _ inFlight: Desk.InFlight
    ) throws(Disk.Refusal) -> Int {
        guard let handle else { throw Disk.Refusal(.badDescriptor) }
        var bytes = gather(inFlight.slices)
        let wanted = bytes.count
        counts.writes += 1
        if case .short(let count) = inFlight.injected { bytes = Array(bytes.prefix(max(1, count))) }
        if case .breaksOff(after: let count) = inFlight.injected {
            if count > 0 { _ = try disk.write(handle, at: position, Array(bytes.prefix(count))) }
            throw Disk.Refusal(.inputOutput)
        }
        var position = position
        if breaks(.writeMisdirected, at: counts.writes) { position += 512 }
        if breaks(.writeLost, at: counts.writes) { return bytes.count }
        let count = try disk.write(handle, at: position, bytes)
        trace.add(UInt64(count), digest(bytes.rawSpan))
        return settings.sabotage == .shortWriteReportedWhole ? wanted : count
    }

    private func sync(
        _ handle: Disk.Handle?, _ ioClass: IOClass, _ inFlight: Desk.InFlight
    ) throws(Disk.Refusal) {
        guard let handle else { throw Disk.Refusal(.badDescriptor) }
        if inFlight.injected == .syncFails {
            disk.failSync(handle, upTo: inFlight.coverage, &tape)
            if settings.sabotage != .syncFailureHidden { throw Disk.Refusal(.inputOutput) }
        } else if !swallowsSync(of: ioClass) {
            let missed: UInt64 = settings.sabotage == .syncMissesLastWrite ? 1 : 0
            do throws(Disk.Refusal) {
                try disk.sync(handle, upTo: inFlight.coverage - min(inFlight.coverage, missed))
            } catch {
                // Pages for which there is no room are dropped while they look clean, as after any other error.
                disk.failSync(handle, upTo: inFlight.coverage, &tape)
                throw error
            }
        }
    }

    // MARK: Bytes

    func gather(_ slices: [Slice]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(slices.reduce(0) { $0 + Int($1.byteCount) })
        for slice in slices {
            // SAFETY: in flight, hence initialised and unchanged; copied at once.
            let span = unsafe pool.memory(of: slice).bytes(at: Int(slice.position), byteCount: Int(slice.byteCount))
            span.append(to: &bytes)
        }
        return bytes
    }

    func copy(_ bytes: ArraySlice<UInt8>, _ into: Slice) {
        let block = pool.changed(into, byteCount: min(bytes.count, Int(into.byteCount)))
        // SAFETY: the slice is in flight, so nobody else touches it in this step.
        var target = unsafe block.mutableBytes(at: Int(into.position), byteCount: Int(into.byteCount))
        target.store(Array(bytes).rawSpan, at: 0)
    }

    /// A stand-in with the shape of `crypt(3)`: the setting is kept and a digest of everything follows it, so that
    /// a result is again a setting that gives the same result.
    private func crypt(_ slices: [Slice], _ token: Token) -> Event {
        let password = gather([slices[0]])
        let setting = gather([slices[1]]).prefix { $0 != 0 }
        let parts = setting.split(separator: UInt8(ascii: "$"), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].isEmpty else { return .failed(token, .invalidArgument) }
        let head = Array(parts[0..<4].joined(separator: [UInt8(ascii: "$")]))
        let mixed = digest((head + [0] + password).rawSpan)
        let result = head + [UInt8(ascii: "$")] + Array(hexadecimal(mixed).utf8)
        guard result.count <= Int(slices[2].byteCount) else { return .failed(token, .invalidArgument) }
        copy(result[...], slices[2])
        return .completed(token, count: result.count)
    }
}
