import Platform

// What each disturbance is: a line for each, in the order of the families.

extension Disturbance.Name {
    var row: Disturbance.Row {
        switch self {
        case .writeFails:
            .init(
                .diskError, "writes to a class of files fail with EIO when none, half or all is written",
                effect: "writes failed",
                .count, strength: 1...3, target: .file([.segment, .segment, .index, .offsets, .catalogLog, .temporary]))
        case .writeShort:
            .init(
                .diskError, "writes to a class of files move a part of their bytes", effect: "writes cut short",
                .count, strength: 1...4,
                target: .file([.segment, .segment, .index, .offsets, .catalogLog, .temporary]))
        case .readFails:
            .init(
                .diskError, "reads of a class of files fail with EIO, once each", effect: "reads failed", .count,
                strength: 1...3, target: .file([.segment, .segment, .index, .offsets, .catalogLog]))
        case .readShort:
            .init(
                .diskError, "reads of a class of files end before they should", effect: "reads cut short", .count,
                strength: 1...4, target: .file([.segment, .segment, .index, .offsets, .catalogLog]))
        case .openFails:
            .init(
                .diskError, "files of a class cannot be opened: EIO", effect: "opens failed", .count, strength: 1...3,
                target: .file([.segment, .segment, .index, .offsets, .temporary]))
        case .allocateFails:
            .init(.diskError, "allocations fail with EIO", effect: "allocations failed", .count, strength: 1...3)
        case .truncateFails:
            .init(
                .diskError, "truncations fail with EIO", effect: "truncations failed", .count, strength: 1...2)
        case .directorySyncFails:
            .init(
                .diskError, "syncs of directories fail with EIO and make nothing durable", effect: "syncs failed",
                .count, strength: 1...2, owesRestart: true)
        case .makeDirectoryFails:
            .init(
                .diskError, "directories cannot be made: EIO",
                effect: "directories not made", .count, strength: 1...2)
        case .removeDirectoryFails:
            .init(
                .diskError, "directories cannot be removed: EIO", effect: "directories not removed", .count,
                strength: 1...2)
        case .renameFails:
            .init(
                .diskError, "renames fail with EIO",
                effect: "renames failed", .count, strength: 1...2)
        case .unlinkFails:
            .init(
                .diskError, "unlinks fail with EIO",
                effect: "unlinks failed", .count, strength: 1...2)
        case .listFails:
            .init(
                .diskError, "directories cannot be listed: EIO",
                effect: "lists failed", .count, strength: 1...2)
        case .spaceFails:
            .init(
                .diskError, "the volume does not say how much room it has: EIO", effect: "questions failed", .count,
                strength: 1...3)
        case .readOnly:
            .init(
                .diskError, "the volume is read-only, as after an error of the file system: EROFS",
                effect: "calls refused", .time, owesRestart: true)
        case .processDescriptors:
            .init(
                .shortage, "the process has no descriptor left: EMFILE",
                effect: "calls refused", .time)
        case .systemDescriptors:
            .init(
                .shortage, "the system has no descriptor left: ENFILE",
                effect: "calls refused", .time)
        case .inodes:
            .init(
                .shortage, "the volume has no inode left: ENOSPC for new names alone", effect: "names refused", .time)
        case .staleSpace:
            .init(
                .shortage, "the volume reports the room that it had when the fault began", effect: "wrong reports",
                .time)
        case .slowSyncs:
            .init(
                .diskTime, "syncs take so many times as long", effect: "operations slowed", .time, strength: 2...60)
        case .slowReads:
            .init(
                .diskTime, "reads take so many times as long", effect: "operations slowed", .time, strength: 2...100)
        case .slowWrites:
            .init(
                .diskTime, "writes take so many times as long", effect: "operations slowed", .time, strength: 2...100)
        case .slowNames:
            .init(
                .diskTime, "opens and changes of names take so many times as long", effect: "operations slowed", .time,
                strength: 2...100)
        case .stuckOperation:
            .init(
                .diskTime, "one operation takes so many milliseconds, others pass it", effect: "operations stuck",
                .count, strength: 1...1, target: .number(100...1_500))
        case .diskStall:
            .init(
                .diskTime, "the device answers nothing for a time, then everything", effect: "operations stalled",
                .time)
        case .readFlip:
            .init(
                .medium, "a read of a serving node answers with one bit the other way round", effect: "reads flipped",
                .count, strength: 1...3, target: .file([.segment, .segment, .index]))
        case .readMisdirected:
            .init(
                .medium, "a read of a serving node answers with the bytes of the sector behind", effect: "reads misdirected",
                .count, strength: 1...3, target: .file([.segment, .segment, .index]))
        case .sectorUnreadable:
            .init(
                .medium, "a sector of a segment cannot be read for a time: each read of it fails with EIO",
                effect: "reads that met it", .time, target: .file([.segment]))
        case .onePieces:
            .init(
                .network, "the first 64 bytes of what is sent travel one by one", effect: "sends cut", .time)
        case .together:
            .init(
                .network, "what is sent arrives together, once in so many milliseconds", effect: "arrivals held back",
                .time, strength: 5...40)
        case .stallOne:
            .init(
                .network, "a connection moves nothing for a time, both ways", effect: "arrivals held back",
                .timeFromBeginning, target: .connection)
        case .stallHalf:
            .init(
                .network, "every other connection moves nothing, and each goes on at another time",
                effect: "arrivals held back", .timeFromBeginning, target: .number(0...1))
        case .connectRefused:
            .init(.network, "nobody can connect: refused, as by a full backlog", effect: "connects refused", .time)
        case .connectHang:
            .init(
                .network, "a connect takes so many milliseconds: its first packets are lost", effect: "connects late",
                .time, strength: 200...3_000)
        case .halfOpen:
            .init(
                .network, "a client's machine is gone without a word; the server is told when the fault ends",
                effect: "connections half open", .timeFromBeginning, target: .connection)
        case .requestCut:
            .init(
                .network, "a request ends in its middle, and the connection's sending side with it",
                effect: "requests cut", .count, strength: 1...3, target: .number(1...90))
        case .requestCorrupt:
            .init(
                .network, "the code of a request is another one when it arrives", effect: "requests corrupted", .count,
                strength: 1...3)
        case .answerReset:
            .init(
                .network, "a connection breaks while an answer is under way", effect: "answers lost", .count,
                strength: 1...3)
        case .slowPath:
            .init(.network, "the path takes so many times as long", effect: "arrivals late", .time, strength: 2...50)
        case .slowReaders:
            .init(
                .network, "clients take what has come so many milliseconds late, and the window stays full meanwhile",
                effect: "arrivals late", .time, strength: 1...20)

        case .silentServer:
            .init(
                .network, "the process is killed without a word: its clients find out so many milliseconds later",
                effect: "connections half open", .time, strength: 50...2_000)
        case .idleFlood:
            .init(
                .network, "so many strangers connect, and say nothing", effect: "strangers connected", .time,
                strength: 20...200)

        case .clockDrift:
            .init(
                .timing, "the wall clock runs at so many thousandths of its speed", effect: "beginnings",
                .timeFromBeginning, strength: 900...1_100)
        case .lateAlarms:
            .init(
                .timing, "alarms ring so many milliseconds late", effect: "alarms late", .time, strength: 1...100)

        case .memoryRefusal:
            .init(
                .memory, "a serving shard is refused so many buffers, one after the other", effect: "buffers refused",
                .count, strength: 1...6)
        case .memorySqueeze:
            .init(
                .memory, "serving shards get at most so many KiB more than the node had when the fault began",
                effect: "buffers refused", .time, strength: 0...64)

        case .throttled:
            .init(
                .processor, "the node has so many tenths of a millisecond of CPU time in each 100 ms",
                effect: "steps put off", .time, strength: 1...100)
        case .busySibling:
            .init(
                .processor, "pairs of shards share a core, each at so many per cent beside a busy sibling",
                effect: "steps slowed", .time, strength: 55...75)
        case .neighbour:
            .init(
                .processor, "a neighbour takes the machine: each step takes so many times as long",
                effect: "steps slowed", .time, strength: 2...30)
        case .remoteMemory:
            .init(
                .processor, "every other shard's memory is on another node: its steps take so many per cent",
                effect: "steps slowed", .time, strength: 130...200)
        case .preempted:
            .init(
                .processor, "one step in sixteen waits so many milliseconds for a CPU", effect: "steps put off", .time,
                strength: 3...30)
        case .paused:
            .init(
                .processor, "no shard runs for a time, as when the machine is paused", effect: "pauses",
                .timeFromBeginning)

        case .killInRecovery:
            .init(
                .crash, "the process is killed, and again so many steps into the next start",
                effect: "kills in a start", .count, strength: 1...1, target: .number(1...80))
        case .killsInRecovery:
            .init(
                .crash, "the process is killed, and then in each of the next starts", effect: "kills in a start",
                .count, strength: 2...5, target: .number(1...80))
        case .powerInRecovery:
            .init(
                .crash, "the power goes out, and again so many steps into the next start", effect: "cuts in a start",
                .count, strength: 1...1, target: .number(1...80))
        case .twoPanics:
            .init(.crash, "two shards fail at once", effect: "failures", .count, strength: 2...2, target: .shard)
        case .panicLoop:
            .init(
                .crash, "a shard fails, and again at the first event of each of its next lives", effect: "failures",
                .count, strength: 2...9, target: .shard)
        case .trap:
            .init(
                .crash, "a shard traps in the middle of a step, and the process ends with it", effect: "traps", .count,
                strength: 1...1, target: .shard)
        case .unreadableRecovery:
            .init(
                .crash, "the process is killed, and so many reads of segments by recoveries fail with EIO",
                effect: "reads failed", .count, strength: 1...60)
        case .crashToOtherShards:
            .init(
                .crash, "the process is killed, and the next one has so many shards, or another number than before",
                effect: "starts with other shards", .once, strength: 1...4)

        case .stop:
            .init(.stop, "the server is stopped under load and started again", effect: "stops", .once)
        case .stopThenKill:
            .init(
                .stop, "the server is stopped under load, and killed if that takes longer than the fault",
                effect: "stops", .timeFromBeginning)
        case .stopThenPower:
            .init(
                .stop, "the server is stopped under load, and the power goes out when the fault ends", effect: "stops",
                .timeFromBeginning)
        case .stopToOtherShards:
            .init(
                .stop, "the server is stopped under load, and the next one has so many shards, or another number than before",
                effect: "starts with other shards", .once, strength: 1...4)

        case .lateMail:
            .init(.mail, "letters between shards take so many milliseconds more", effect: "letters late", .time,
                strength: 1...20)
        case .lateMailOfOne:
            .init(
                .mail, "letters from one shard take so many milliseconds more", effect: "letters late", .time,
                strength: 1...50, target: .shard)
        }
    }
}
