import Platform
import Primitives

/// What one shard's handle and the driver share: the submission ring, and the names that the shard was given.
///
/// It lives as long as one Machine does. The handle only appends; the driver drains after `handle` returns.
final class Desk {
    /// An operation on its way: what it is, which bytes it holds, and how it ended once it has. A class: it is looked at
    /// and changed many times on its way, and never copied.
    final class InFlight {
        let operation: Operation
        let slices: [Slice]
        /// For a sync: what was written before this count is covered.
        var coverage: UInt64 = 0
        /// What the plan decided for it when it was submitted.
        var injected: InjectedFault?
        /// Its end is a happening already.
        var isScheduled = false
        /// A disconnect or the shard's failure ends it.
        var isCanceled = false
        /// It has ended and the shard is about to be told.
        var isDone = false

        init(operation: Operation, slices: [Slice]) {
            self.operation = operation
            self.slices = slices
        }
    }

    struct OpenFile {
        var generation: UInt32 = 0
        var handle: Disk.Handle?
        var isClosing = false
        var ioClass: IOClass = .temporary
        /// Of the partition whose file it is.
        var incarnation: UInt64?
        var inFlight = 0
        var writes: [(operation: UInt32, range: Range<Int64>)] = []
    }

    struct Peer {
        var generation: UInt32 = 0
        /// The connection's number in the network; nil when the name is free.
        var connection: UInt32?
        var isClosing = false
        var receive: UInt32?
        var send: UInt32?
    }

    let shard: ShardID
    let generation: UInt32
    let pool: BufferPool
    let node: NodeFacts
    var dice: PRNG

    private(set) var ring: [UInt32] = []
    var operations = Slab<InFlight>()
    var files: [OpenFile] = []
    var peers: [Peer] = []
    private var freeFiles: [UInt32] = []
    private var freePeers: [UInt32] = []
    /// The wake-up that is asked for, and how many were before it: a replaced one is stale.
    var wakeCount: UInt32 = 0
    var isAccepting = false
    var hasStopped = false
    /// Letters to each other shard that it has not been handed yet.
    var unreadLetters: [Int]
    /// A planned failure that the next call through the seam throws.
    var isFailing = false
    /// The fault of the plan that wants it.
    var failingFault: Int?
    /// A planted bug: the next send counts as done, and is not.
    var losesNextReply = false

    init(shard: ShardID, generation: UInt32, shardCount: Int, pool: BufferPool, node: NodeFacts, dice: PRNG) {
        self.shard = shard
        self.generation = generation
        self.pool = pool
        self.node = node
        self.dice = dice
        unreadLetters = Array(repeating: 0, count: shardCount)
    }

    // MARK: Submitting

    func submit(_ operation: Operation, _ slices: [Slice]) throws(MachineFailure) {
        try failIfPlanned()
        try checkTarget(operation, slices)
        let slot = operations.insert(InFlight(operation: operation, slices: operation.ownSlices ?? slices))
        switch operation {
        case .receive(_, let into), .read(_, at: _, let into, _), .list(_, let into, _):
            try pool.begin(slot, on: into, fills: true, by: shard)
        case .send, .write:
            for slice in slices { try pool.begin(slot, on: slice, fills: false, by: shard) }
        case .crypt:
            try invariant(slices.count == 3, "a crypt has a password, a setting and room for the result")
            for (index, slice) in slices.enumerated() {
                try pool.begin(slot, on: slice, fills: index == 2, by: shard)
            }
        case .mail(let receiver, let letter):
            if let lent = letter.lent { try pool.carry(lent, from: shard, to: receiver) }
        default:
            break
        }
        enter(slot, operation, slices)
        ring.append(slot)
    }

    /// Moves to `slots` what was submitted since the last call; the rooms of both are used again.
    func drain(into slots: inout [UInt32]) {
        slots.removeAll(keepingCapacity: true)
        swap(&ring, &slots)
    }

    /// The Machine failed in the middle of a step: what it had submitted in that step never happened.
    func discardRing() {
        for slot in ring {
            finish(slot)
        }
        ring = []
    }

    func failIfPlanned() throws(MachineFailure) {
        if isFailing {
            isFailing = false
            throw MachineFailure(plannedFailure)
        }
    }

    private func checkTarget(_ operation: Operation, _ slices: [Slice]) throws(MachineFailure) {
        switch operation {
        case .receive(let connection, _), .receiveFresh(let connection):
            let peer = try openPeer(connection)
            try invariant(peer.receive == nil, "a connection has one receive in flight")
        case .send(let connection, let count, _):
            let peer = try openPeer(connection)
            try invariant(peer.send == nil, "a connection has one send in flight")
            try invariant(count == slices.count, "a vectored operation comes with its slices")
        case .disconnect(let connection):
            _ = try openPeer(connection)
        case .close(let file, _):
            let open = try openFile(file)
            try invariant(open.inFlight == 0, "nothing of a closed file is in flight")
        case .read(let file, at: _, into: _, _), .allocate(let file, at: _, byteCount: _, _),
            .truncate(let file, to: _, _), .sync(let file, _, _, _):
            _ = try openFile(file)
        case .write(let file, let position, let count, _):
            let open = try openFile(file)
            try invariant(count == slices.count, "a vectored operation comes with its slices")
            let range = writeRange(position, slices)
            try invariant(
                !open.writes.contains { $0.range.overlaps(range) }, "one write of a file range is in flight")
        case .crypt(let count, _):
            try invariant(count == slices.count, "a vectored operation comes with its slices")
        case .mail(let receiver, _):
            try invariant(
                Int(receiver.number) < unreadLetters.count && receiver != shard, "mail goes to another shard")
            try invariant(
                unreadLetters[Int(receiver.number)] < MailLimits.mailboxCapacity,
                "a mailbox has room: requests cost a credit")
        case .startAccepting, .open, .syncDirectory, .makeDirectory, .removeDirectory, .moveDirectory, .unlink,
            .rename, .list, .measureSpace, .lock, .wake, .notice, .stopped, .refuseStart:
            break
        }
    }

