import Platform

// What disturbances do to operations on the disk: how they end, and when.

extension Universe {
    /// What befalls an operation that is submitted now.
    func injection(
        _ inFlight: Desk.InFlight, _ kind: IOKind, _ ioClass: IOClass?, _ desk: Desk
    ) -> InjectedFault? {
        for fault in faults.disturbing {
            guard let disturbance = faults.disturbance(fault),
                let injected = injection(of: disturbance, inFlight, kind, ioClass, desk)
            else { continue }
            met(fault)
            disturbed.hasMetDiskError = true
            return injected
        }
        return nil
    }

    /// A write of more than a seal, which a stop may leave to the next append.
    func isOfBatches(_ inFlight: Desk.InFlight, _ kind: IOKind, _ ioClass: IOClass?) -> Bool {
        kind == .write && ioClass == .segment && inFlight.slices.reduce(0) { $0 + Int($1.byteCount) } > 96
    }

    /// The write fails with none, half or all of its bytes in the file.
    func stumble(_ inFlight: Desk.InFlight) -> InjectedFault {
        let byteCount = inFlight.slices.reduce(0) { $0 + Int($1.byteCount) }
        return .breaksOff(after: byteCount * (counts.injected % 3) / 2)
    }

    private func injection(
        of disturbance: Disturbance, _ inFlight: Desk.InFlight, _ kind: IOKind, _ ioClass: IOClass?, _ desk: Desk
    ) -> InjectedFault? {
        if let aimed = disturbance.ioClass, aimed != ioClass { return nil }
        switch (disturbance.name, kind) {
        case (.writeFails, .write): return stumble(inFlight)
        case (.readFails, .read), (.openFails, .open), (.allocateFails, .allocate), (.truncateFails, .truncate),
            (.directorySyncFails, .syncDirectory), (.makeDirectoryFails, .makeDirectory),
            (.removeDirectoryFails, .removeDirectory), (.renameFails, .rename), (.renameFails, .moveDirectory),
            (.unlinkFails, .unlink), (.listFails, .list), (.spaceFails, .space):
            return .fails(.inputOutput)
        case (.writeShort, .write), (.readShort, .read):
            let byteCount = inFlight.slices.reduce(0) { $0 + Int($1.byteCount) }
            let part = Int(1 + counts.injected % 7)
            return byteCount > 8 ? .short(byteCount * part / 8) : nil
        case (.unreadableRecovery, .read) where ioClass == .segment:
            return !isServing || isOfRecovery(inFlight.operation, desk) ? .fails(.inputOutput) : nil
        case (.readOnly, .write), (.readOnly, .allocate), (.readOnly, .truncate), (.readOnly, .sync),
            (.readOnly, .syncDirectory), (.readOnly, .makeDirectory), (.readOnly, .removeDirectory),
            (.readOnly, .moveDirectory), (.readOnly, .rename), (.readOnly, .unlink):
            return .fails(.readOnlyFileSystem)
        case (.readOnly, .open): return isReadOnly(inFlight.operation) ? nil : .fails(.readOnlyFileSystem)
        // These need a descriptor before they do anything.
        case (.processDescriptors, .open), (.processDescriptors, .syncDirectory), (.processDescriptors, .list):
            return .fails(.tooManyFiles)
        case (.systemDescriptors, .open), (.systemDescriptors, .syncDirectory), (.systemDescriptors, .list):
            return .fails(.tooManyFilesInSystem)
        case (.inodes, .makeDirectory): return .fails(.noSpace)
        case (.inodes, .open): return makesInode(inFlight.operation) ? .fails(.noSpace) : nil
        case (.readFlip, .read):
            return isServing && !isOfRecovery(inFlight.operation, desk) ? .flips(bit: 8 * 40 + counts.injected % 512) : nil
        case (.readMisdirected, .read):
            return isServing && !isOfRecovery(inFlight.operation, desk) ? .misdirected(by: Int64(Disk.sectorByteCount)) : nil
        default: return nil
        }
    }

    /// A partition that waited for room is recovered while the node serves.
    private func isOfRecovery(_ operation: Operation, _ desk: Desk) -> Bool {
        guard !disturbed.parked.isEmpty, case .read(let file, at: _, into: _, _) = operation,
            let incarnation = desk.files[Int(file.slot)].incarnation
        else { return false }
        return disturbed.parked.contains(incarnation)
    }

    private func isReadOnly(_ operation: Operation) -> Bool {
        if case .open(_, .read, _) = operation { true } else { false }
    }

    private func makesInode(_ operation: Operation) -> Bool {
        guard case .open(let path, let mode, _) = operation else { return false }
        return switch mode {
        case .create: true
        case .replace: disk.contents(of: path) == nil
        case .read, .readWrite: false
        }
    }

    /// A disk that is only slow adds no more than this to an operation, so that a request that meets two of its kinds
    /// ends before its client has lost patience. One that takes longer is stuck, or stalls.
    static var slownessMax: Int64 { 5 * second }

    /// What disturbances add to an operation's time, in nanoseconds.
    func disturbedDelay(_ kind: IOKind, _ delay: Int64) -> Int64 {
        var added: Int64 = 0
        for fault in faults.disturbing {
            guard let disturbance = faults.disturbance(fault) else { continue }
            let factor = disturbance.strength - 1
            switch (disturbance.name, kind) {
            case (.slowSyncs, .sync), (.slowSyncs, .syncDirectory), (.slowReads, .read), (.slowReads, .list),
                (.slowWrites, .write), (.slowWrites, .allocate), (.slowWrites, .truncate), (.slowNames, .open),
                (.slowNames, .rename), (.slowNames, .unlink), (.slowNames, .makeDirectory),
                (.slowNames, .removeDirectory), (.slowNames, .moveDirectory):
                added += min(delay * factor, Self.slownessMax)
                met(fault)
            case (.stuckOperation, _):
                added += Int64(disturbance.target) * millisecond
                met(fault)
            case (.diskStall, _):
                if disturbed.diskStalledUntil == 0 {
                    disturbed.diskStalledUntil = clock.now + faults.faults[fault].duration
                }
                added += max(0, disturbed.diskStalledUntil - clock.now)
                met(fault)
            default: break
            }
        }
        return added
    }

    /// A sector that is about to be read may turn out to be unreadable.
    func disturbRead(_ file: Disk.Handle, at position: Int64, byteCount: Int, _ ioClass: IOClass) {
        guard let (fault, disturbance) = faults.firstDisturbance(.sectorUnreadable), disturbance.ioClass == ioClass
        else { return }
        if disturbed.sector == nil { disturbed.sector = disk.harm(file, at: position) }
        guard let sector = disturbed.sector, disk.damages.contains(sector),
            sector.touches(file.inode, position, byteCount)
        else { return }
        met(fault)
        disturbed.hasMetDiskError = true
    }

    /// The room that the volume reports.
    var reportedSpace: (free: Int64, total: Int64) {
        guard let (fault, _) = faults.firstDisturbance(.staleSpace), disturbed.space != disk.space else {
            return disk.space
        }
        met(fault)
        return disturbed.space
    }
}
