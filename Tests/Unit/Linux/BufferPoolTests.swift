import Foundation
import Platform
import Testing

@testable import Linux

struct BufferPoolTests {
    private let owner = ShardID(0)

    private func pool(limit: Int, warm: Int = 1 << 20) throws -> (BufferPool, MemoryBudget) {
        let budget = MemoryBudget(limitBytes: limit)
        let table = try SlotTable(capacity: 1 << 16)
        return (BufferPool(owner: owner, table: table, budget: budget, warmBytesMax: warm), budget)
    }

    @Test(arguments: [
        (0, 4096), (1, 4096), (4096, 4096), (4097, 8192), (65_536, 65_536), (65_537, 131_072), (1 << 27, 1 << 27),
    ]) func `a buffer has the next power of two`(asked: Int, given: Int) throws {
        let (pool, budget) = try pool(limit: 1 << 28)
        let buffer = try #require(pool.allocate(byteCount: asked))

        #expect(pool.table[Int(buffer.slot)].byteCount == given)
        #expect(budget.usedBytes == given)
    }

    @Test(arguments: [-1, (1 << 27) + 1, Int.max]) func `what no buffer can hold is nil`(asked: Int) throws {
        #expect(try pool(limit: .max).0.allocate(byteCount: asked) == nil)
    }

    @Test func `memory that was used in small pieces is there for larger ones`() throws {
        let limit = 8 << 20
        let pool = BufferPool(
            owner: owner, table: try SlotTable(capacity: SlotTable.capacity(forBytes: limit)),
            budget: MemoryBudget(limitBytes: limit), warmBytesMax: 0)
        for byteCount in [4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10, 1 << 20, 4 << 10] {
            let buffers = try (0..<limit / byteCount).map { _ in try #require(pool.allocate(byteCount: byteCount)) }
            #expect(pool.allocate(byteCount: 1) == nil)
            for buffer in buffers { try pool.release(buffer) }
        }
    }

    @Test func `a name is dead after its release, also when the slot lives again`() throws {
        let (pool, _) = try pool(limit: 1 << 20)
        let first = try #require(pool.allocate(byteCount: 10))
        try pool.release(first)
        let second = try #require(pool.allocate(byteCount: 10))

        #expect(second.slot == first.slot && second.generation != first.generation)
        #expect(throws: MachineFailure.self) { try pool.release(first) }
        try pool.release(second)
    }

    @Test func `what a dead Machine owned stays readable until it is freed, and is given up once`() throws {
        let (pool, _) = try pool(limit: 1 << 20)
        let first = try #require(pool.allocate(byteCount: 10))
        let orphans = pool.orphanAll()
        let second = try #require(pool.allocate(byteCount: 10))

        #expect(orphans == [first.slot] && pool.orphanAll() == [second.slot])
        #expect(try pool.table.find(first) == Int(first.slot))
        pool.free(orphans: orphans)
        #expect(throws: MachineFailure.self) { try pool.table.find(first) }
        #expect(try pool.table.find(second) == Int(second.slot))
    }

    @Test func `a loan counts for the life that lent it`() throws {
        let (own, _) = try pool(limit: 1 << 20)
        let budget = MemoryBudget(limitBytes: 1 << 20)
        let lender = BufferPool(
            owner: ShardID(1), table: try SlotTable(capacity: 64), budget: budget, warmBytesMax: 0)
        let slice = Slice(try #require(lender.allocate(byteCount: 8)), position: 0, byteCount: 8)
        let map = BufferMap(owner: owner, tables: [own.table, lender.table])
        var holds = Holds(map: map, own: own.table, shardCount: 2)

        let hold = try holds.take(slice, lenderGeneration: 0)

        #expect(!holds.usesLoans(of: ShardID(1), before: 0))
        #expect(holds.usesLoans(of: ShardID(1), before: 1) && holds.usesLoans(of: ShardID(1), before: 2))
        holds.end(hold)
        #expect(!holds.usesLoans(of: ShardID(1), before: 2))
    }

    @Test func `warm memory of other sizes makes room when the budget is used up`() throws {
        let (pool, budget) = try pool(limit: 1 << 20)
        let small = (0..<256).compactMap { _ in pool.allocate(byteCount: 4096) }
        #expect(small.count == 256 && pool.allocate(byteCount: 1) == nil)

        for buffer in small { try pool.release(buffer) }
        #expect(budget.usedBytes == 1 << 20, "it is kept warm")

        #expect(pool.allocate(byteCount: 1 << 20) != nil)
        #expect(pool.allocate(byteCount: 1) == nil)
    }

    @Test func `what is beyond the bound of warm memory is given back at once`() throws {
        let (pool, budget) = try pool(limit: 1 << 30, warm: 64 << 10)
        let buffers = (0..<4).compactMap { _ in pool.allocate(byteCount: 64 << 10) }

        for buffer in buffers { try pool.release(buffer) }

        #expect(budget.usedBytes == 64 << 10)
    }

    @Test func `a huge buffer takes no memory until it is touched, and none after its release`() throws {
        let (pool, _) = try pool(limit: 1 << 30)
        let before = residentBytes()
        let buffer = try #require(pool.allocate(byteCount: 128 << 20))
        #expect(residentBytes() - before < 16 << 20)

        let address = try pool.table.address(of: Slice(buffer, position: 0, byteCount: 128 << 20))
        memset(address, 1, 128 << 20)
        let touched = residentBytes()
        #expect(touched - before > 64 << 20)

        try pool.release(buffer)
        #expect(touched - residentBytes() > 64 << 20)
    }

    /// Other tests run at the same time: bounds are wide, and each figure is compared with the one just before.
    private func residentBytes() -> Int {
        Int(TextFile.number(after: "VmRSS", in: TextFile.read("/proc/self/status")) ?? 0) * 1024
    }

    @Test func `a ring keeps its order while it grows and wraps`() {
        let ring = Ring<Int>(capacity: 4)
        defer { ring.end() }
        var (next, expected) = (0, 0)

        for round in 1..<200 {
            for _ in 0..<round % 13 {
                ring.append(next)
                next += 1
            }
            for _ in 0..<round % 11 {
                guard let element = ring.take() else { break }
                #expect(element == expected)
                expected += 1
            }
        }

        #expect(ring.count == next - expected)
        #expect(ring.peek(1) == expected + 1)
    }
}
