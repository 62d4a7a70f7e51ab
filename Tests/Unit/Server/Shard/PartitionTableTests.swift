import Testing

@testable import Server

@Suite struct PartitionTableTests {
    private func entry(_ incarnation: UInt64, slot: UInt32, isRecovered: Bool) -> PartitionTable.Entry {
        PartitionTable.Entry(
            incarnation: incarnation,
            address: PartitionAddress(stream: 0, topic: 0, partition: UInt32(incarnation)), slot: slot,
            isRecovered: isRecovered)
    }

    @Test func `a table is recovered when each of its partitions is, or is gone`() throws {
        var table = PartitionTable()
        try table.insert(entry(9, slot: 0, isRecovered: false))
        try table.insert(entry(3, slot: 2, isRecovered: false))
        try table.insert(entry(5, slot: 1, isRecovered: true))
        var seen = [table.isRecovered]
        table.setRecovered(slot: 2)
        table.setRecovered(slot: 2)
        seen.append(table.isRecovered)
        _ = table.remove(9)
        seen.append(table.isRecovered)

        #expect(seen == [false, false, true])
        #expect(table.all.map(\.incarnation) == [3, 5])
    }

    @Test func `a slot means the partition that has it now`() throws {
        var table = PartitionTable()
        try table.insert(entry(3, slot: 1, isRecovered: true))
        _ = table.remove(3)
        let gone = table.entry(slot: 1)
        try table.insert(entry(7, slot: 1, isRecovered: false))

        #expect(gone == nil)
        #expect(table.entry(slot: 1)?.incarnation == 7)
        #expect(table.entry(slot: 0) == nil && table.entry(slot: 2) == nil)
        #expect(table.slot(of: 7) == 1 && table.slot(of: 3) == nil)
    }
}
