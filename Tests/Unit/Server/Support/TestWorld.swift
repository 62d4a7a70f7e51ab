import Platform
import Primitives
import Server

/// A World for tests of the core: operations wait in a queue until the test lets them happen, one by one.
struct TestWorld: World, ~Copyable {
    struct Pending {
        let operation: Operation
        let slices: [Slice]
    }

    let disk: TestDisk
    let pool = TestPool()
    var queue: [Pending] = []
    /// Where the bytes ended that syncs were told need not stay in memory.
    var forgottenEnds: [Int64] = []
    private var open: [TestDisk.Inode?] = []
    /// Of them, those that cannot be written to.
    private var readOnly: Set<Int> = []
    /// Operations carried out so far.
    var performedCount = 0
    /// What the n-th operation answers instead of happening.
    var failures: [Int: Errno] = [:]
    /// The operations that answered so.
    private(set) var failed: [Operation] = []
    /// While so many operations have been carried out, files are not opened, and directories not synced, for this.
    var shortage: (during: Range<Int>, errno: Errno)?
    /// Of the failing operations, a sync of a file loses what it should have made durable.
    var failedSyncsLose = false
    /// Writes move at most so many bytes.
    var writeBytesMax = Int.max
    var mutation: Mutation?
    var marks: Set<Mark> = []
    var notices: [Notice] = []
    var openCountMax = 0
    private var dice: UInt64 = 1

    init(_ disk: TestDisk) { self.disk = disk }

    mutating func submit(_ operation: Operation) throws(MachineFailure) {
        if case .notice(let notice) = operation { return notices.append(notice) }
        try submit(operation, [Slice]().span)
    }

    mutating func submit(_ operation: Operation, _ slices: Span<Slice>) throws(MachineFailure) {
        var all: [Slice] = []
        for index in slices.indices { all.append(slices[index]) }
        if case .read(_, _, let slice, _) = operation { all.append(slice) }
        for slice in all { try pool.begin(slice) }
        queue.append(Pending(operation: operation, slices: all))
    }

    mutating func allocateBuffer(byteCount: Int) -> BufferID? { pool.allocate(byteCount) }
    mutating func release(_ buffer: BufferID) throws(MachineFailure) { try pool.release(buffer) }
    func byteCount(of buffer: BufferID) throws(MachineFailure) -> Int { try pool.block(buffer).byteCount }

    @_lifetime(borrow self)
    func bytes(of slice: Slice) throws(MachineFailure) -> RawSpan {
        let block = try pool.block(slice.buffer)
        precondition(slice.end <= block.byteCount)
        let span = RawSpan(_unsafeStart: block.start + Int(slice.position), byteCount: Int(slice.byteCount))
        return _overrideLifetime(span, borrowing: self)
    }

    @_lifetime(borrow self)
    func mutableBytes(of slice: Slice) throws(MachineFailure) -> MutableRawSpan {
        let block = try pool.block(slice.buffer)
        precondition(slice.end <= block.byteCount)
        try invariant(!pool.isInFlight(slice), "no byte in flight is changed")
        let span = MutableRawSpan(_unsafeStart: block.start + Int(slice.position), byteCount: Int(slice.byteCount))
        return _overrideLifetime(span, borrowing: self)
    }

    mutating func entropy() -> UInt64 {
        dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return dice
    }

    var bootIdentity = BootIdentity(high: 0, low: 1)
    func hostFacts() -> HostFacts { HostFacts() }
    mutating func mark(_ mark: Mark) { marks.insert(mark) }
    func isMutated(_ mutation: Mutation) -> Bool { self.mutation == mutation }

    var openCount: Int { open.count { $0 != nil } }

    // MARK: Carrying out

