import Testing

struct AckJournalTests {
    private static let ids = (0..<6).map { AckJournal.id(producer: 0, number: $0) }

    /// Batches of two: the first two acknowledged, the third not.
    private func journal() -> AckJournal {
        var journal = AckJournal()
        for start in [0, 2, 4] {
            let batch = journal.sending([Self.ids[start], Self.ids[start + 1]])
            if start < 4 { journal.acknowledged(batch) }
        }
        return journal
    }

    private func stored(_ numbers: [Int]) -> [AckJournal.Stored] {
        numbers.enumerated().map { offset, number in
            AckJournal.Stored(
                offset: UInt64(offset), id: Self.ids[number], payload: AckJournal.payload(of: Self.ids[number]))
        }
    }

    @Test(arguments: [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5]])
    func `what was not acknowledged may be there or not`(numbers: [Int]) throws {
        var journal = journal()

        try journal.check(stored(numbers))
    }

    @Test(
        arguments: [
            ([0, 1], .lost(id: ids[2])),
            ([2, 3], .lost(id: ids[0])),
            ([0, 1, 2], .lost(id: ids[3])),
            ([0, 1, 2, 3, 4], .tornBatch(id: ids[5])),
            ([0, 1, 2, 3, 5], .tornBatch(id: ids[5])),
            ([0, 1, 2, 3, 2, 3], .duplicated(id: ids[2])),
            ([2, 3, 0, 1], .reordered(id: ids[0])),
        ] as [([Int], AckJournal.Violation)])
    func `losses, tears, copies and swaps are found`(numbers: [Int], violation: AckJournal.Violation) {
        var journal = journal()
        let stored = stored(numbers)

        #expect(throws: violation) { try journal.check(stored) }
    }

    @Test func `a message that nobody sent is found`() {
        var journal = journal()
        let foreign = AckJournal.id(producer: 7, number: 0)
        let stored =
            stored([0, 1, 2, 3]) + [
                AckJournal.Stored(offset: 4, id: foreign, payload: AckJournal.payload(of: foreign))
            ]

        #expect(throws: AckJournal.Violation.foreign(id: foreign, at: 4)) { try journal.check(stored) }
    }

    @Test func `a refused message that is there is found`() {
        var journal = AckJournal()
        journal.refused(journal.sending([Self.ids[0]]))
        let stored = stored([0])

        #expect(throws: AckJournal.Violation.foreign(id: Self.ids[0], at: 0)) { try journal.check(stored) }
    }

    @Test func `a hole in the offsets is found`() {
        var journal = journal()
        let stored = stored([0, 1, 2, 3]).filter { $0.offset != 2 }

        #expect(throws: AckJournal.Violation.gap(at: 2)) { try journal.check(stored) }
    }

    @Test func `an offset that changes its message after it was read is found`() throws {
        var journal = AckJournal()
        _ = journal.sending([Self.ids[0]])
        _ = journal.sending([Self.ids[1]])
        try journal.saw(stored([0]))
        let other = [AckJournal.Stored(offset: 0, id: Self.ids[1], payload: AckJournal.payload(of: Self.ids[1]))]

        #expect(throws: AckJournal.Violation.offsetReused(0)) { try journal.check(other) }
    }
}
