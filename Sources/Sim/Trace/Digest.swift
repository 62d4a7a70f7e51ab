import Platform

// Events and operations as two words, for the trace hash. Numbers only: no text, no hash values, no addresses.

private func word(_ peer: ConnectionID) -> UInt64 { UInt64(peer.slot) << 32 | UInt64(peer.generation) }
private func word(_ file: FileID) -> UInt64 { UInt64(file.slot) << 32 | UInt64(file.generation) }
private func word(_ slice: Slice) -> UInt64 {
    UInt64(slice.buffer.slot) << 40 ^ UInt64(slice.buffer.owner.number) << 32 ^ UInt64(slice.position) << 16
        ^ UInt64(slice.byteCount)
}
private func word(_ path: Path) -> UInt64 {
    switch path {
    case .format: 1
    case .formatTemporary: 2
    case .boot: 3
    case .bootTemporary: 4
    case .lock: 5
    case .catalogLog(let sequence): 6 ^ sequence << 4
    case .catalogSnapshot(let sequence): 7 ^ sequence << 4
    case .catalogSnapshotTemporary(let sequence): 8 ^ sequence << 4
    case .segmentLog(let incarnation, let base): 9 ^ incarnation << 36 ^ base << 4
    case .segmentIndex(let incarnation, let base): 10 ^ incarnation << 36 ^ base << 4
    case .offsets(let incarnation): 11 ^ incarnation << 4
    case .offsetsTemporary(let incarnation): 12 ^ incarnation << 4
    case .segmentTail(let incarnation, let base): 13 ^ incarnation << 36 ^ base << 4
    case .segmentTailTemporary(let incarnation, let base): 14 ^ incarnation << 36 ^ base << 4
    }
}
private func word(_ directory: Directory) -> UInt64 {
    switch directory {
    case .root: 1
    case .catalog: 2
    case .partitions: 3
    case .partition(let incarnation): 4 ^ incarnation << 4
    case .orphans: 5
    case .orphan(let incarnation): 6 ^ incarnation << 4
    }
}
private func word(_ letter: Letter) -> UInt64 {
    let words = letter.words
    return UInt64(letter.kind) &* 0x9fb2_1c65_1e98_df25 ^ words.a ^ words.b &* 3 ^ words.c &* 5 ^ words.d &* 7
        ^ words.e &* 11 ^ words.f &* 13
}

extension Event {
    var digest: (UInt64, UInt64) {
        switch self {
        case .started: (1, 0)
        case .accepted(let peer, let address): (2, word(peer) ^ address.low << 16 ^ UInt64(address.port))
        case .received(let peer, let slice): (3 ^ word(peer) << 8, word(slice))
        case .receiveFailed(let peer, let errno): (4 ^ word(peer) << 8, UInt64(errno.rawValue))
        case .disconnected(let peer): (5, word(peer))
        case .opened(let token, let file, let byteCount):
            (6 ^ token.value << 8, word(file) ^ UInt64(byteCount) << 16)
        case .completed(let token, let count): (7 ^ token.value << 8, UInt64(count))
        case .space(let token, let free, let total): (8 ^ token.value << 8, UInt64(free) ^ UInt64(total) << 16)
        case .failed(let token, let errno): (9 ^ token.value << 8, UInt64(errno.rawValue))
        case .timerDue: (10, 0)
        case .mail(from: let sender, let letter): (11 ^ UInt64(sender.number) << 8, word(letter))
        case .shardLost(let shard, let generation): (12 ^ UInt64(shard.number) << 8, UInt64(generation))
        case .stopRequested: (13, 0)
        }
    }
}

extension Operation {
    var digest: (UInt64, UInt64) {
        switch self {
        case .startAccepting: (32, 0)
        case .receive(let peer, let into): (33, word(peer) ^ word(into))
        case .receiveFresh(let peer): (34, word(peer))
        case .send(let peer, let slices, let token): (35 ^ token.value << 8, word(peer) ^ UInt64(slices) << 48)
        case .disconnect(let peer): (36, word(peer))
        case .open(let path, let mode, let token): (37 ^ token.value << 8, word(path) ^ UInt64(mode.digit) << 60)
        case .close(let file, let token): (38 ^ token.value << 8, word(file))
        case .read(let file, let position, let into, let token):
            (39 ^ token.value << 8, word(file) ^ UInt64(bitPattern: position) << 16 ^ word(into))
        case .write(let file, let position, let slices, let token):
            (40 ^ token.value << 8, word(file) ^ UInt64(bitPattern: position) << 16 ^ UInt64(slices))
        case .allocate(let file, let position, let byteCount, let token):
            (41 ^ token.value << 8, word(file) ^ UInt64(bitPattern: position) << 16 ^ UInt64(bitPattern: byteCount))
        case .truncate(let file, let byteCount, let token):
            (42 ^ token.value << 8, word(file) ^ UInt64(bitPattern: byteCount) << 16)
        case .sync(let file, let forgotten, let urgency, let token):
            (43 ^ token.value << 8, word(file) ^ UInt64(bitPattern: forgotten) << 16 ^ UInt64(urgency.rawValue) << 15)
        case .syncDirectory(let directory, let token): (44 ^ token.value << 8, word(directory))
        case .makeDirectory(let directory, let token): (45 ^ token.value << 8, word(directory))
        case .removeDirectory(let directory, let token): (46 ^ token.value << 8, word(directory))
        case .moveDirectory(let source, let target, let token):
            (47 ^ token.value << 8, word(source) ^ word(target) << 8)
        case .unlink(let path, let token): (48 ^ token.value << 8, word(path))
        case .rename(let source, let target, let token): (49 ^ token.value << 8, word(source) ^ word(target) << 8)
        case .list(let directory, let into, let token): (50 ^ token.value << 8, word(directory) ^ word(into))
        case .measureSpace(let token): (51 ^ token.value << 8, 0)
        case .lock(let path, let token): (52 ^ token.value << 8, word(path))
        case .crypt(let slices, let token): (53 ^ token.value << 8, UInt64(slices))
        case .mail(to: let shard, let letter): (54 ^ UInt64(shard.number) << 8, word(letter))
        case .wake(at: let time): (55, UInt64(bitPattern: time))
        case .notice(let notice):
            (56 ^ UInt64(notice.subject.rawValue) << 8, notice.a ^ notice.b << 16 ^ notice.c << 32)
        case .stopped: (57, 0)
        case .refuseStart: (58, 0)
        }
    }
}

extension OpenMode {
    fileprivate var digit: UInt8 {
        switch self {
        case .read: 0
        case .readWrite: 1
        case .create: 2
        case .replace: 3
        }
    }
}
