import Testing

@testable import Server

@Suite struct PartitionTableTests {
    private func entry(_ incarnation: UInt64, slot: UInt32, _ recovery: PartitionTable.Recovery) -> PartitionTable.Entry {
        PartitionTable.Entry(
            incarnation: incarnation,
            address: PartitionAddress(stream: 0, topic: 0, partition: UInt32(incarnation)), slot: slot,
            recovery: recovery)
    }

    @Test func `a table is recovered when each of its partitions is, or is gone`() throws {
        var table = PartitionTable()
        try table.insert(entry(9, slot: 0, .underWay))
        try table.insert(entry(3, slot: 2, .underWay))
        try table.insert(entry(5, slot: 1, .ended))
        var seen = [table.isRecovered]
        table.set(.ended, slot: 2)
        table.set(.ended, slot: 2)
        seen.append(table.isRecovered)
        _ = table.remove(9)
        seen.append(table.isRecovered)

        #expect(seen == [false, false, true])
        #expect(table.all.map(\.incarnation) == [3, 5])
    }

    @Test func `a start does not wait for what is parked or failed, and knows that it knows less`() throws {
        for end in [PartitionTable.Recovery.parked, .failed] {
            var table = PartitionTable()
            try table.insert(entry(3, slot: 0, .underWay))
            try table.insert(entry(5, slot: 1, .ended))
            table.set(end, slot: 0)

            #expect(table.isRecovered && !table.isKnown)
            #expect(!table.isRecovered(3) && table.isRecovered(5))
            table.set(.ended, slot: 0)
            #expect(table.isRecovered && table.isKnown)
        }
    }

    @Test func `a slot means the partition that has it now`() throws {
        var table = PartitionTable()
        try table.insert(entry(3, slot: 1, .ended))
        _ = table.remove(3)
        let gone = table.entry(slot: 1)
        try table.insert(entry(7, slot: 1, .underWay))

        #expect(gone == nil)
        #expect(table.entry(slot: 1)?.incarnation == 7)
        #expect(table.entry(slot: 0) == nil && table.entry(slot: 2) == nil)
        #expect(table.slot(of: 7) == 1 && table.slot(of: 3) == nil)
    }
}