    private func enter(_ slot: UInt32, _ operation: Operation, _ slices: [Slice]) {
        switch operation {
        case .receive(let connection, _), .receiveFresh(let connection): peers[Int(connection.slot)].receive = slot
        case .send(let connection, _, _): peers[Int(connection.slot)].send = slot
        case .disconnect(let connection): peers[Int(connection.slot)].isClosing = true
        case .close(let file, _):
            files[Int(file.slot)].isClosing = true
            files[Int(file.slot)].inFlight += 1
        case .write(let file, let position, _, _):
            files[Int(file.slot)].inFlight += 1
            files[Int(file.slot)].writes.append((slot, writeRange(position, slices)))
        case .read(let file, at: _, into: _, _), .allocate(let file, at: _, byteCount: _, _),
            .truncate(let file, to: _, _), .sync(let file, _, _, _):
            files[Int(file.slot)].inFlight += 1
        case .mail(let receiver, _): unreadLetters[Int(receiver.number)] += 1
        default: break
        }
    }

    private func writeRange(_ position: Int64, _ slices: [Slice]) -> Range<Int64> {
        let byteCount = slices.reduce(Int64(0)) { $0 + Int64($1.byteCount) }
        let (end, overflow) = position.addingReportingOverflow(byteCount)
        return overflow ? position..<Int64.max : position..<end
    }

    // MARK: Ending

    /// Gives back what the operation held. Called when the shard is about to be told, not before.
    @discardableResult
    func finish(_ slot: UInt32) -> InFlight? {
        guard let inFlight = operations.remove(slot) else { return nil }
        for slice in inFlight.slices { pool.end(slot, on: slice, by: shard) }
        switch inFlight.operation {
        case .receive(let connection, _), .receiveFresh(let connection): peers[Int(connection.slot)].receive = nil
        case .send(let connection, _, _): peers[Int(connection.slot)].send = nil
        case .close(let file, _):
            files[Int(file.slot)].inFlight -= 1
            freeFile(file.slot)
        case .write(let file, at: _, _, _):
            files[Int(file.slot)].inFlight -= 1
            files[Int(file.slot)].writes.removeAll { $0.operation == slot }
        case .read(let file, at: _, into: _, _), .allocate(let file, at: _, byteCount: _, _),
            .truncate(let file, to: _, _), .sync(let file, _, _, _):
            files[Int(file.slot)].inFlight -= 1
        default: break
        }
        return inFlight
    }

    // MARK: Names

    func nameFile(_ handle: Disk.Handle, _ path: Path) -> FileID {
        let slot = freeFiles.popLast() ?? UInt32(files.count)
        if Int(slot) == files.count { files.append(OpenFile()) }
        files[Int(slot)].handle = handle
        files[Int(slot)].ioClass = path.ioClass
        files[Int(slot)].incarnation = path.directory.incarnation
        files[Int(slot)].isClosing = false
        return FileID(slot: slot, generation: files[Int(slot)].generation)
    }

    private func freeFile(_ slot: UInt32) {
        files[Int(slot)].handle = nil
        files[Int(slot)].generation &+= 1
        freeFiles.append(slot)
    }

    func namePeer(_ connection: UInt32) -> ConnectionID {
        let slot = freePeers.popLast() ?? UInt32(peers.count)
        if Int(slot) == peers.count { peers.append(Peer()) }
        peers[Int(slot)].connection = connection
        peers[Int(slot)].isClosing = false
        return ConnectionID(slot: slot, generation: peers[Int(slot)].generation)
    }

    func freePeer(_ slot: UInt32) {
        peers[Int(slot)].connection = nil
        peers[Int(slot)].generation &+= 1
        freePeers.append(slot)
    }

    func handle(_ file: FileID) -> Disk.Handle? { files[Int(file.slot)].handle }

    private func openFile(_ file: FileID) throws(MachineFailure) -> OpenFile {
        try invariant(Int(file.slot) < files.count, "a file has a name that was given")
        let open = files[Int(file.slot)]
        try invariant(
            open.handle != nil && open.generation == file.generation && !open.isClosing,
            "a file is used by its current name")
        return open
    }

    private func openPeer(_ connection: ConnectionID) throws(MachineFailure) -> Peer {
        try invariant(Int(connection.slot) < peers.count, "a connection has a name that was given")
        let peer = peers[Int(connection.slot)]
        try invariant(
            peer.connection != nil && peer.generation == connection.generation && !peer.isClosing,
            "a connection is used by its current name and not after its disconnect")
        return peer
    }
}

/// The law that a planned failure breaks: telling it from a real one is how a run knows what it asked for.
let plannedFailure: StaticString = "the plan lets this shard fail here"

extension Directory {
    /// Of the partition whose directory it is.
    fileprivate var incarnation: UInt64? {
        switch self {
        case .partition(let incarnation), .orphan(let incarnation): incarnation
        case .root, .catalog, .partitions, .orphans: nil
        }
    }
}

extension Operation {
    /// The slice that stands in the operation itself; nil when slices travel beside it.
    var ownSlices: [Slice]? {
        switch self {
        case .receive(_, let into), .read(_, at: _, let into, _), .list(_, let into, _): [into]
        default: nil
        }
    }
}