    /// Carries out the operation at `index` of the queue; nil if it has no completion.
    mutating func perform(at index: Int = 0) -> (Token, Completion)? {
        let pending = queue.remove(at: index)
        for slice in pending.slices { pool.end(slice) }
        performedCount += 1
        let injected = failures[performedCount] ?? shortage(pending.operation)
        func answer(_ token: Token, _ errno: Errno?) -> (Token, Completion) {
            (token, errno.map { .failed($0) } ?? .done(count: 0))
        }
        if failures[performedCount] != nil { failed.append(pending.operation) }
        if let injected, let token = pending.operation.token {
            if case .close(let file, _) = pending.operation { open[Int(file.slot)] = nil }
            if case .sync(let file, _, _, _) = pending.operation, failedSyncsLose { inode(file).failSync() }
            return (token, .failed(injected))
        }
        switch pending.operation {
        case .open(let path, let mode, let token):
            switch disk.open(path, mode) {
            case .failure(let failure): return (token, .failed(failure.errno))
            case .success(let inode):
                open.append(inode)
                if mode == .read { readOnly.insert(open.count - 1) }
                openCountMax = max(openCountMax, openCount)
                let file = FileID(slot: UInt32(open.count - 1), generation: 0)
                return (token, .opened(file, byteCount: Int64(inode.bytes.count)))
            }
        case .close(let file, let token):
            open[Int(file.slot)] = nil
            return (token, .done(count: 0))
        case .read(let file, let position, let slice, let token):
            let bytes = inode(file).bytes
            let start = min(Int(position), bytes.count)
            let count = min(Int(slice.byteCount), bytes.count - start)
            pool.fill(slice, Array(bytes[start..<start + count]))
            return (token, .done(count: count))
        case .write(let file, _, _, let token) where readOnly.contains(Int(file.slot)),
            .truncate(let file, _, let token) where readOnly.contains(Int(file.slot)):
            return (token, .failed(.badDescriptor))
        case .write(let file, let position, _, let token):
            var bytes: [UInt8] = []
            for slice in pending.slices { bytes.append(contentsOf: pool.copy(slice)) }
            if bytes.count > writeBytesMax { bytes.removeLast(bytes.count - writeBytesMax) }
            inode(file).write(bytes, at: Int(position))
            return (token, .done(count: bytes.count))
        case .allocate(let file, let position, let byteCount, let token):
            let inode = inode(file)
            let end = Int(position + byteCount)
            if inode.bytes.count < end {
                inode.bytes.append(contentsOf: [UInt8](repeating: 0, count: end - inode.bytes.count))
            }
            return (token, .done(count: 0))
        case .truncate(let file, let end, let token):
            inode(file).truncate(to: Int(end))
            return (token, .done(count: 0))
        case .sync(let file, let forgotten, _, let token):
            if forgotten > 0 { forgottenEnds.append(forgotten) }
            inode(file).sync()
            return (token, .done(count: 0))
        case .syncDirectory(let directory, let token):
            disk.syncDirectory(directory)
            return (token, .done(count: 0))
        case .makeDirectory(let directory, let token): return answer(token, disk.makeDirectory(directory))
        case .removeDirectory(let directory, let token): return answer(token, disk.removeDirectory(directory))
        case .unlink(let path, let token): return answer(token, disk.unlink(path))
        case .rename(let source, let target, let token): return answer(token, disk.rename(source, target))
        case .list(let directory, let slice, let token):
            guard let bytes = disk.list(directory) else { return (token, .failed(.noEntry)) }
            pool.fill(slice, Array(bytes.prefix(Int(slice.byteCount))))
            return (token, .done(count: bytes.count))
        case .lock(let path, let token):
            _ = disk.open(path, .replace)
            return (token, .done(count: 0))
        case .measureSpace(let token): return (token, .space(free: 1 << 40, total: 1 << 41))
        case .crypt(_, let token):
            // No hash, but one that is the same for the same setting.
            let setting = pool.copy(pending.slices[1]).prefix { $0 != 0 }
            pool.fill(pending.slices[2], setting + [UInt8(ascii: "$"), UInt8(ascii: "h")])
            return (token, .done(count: setting.count + 2))
        default: return nil
        }
    }

    /// Why the operation cannot open what it has to.
    private func shortage(_ operation: Operation) -> Errno? {
        guard let shortage, shortage.during.contains(performedCount) else { return nil }
        switch operation {
        case .open: return shortage.errno
        case .syncDirectory: return shortage.errno == .outOfMemory ? .tooManyFilesInSystem : shortage.errno
        default: return nil
        }
    }

