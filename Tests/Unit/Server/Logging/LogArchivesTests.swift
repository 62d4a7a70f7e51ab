import Platform
import Server
import Testing

@Suite struct LogArchivesTests {
    private func limits(file: UInt64 = 100, total: UInt64 = 400, retention: UInt64 = .max) -> LogArchives.Limits {
        LogArchives.Limits(fileBytes: file, totalBytes: total, retention: retention)
    }

    private func archives(_ entries: [(number: UInt32, bytes: UInt64, at: UInt64)]) -> LogArchives {
        LogArchives(entries.map { .init(number: $0.number, byteCount: $0.bytes, writtenAt: $0.at) })
    }

    /// The field's table: total, file, its count, and what we keep beside the active file.
    @Test(
        arguments: [
            (100, 0, 1, 1), (0, 100, 100_000, 99_999), (1_000_000, 1, 100_000, 99_999), (1_000, 100, 10, 9),
            (500, 100, 5, 4), (2_000, 100, 20, 19), (50, 100, 1, 1), (4_000_000_000, 500_000_000, 8, 7),
            (400_000, 100_000, 4, 3), (.max, 1, 100_000, 99_999),
        ] as [(UInt64, UInt64, UInt32, UInt32)])
    func `how many archives are kept`(total: UInt64, file: UInt64, count: UInt32, kept: UInt32) {
        #expect(LogArchives.Limits.filesMax(totalBytes: total, fileBytes: file) == count)
        #expect(limits(file: file, total: total).archivesMax == kept)
    }

    @Test func `only numbered names are archives`() {
        let names = [
            "iggy-server.log", "iggy-server.log.1", "iggy-server.log.12", "iggy-server.log.bak", "iggy-server.log.gz",
            "iggy-server.logs", "iggy-server.log.0", "iggy-server.log.01", "iggy-server.log.+1", "iggy-server.log.1.gz",
            "iggy-server.log.", "iggy-server.log.99999999999", "other.log.1",
        ]
        #expect(names.compactMap { LogFileName.number(of: $0) } == [1, 12])
    }

    @Test func `a rotation moves the highest first and keeps gaps`() {
        let found = archives([(1, 1, 1), (2, 1, 1), (5, 1, 1)])

        #expect(
            found.rotation(within: limits(total: 1_000))
                == [.move(from: 5, to: 6), .move(from: 2, to: 3), .move(from: 1, to: 2), .move(from: 0, to: 1)])
        #expect(archives([]).rotation(within: limits()) == [.move(from: 0, to: 1)])
    }

    @Test func `archives above the number kept go, also after it was lowered`() {
        let found = archives([(1, 1, 1), (2, 1, 1), (3, 1, 1), (9, 1, 1)])

        #expect(
            found.rotation(within: limits())
                == [.delete(9), .delete(3), .move(from: 2, to: 3), .move(from: 1, to: 2), .move(from: 0, to: 1)])
    }

    @Test func `age is strict, and a retention beyond 1970 lets nothing expire`() {
        let found = archives([(1, 1, 1_000), (2, 1, 999), (3, 1, 0)])

        #expect(found.expired(at: 1_500, within: limits(total: 0, retention: 500)) == [3, 2])
        #expect(found.expired(at: 1_500, within: limits(total: 0, retention: 1_501)) == [])
        #expect(found.expired(at: 1_500, within: limits(total: 0, retention: .max)) == [])
    }

    @Test func `the oldest go until the rest fits, at equal times the higher number`() {
        let found = archives([(1, 150, 7), (2, 150, 7), (3, 150, 9), (4, 150, 3)])

        #expect(found.expired(at: 10, within: limits(total: 450)) == [4])
        #expect(found.expired(at: 10, within: limits(total: 449)) == [4, 2])
        #expect(found.expired(at: 10, within: limits(total: 1)) == [4, 2, 1, 3])
        #expect(found.expired(at: 10, within: limits(total: 600)) == [])
        #expect(found.expired(at: 10, within: limits(total: 300, retention: 5)) == [4, 2])
    }
}
