import Primitives
import Testing
@testable import Verifier

struct VerifierTests {
    @Test func `no amount of noise hides a broken law`() {
        var findings = Findings(Options(.crashed))
        for number in 0..<2 * Findings.countMax { findings.note(.orphansAreKept, "orphans/\(number)", "0 files") }

        findings.violation(.namesAreKnown, "stranger", "no file is named so")

        #expect(findings.all.last?.severity == .violation)
        #expect(findings.all.count == Findings.countMax + 1)
        #expect(findings.droppedCount == Findings.countMax)
    }

    private static let sealedPath = "partitions/1/00000000000000000000.log"
    private static let openPath = "partitions/1/00000000000000000005.log"
    private static let offsetsPath = "partitions/1/offsets.log"
    private static let catalogPath = "catalog/00000000000000000001.wal"

    @Test func `a whole directory breaks no law`() {
        let verdict = verify(TestDirectory().image, Options(.clean))

        #expect(verdict.findings.isEmpty)
        #expect(
            verdict.totals
                == totals(files: 9, catalog: 5, offsets: 5, segments: 2, seals: 1, batches: 3, messages: 7, entries: 3))
    }

    @Test func `directories that only the settings name are strangers unless they are said`() {
        var image = TestDirectory().image
        image.directories += ["journal", "run"]

        #expect(verify(image, Options(.clean)).findings.count == 2)
        #expect(verify(image, Options(.clean, strangers: ["journal", "run"])).findings.isEmpty)
    }

    @Test func `the verdict tells what exists and what is stored`() throws {
        let verdict = verify(TestDirectory().image, Options(.clean, listsMessages: true))

        #expect(verdict.catalog.streams.map(\.name) == ["orders"])
        #expect(verdict.catalog.streams.first?.topics.map(\.incarnations) == [[1], [4, 5]])
        #expect(verdict.catalog.users.map(\.name) == ["iggy"])
        #expect(verdict.catalog.nextIncarnation == 6)
        let partition = try #require(verdict.partitions.first)
        #expect(partition.firstOffset == 0)
        #expect(partition.endOffset == 7)
        #expect(partition.durableEnd == 5)
        #expect(partition.epoch == 1)
        #expect(partition.storedOffsets == [PartitionFacts.StoredOffset(kind: .group, id: 4, offset: 6)])
        #expect(partition.messages.map(\.offset) == Array(0..<7))
        #expect(partition.messages.map(\.payloadByteCount) == [3, 1, 2, 0, 1, 1, 1])
        #expect(partition.messages.map(\.timestamp) == [1000, 1000, 1000, 1000, 1000, 1500, 1500])
        let digest = XXH3.hash(([1, 2, 3] as [UInt8]).rawSpan)
        #expect(partition.messages.first?.payloadDigest == digest)
    }

    @Test(arguments: [
        "FORMAT", catalogPath, sealedPath, openPath, offsetsPath, "partitions/1/00000000000000000000.index",
    ])
    func `every single flipped bit is found`(path: String) throws {
        let image = TestDirectory().image
        let bytes = try #require(image.contents[path])

        for bit in 0..<bytes.count * 8 {
            var damaged = image
            damaged.contents[path]?[bit / 8] ^= 1 << UInt8(bit % 8)
            let verdict = verify(damaged, Options(.clean))
            #expect(!verdict.isClean, "bit \(bit % 8) of byte \(bit / 8)")
        }
    }

    @Test func `no flipped bit and no cut is anything but a finding`() {
        let image = TestDirectory().image
        for path in image.files {
            let bytes = image.contents[path] ?? []
            for count in 0..<bytes.count {
                var cut = image
                cut.contents[path] = Array(bytes[..<count])
                for options in [Options(.clean), Options(.crashed), Options(.crashed, hasLostPower: true)] {
                    _ = verify(cut, options)
                    var flipped = image
                    flipped.contents[path]?[count] ^= 0x55
                    _ = verify(flipped, options)
                }
            }
        }
    }

    @Test func `what a kill leaves of the last write is recoverable, and a fault after a clean stop`() throws {
        var directory = TestDirectory()
        directory.offsets.removeLast(3)
        directory.tail = []
        let image = directory.image
        let bytes = try #require(image.contents[Self.openPath])

        for count in 1..<bytes.count {
            for zeros in [0, 4096] {
                var cut = image
                cut.contents[Self.openPath] = Array(bytes[..<count]) + Array(repeating: 0, count: zeros)
                cut.contents["partitions/1/00000000000000000005.index"] = nil
                let crashed = verify(cut, Options(.crashed))
                let clean = verify(cut, Options(.clean))

                #expect(crashed.isClean, "\(count) bytes, \(zeros) zeros: \(crashed.findings)")
                #expect(!crashed.findings.isEmpty)
                #expect(crashed.partitions.first?.endOffset == 5)
                #expect(!clean.isClean)
            }
        }
    }

    @Test func `an incomplete last record is recoverable, in the catalog and among the offsets`() throws {
        for path in [Self.catalogPath, Self.offsetsPath] {
            let image = TestDirectory().image
            let bytes = try #require(image.contents[path])
            let last = path == Self.catalogPath ? TestDirectory().changes[4].count + 32 : 56

            for missing in 1..<last {
                var cut = image
                cut.contents[path] = Array(bytes.dropLast(missing))
                let crashed = verify(cut, Options(.crashed))

                #expect(crashed.isClean, "\(missing) bytes of \(path): \(crashed.findings)")
                #expect(!crashed.findings.isEmpty)
                #expect(!verify(cut, Options(.clean)).isClean)
            }
        }
    }

    @Test(arguments: [Options(.clean), Options(.crashed), Options(.crashed, hasLostPower: true)])
    func `an index may end anywhere, and whole entries may not lie`(options: Options) throws {
        for path in ["partitions/1/00000000000000000000.index", "partitions/1/00000000000000000005.index"] {
            let image = TestDirectory().image
            let bytes = try #require(image.contents[path])

            for count in 0...bytes.count {
                var cut = image
                cut.contents[path] = Array(bytes[..<count])
                let verdict = verify(cut, options)
                let left = path.hasSuffix("5.index") ? 2 + count / 32 : count / 32 + 1

                #expect(verdict.isClean, "\(count) bytes of \(path): \(verdict.findings)")
                #expect(verdict.findings.count { $0.law == .indexVerifies } == (count % 32 == 0 ? 0 : 1))
                #expect(verdict.totals.indexEntryCount == left)
            }
        }
    }

    @Test func `damage that no crash explains is a fault after a crash, too`() {
        for (path, position) in [
            (Self.sealedPath, 200), (Self.openPath, 120), (Self.catalogPath, 40), (Self.offsetsPath, 70),
        ] {
            var image = TestDirectory().image
            image.contents[path]?[position] ^= 4
            let verdict = verify(image, Options(.crashed))
            #expect(!verdict.isClean, "\(path) at \(position)")
        }
    }

    @Test func `a power cut excuses what was not synced, and nothing that was`() {
        for (position, isExcused) in [(20, false), (300, true)] {
            var image = TestDirectory().image
            // Offsets 0 and 1 are synced, says the second batch; the seal is gone with the next segment.
            image.contents[Self.openPath] = []
            image.contents[Self.offsetsPath] = nil
            image.contents[Self.sealedPath]?[position] ^= 1
            let seal = image.contents[Self.sealedPath]!.count - 96
            image.contents[Self.sealedPath]?[seal] ^= 1
            let verdict = verify(image, Options(.crashed, hasLostPower: true))
            #expect(verdict.isClean == isExcused, "\(verdict.findings)")
            #expect(!verify(image, Options(.crashed, hasLostPower: true, hasRecovered: true)).isClean)
        }
    }

    /// Seed 28347 of the profile `quick`: a recovery was writing over what is synced, of which it had made a copy.
    @Test func `what a copy of a segment's end holds is as if it stood in the segment`() {
        let second = TestBatch(
            incarnation: TestDirectory.life, baseOffset: 7, epoch: 1, timestamp: 1500, durableEnd: 7, payloads: [[1]])
        var directory = TestDirectory()
        directory.open.append(second)
        var image = directory.image
        let first = directory.open[0].bytes
        let options = Options(.crashed, hasLostPower: true)
        image.contents[Self.openPath]?.replaceSubrange(0..<first.count, with: repeatElement(0, count: first.count))
        #expect(verify(image, options).violations.contains { $0.law == .syncedIsThere })

        let tail = Self.openPath.replacing(".log", with: ".tail")
        let (head, rest) = (first.prefix(70), first.dropFirst(70))
        let pieces = [(0, head), (70, rest)].map { position, bytes in
            var writer = ByteWriter()
            writer.write(UInt64(position))
            writer.write(Array(bytes))
            return writer.bytes
        }
        let copy = pieces.enumerated().flatMap {
            testRecord($1, sequence: UInt64($0), owner: TestDirectory.life)
        }
        image.contents[tail] = copy
        #expect(verify(image, options).isClean, "\(verify(image, options).findings)")
        #expect(!verify(image, Options(.clean)).isClean)

        var far = ByteWriter()
        far.write(UInt64.max >> 2)
        far.write(UInt8(1))
        let behind = testRecord(far.bytes, sequence: 2, owner: TestDirectory.life)
        for broken in [[], Array(copy.dropLast()), copy + [1], copy + behind] {
            image.contents[tail] = broken
            #expect(verify(image, options).violations.contains { $0.law == .copiesAreWhole })
        }
        // Under its first name it counts for nothing.
        image.contents[tail] = nil
        image.contents[tail + ".tmp"] = copy
        #expect(verify(image, options).violations.contains { $0.law == .syncedIsThere })
    }

    @Test func `a temporary file that the disk refused to remove outlives its writer`() {
        var image = TestDirectory().image
        let path = "partitions/1/offsets.log.tmp"
        image.contents[path] = []
        #expect(verify(image, Options(.clean)).violations.map(\.law) == [.temporariesAreGone])
        #expect(verify(image, Options(.clean, unremoved: [path])).isClean)
        #expect(verify(image, Options(.clean, unremoved: ["boot.tmp"])).violations.map(\.law) == [.temporariesAreGone])
    }

    @Test func `a power cut may still show in the index of a sealed segment when every log has been recovered`() {
        var image = TestDirectory().image
        image.contents[Self.sealedPath.replacing(".log", with: ".index")]?[3] ^= 1

        #expect(verify(image, Options(.clean, hasLostPower: true, hasRecovered: true)).isClean)
        #expect(!verify(image, Options(.clean)).isClean)
    }

    /// Seed 16253.
    @Test func `a power cut may bring back what was cut before a seal that nothing vouches for`() {
        for (durableEnd, isExcused) in [(4, true), (5, false)] as [(UInt64, Bool)] {
            var directory = TestDirectory()
            directory.open[0].durableEnd = durableEnd
            var image = directory.image
            image.contents[Self.sealedPath]? += [1, 2, 3]

            #expect(verify(image, Options(.crashed, hasLostPower: true)).isClean == isExcused)
            #expect(!verify(image, Options(.clean, hasLostPower: true)).isClean)
            #expect(!verify(image, Options(.crashed)).isClean)
        }
    }

    /// Seed 20400 of generator 9, `quick`: a batch whose write had failed is back where another one was written, and the
    /// seal behind that.
    @Test func `a power cut may leave a seal behind another batch that nothing vouches for`() {
        for (durableEnd, isExcused) in [(4, true), (5, false)] as [(UInt64, Bool)] {
            var directory = TestDirectory()
            var seal = TestSeal(directory.sealed)
            seal.lastTimestamp += 1
            directory.seal = seal
            directory.open[0].durableEnd = durableEnd
            let image = directory.image

            #expect(verify(image, Options(.crashed, hasLostPower: true)).isClean == isExcused)
            for strict in [
                Options(.clean, hasLostPower: true), Options(.crashed),
                Options(.crashed, hasLostPower: true, hasRecovered: true),
            ] {
                #expect(verify(image, strict).violations.contains { $0.law == .sealAgrees })
            }
        }
    }

    /// Seed 5330.
    @Test(arguments: [
        // Of an epoch before the recorded one; before the batch in front of it, in the segment and across segments;
        // of a time before.
        StaleBatch(at: 5, openPath) { $0.open[0].epoch = 0 },
        StaleBatch(at: 7, openPath) { $0.addOpen(epoch: 0, timestamp: 1500) },
        StaleBatch(at: 5, openPath) {
            $0.offsets[1] = testOffsetBody(1, 1, id: 9, 4, synced: 56)
            $0.sealed[1].epoch = 2
        },
        StaleBatch(at: 7, openPath) { $0.addOpen(epoch: 1, timestamp: 1499) },
        StaleBatch(at: 2, sealedPath) {
            $0.sealed[0].epoch = 1
            $0.offsets[1] = testOffsetBody(3, 0, id: 1, 0, synced: 56)
        },
    ])
    func `a power cut may bring back batches whose offsets were given out again`(stale: StaleBatch) throws {
        var directory = TestDirectory()
        for place in directory.sealed.indices { directory.sealed[place].durableEnd = 0 }
        directory.open[0].durableEnd = 0
        stale.change(&directory)
        directory.offsets.removeLast()
        let found = verify(directory.image, Options(.crashed, hasLostPower: true, listsMessages: true))

        #expect(found.isClean, "\(found.findings)")
        #expect(found.findings.contains { $0.severity == .recoverable && $0.path == stale.path })
        let partition = try #require(found.partitions.first)
        #expect(partition.endOffset == stale.offset)
        #expect(partition.messages.map(\.offset) == Array(0..<stale.offset))

        #expect(!verify(directory.image, Options(.crashed)).isClean)
        #expect(!verify(directory.image, Options(.clean, hasLostPower: true)).isClean)
        // What was synced cannot have been given out again.
        directory.open.append(
            TestBatch(
                incarnation: TestDirectory.life, baseOffset: directory.open.last?.endOffset ?? 0, epoch: 3,
                timestamp: 2000,
                durableEnd: stale.offset + 1, payloads: [[1]]))
        #expect(!verify(directory.image, Options(.crashed, hasLostPower: true)).isClean)
    }

    /// A directory with a batch in it that is not the next one, though its offset is.
    struct StaleBatch: CustomTestStringConvertible, Sendable {
        let offset: UInt64
        let path: String
        let change: @Sendable (inout TestDirectory) -> Void
        var testDescription: String { "at offset \(offset)" }

        init(at offset: UInt64, _ path: String, _ change: @escaping @Sendable (inout TestDirectory) -> Void) {
            self.offset = offset
            self.path = path
            self.change = change
        }
    }

    @Test func `what a compaction of the catalog leaves at any moment is known, and the last change counts`() throws {
        let whole = TestDirectory()
        let expected = verify(whole.image, Options(.clean)).catalog
        let log = try #require(whole.image.contents[Self.catalogPath])
        let records = (0..<5).map { testRecord(whole.changes[$0], sequence: UInt64($0) + 1, owner: 0) }
        let all = whole.snapshot(5, sequence: 6)
        let three = whole.snapshot(3, sequence: 4)
        let rest = records[3] + records[4]
        // Files, and whether a clean stop may leave them.
        let cases: [([String: [UInt8]], Bool)] = [
            (["00000000000000000006.snapshot": all, "00000000000000000006.wal": []], true),
            (["00000000000000000004.snapshot": three, "00000000000000000004.wal": rest], true),
            // The new log is not there yet: the old one goes on behind the snapshot.
            (["00000000000000000006.snapshot": all, "00000000000000000001.wal": log], true),
            (["00000000000000000004.snapshot": three, "00000000000000000001.wal": log], true),
            // Old files are not removed yet.
            (
                [
                    "00000000000000000004.snapshot": three, "00000000000000000004.wal": rest,
                    "00000000000000000001.wal": Array(log.dropLast(rest.count)),
                ], false
            ),
            (
                [
                    "00000000000000000004.snapshot": three, "00000000000000000004.wal": rest,
                    "00000000000000000006.snapshot": all, "00000000000000000006.wal": [],
                ], false
            ),
            // A new log that nothing went to, of an attempt that failed.
            (
                [
                    "00000000000000000004.snapshot": three, "00000000000000000004.wal": [],
                    "00000000000000000001.wal": log,
                ], false
            ),
            (["00000000000000000001.wal": log, "00000000000000000006.snapshot.tmp": [1]], false),
            // No log at all.
            (["00000000000000000006.snapshot": all], false),
        ]

        for (number, (files, isClean)) in cases.enumerated() {
            var image = whole.image
            image.contents[Self.catalogPath] = nil
            for (name, bytes) in files { image.contents["catalog/\(name)"] = bytes }

            let crashed = verify(image, Options(.crashed))

            #expect(crashed.isClean, "case \(number): \(crashed.findings)")
            #expect(crashed.catalog == expected, "case \(number)")
            #expect(verify(image, Options(.clean)).isClean == isClean, "case \(number)")
        }
    }

    @Test func `a removed log that a power cut brings back is not needed whole where a snapshot has it all`() throws {
        let whole = TestDirectory()
        let recovered = Options(.recovered(afterLoss: true), hasLostPower: true, hasRecovered: true)
        var image = whole.image
        let log = try #require(image.contents[Self.catalogPath])
        for torn in [Array(log.dropLast(3)), log + [0, 0, 0], log.dropLast(3) + [7, 7, 7]] {
            image.contents[Self.catalogPath] = torn
            #expect(
                verify(image, recovered).violations.contains {
                    $0.law == .recordsEndTheFile || $0.law == .recordsVerify
                })

            var superseded = image
            superseded.contents["catalog/00000000000000000006.snapshot"] = whole.snapshot(5, sequence: 6)
            superseded.contents["catalog/00000000000000000006.wal"] = []

            let verdict = verify(superseded, recovered)
            #expect(!verdict.findings.contains { $0.severity == .violation && $0.path.hasPrefix("catalog/") })
            #expect(verdict.catalog == verify(whole.image, Options(.clean)).catalog)
        }
    }

    @Test func `a snapshot in several records is one catalog`() {
        let whole = TestDirectory()
        let expected = verify(whole.image, Options(.clean)).catalog
        var image = whole.image
        let body = whole.snapshotBody(5)
        image.contents[Self.catalogPath] = nil
        image.contents["catalog/00000000000000000006.wal"] = []
        image.contents["catalog/00000000000000000006.snapshot"] =
            testRecord(Array(body.prefix(30)), sequence: 6, owner: 0)
            + testRecord(Array(body.dropFirst(30)), sequence: 6, owner: 0)

        let verdict = verify(image, Options(.clean))

        #expect(verdict.isClean, "\(verdict.findings)")
        #expect(verdict.catalog == expected)
    }

    private func totals(
        files: Int, catalog: Int, offsets: Int, segments: Int, seals: Int, batches: Int, messages: Int, entries: Int
    ) -> Verdict.Totals {
        var totals = Verdict.Totals()
        totals.fileCount = files
        totals.byteCount = TestDirectory().image.contents.filter { $0.key != "lock" }.values.reduce(0) { $0 + $1.count }
        totals.catalogRecordCount = catalog
        totals.offsetRecordCount = offsets
        totals.segmentCount = segments
        totals.sealCount = seals
        totals.batchCount = batches
        totals.messageCount = messages
        totals.indexEntryCount = entries
        return totals
    }
}