    /// The process is killed: of the write in flight, so many bytes arrive.
    mutating func killDuringWrite(_ byteCount: Int) {
        guard let pending = queue.first, case .write(let file, let position, _, _) = pending.operation else { return }
        var bytes: [UInt8] = []
        for slice in pending.slices { bytes.append(contentsOf: pool.copy(slice)) }
        inode(file).write(Array(bytes.prefix(byteCount)), at: Int(position))
    }

    private func inode(_ file: FileID) -> TestDisk.Inode {
        guard let inode = open[Int(file.slot)] else { preconditionFailure("a closed file is used") }
        return inode
    }
}

/// Buffers of one test, with the number of operations that hold each.
final class TestPool {
    struct Block {
        let start: UnsafeMutableRawPointer
        let byteCount: Int
        var inFlight: [Slice] = []
    }

    private var blocks: [Block?] = []
    private(set) var liveCount = 0
    var allocatedCount: Int { blocks.count }
    /// No more buffers than this.
    var liveMax = Int.max

    deinit { for block in blocks { block?.start.deallocate() } }

    func allocate(_ byteCount: Int, owner: ShardID = ShardID(0)) -> BufferID? {
        if liveCount >= liveMax { return nil }
        liveCount += 1
        let start = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0xcd, count: max(byteCount, 1))
        blocks.append(Block(start: start, byteCount: byteCount))
        return BufferID(owner: owner, slot: UInt32(blocks.count - 1), generation: 0)
    }

    func block(_ buffer: BufferID) throws(MachineFailure) -> Block {
        guard let block = blocks[Int(buffer.slot)] else { throw MachineFailure("a released buffer is not used") }
        return block
    }

    func release(_ buffer: BufferID) throws(MachineFailure) {
        let block = try block(buffer)
        try invariant(block.inFlight.isEmpty, "a buffer in flight is not released")
        block.start.deallocate()
        blocks[Int(buffer.slot)] = nil
        liveCount -= 1
    }

    func begin(_ slice: Slice) throws(MachineFailure) {
        _ = try block(slice.buffer)
        blocks[Int(slice.buffer.slot)]?.inFlight.append(slice)
    }

    func end(_ slice: Slice) {
        guard let index = blocks[Int(slice.buffer.slot)]?.inFlight.firstIndex(of: slice) else { return }
        blocks[Int(slice.buffer.slot)]?.inFlight.remove(at: index)
    }

    func isInFlight(_ slice: Slice) -> Bool {
        blocks[Int(slice.buffer.slot)]?.inFlight.contains {
            Int($0.position) < slice.end && Int(slice.position) < $0.end
        } ?? false
    }

    func copy(_ slice: Slice) -> [UInt8] {
        guard let block = blocks[Int(slice.buffer.slot)] else { return [] }
        return Array(UnsafeRawBufferPointer(start: block.start + Int(slice.position), count: Int(slice.byteCount)))
    }

    func fill(_ slice: Slice, _ bytes: [UInt8]) {
        guard let block = blocks[Int(slice.buffer.slot)] else { return }
        UnsafeMutableRawBufferPointer(start: block.start + Int(slice.position), count: Int(slice.byteCount))
            .copyBytes(from: bytes)
    }
}

extension Operation {
    /// What its completion will carry; nil for operations without one.
    var token: Token? {
        switch self {
        case .open(_, _, let token), .close(_, let token), .read(_, _, _, let token), .write(_, _, _, let token),
            .allocate(_, _, _, let token), .truncate(_, _, let token), .sync(_, _, _, let token),
            .syncDirectory(_, let token), .makeDirectory(_, let token), .removeDirectory(_, let token),
            .moveDirectory(_, _, let token), .unlink(_, let token), .rename(_, _, let token), .list(_, _, let token),
            .measureSpace(let token), .lock(_, let token), .crypt(_, let token), .send(_, _, let token):
            token
        default: nil
        }
    }
}
