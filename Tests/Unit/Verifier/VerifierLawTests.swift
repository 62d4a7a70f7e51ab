import Primitives
import Testing
import Verifier

/// One case for each law: a directory that breaks it under right checksums.
struct VerifierLawTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let law: Law
        let what: String
        let image: @Sendable () -> DirectoryImage
        var options = Options(.clean)
        var testDescription: String { "\(law): \(what)" }
    }

    @Test(arguments: layout + catalog + batches + segments + offsets)
    func `a broken law is named`(broken: Case) {
        let verdict = verify(broken.image(), broken.options)

        #expect(verdict.violations.contains { $0.law == broken.law }, "\(verdict.findings)")
    }

    private static func edit(_ law: Law, _ what: String, _ change: @escaping @Sendable (inout TestDirectory) -> Void)
        -> Case
    {
        Case(law: law, what: what) {
            var directory = TestDirectory()
            change(&directory)
            return directory.image
        }
    }

    private static func tree(_ law: Law, _ what: String, _ change: @escaping @Sendable (inout DirectoryImage) -> Void)
        -> Case
    {
        Case(law: law, what: what) {
            var image = TestDirectory().image
            change(&image)
            return image
        }
    }

    private static let layout = [
        tree(.namesAreKnown, "a file in the root") { $0.contents["notes.txt"] = [] },
        tree(.namesAreKnown, "a directory in the root") { $0.directories.append("streams") },
        tree(.namesAreKnown, "a file in a partition") { $0.contents["partitions/1/7.log"] = [] },
        tree(.namesAreKnown, "a file beside the partitions") { $0.contents["partitions/2"] = [] },
        tree(.namesAreKnown, "a partition with a leading zero") { $0.directories.append("partitions/01") },
        tree(.formatIsKnown, "a newer format") { $0.contents["FORMAT"] = Array("galgo 2\n".utf8) },
        tree(.bootIsAnIdentity, "a boot of one number") { $0.contents["boot"] = Array("1f\n".utf8) },
        tree(.layoutIsWhole, "no orphans") { $0.directories.removeAll { $0 == "orphans" } },
        tree(.temporariesAreGone, "a temporary") { $0.contents["boot.tmp"] = [] },
        tree(.temporariesAreGone, "a temporary of offsets") { $0.contents["partitions/1/offsets.log.tmp"] = [] },
        tree(.directoriesAreNamed, "a life that never began") { $0.directories.append("partitions/6") },
        tree(.deletionsFinish, "a life that ended") { $0.directories.append("partitions/2") },
    ]

    private static let catalog = [
        edit(.changesDecode, "an unknown kind") { $0.changes.append([99]) },
        edit(.changesDecode, "a byte too much") { $0.changes[1].append(0) },
        edit(.changesFit, "a topic of no stream") {
            $0.changes.append(TestChange.createTopic(stream: 3, 0, "lost", partitions: 1, first: 6))
        },
        edit(.changesFit, "a deleted topic that never was") { $0.changes.append(TestChange.deleteTopic(stream: 0, 9)) },
        edit(.namesAreUnique, "a second stream of a name") { $0.changes.append(TestChange.createStream(1, "orders")) },
        edit(.namesAreUnique, "a second user of a name") { $0.changes.append(TestChange.createUser(1, "iggy")) },
        edit(.incarnationsAreFresh, "a life given out twice") {
            $0.changes.append(TestChange.purgeTopic(stream: 0, 1, first: 5))
        },
        tree(.recordsAreDense, "a record left out") {
            let bodies = TestDirectory().changes
            $0.contents["catalog/00000000000000000001.wal"] = testRecord(bodies[0], sequence: 2, owner: 0)
        },
        tree(.logFollowsSnapshot, "a log that nothing leads to") {
            $0.contents["catalog/00000000000000000009.wal"] = []
        },
        tree(.logFollowsSnapshot, "a log behind a gap") {
            let changes = TestDirectory().changes
            $0.contents["catalog/00000000000000000009.wal"] = testRecord(changes[1], sequence: 9, owner: 0)
        },
        tree(.oldLogsAreGone, "a snapshot before the newest") {
            $0.contents["catalog/00000000000000000003.snapshot"] = TestDirectory().snapshot(3, sequence: 3)
            $0.contents["catalog/00000000000000000004.snapshot"] = TestDirectory().snapshot(3, sequence: 4)
        },
        tree(.snapshotVerifies, "a snapshot of another sequence") {
            $0.contents["catalog/00000000000000000004.snapshot"] = TestDirectory().snapshot(3, sequence: 5)
        },
        tree(.incarnationsAreFresh, "a snapshot with a life given out twice") {
            var body = TestDirectory().snapshotBody(5)
            body[0] = 5
            $0.contents["catalog/00000000000000000006.snapshot"] = testRecord(body, sequence: 6, owner: 0)
        },
        tree(.temporariesAreGone, "a temporary of a snapshot") {
            $0.contents["catalog/00000000000000000006.snapshot.tmp"] = []
        },
        tree(.snapshotVerifies, "an empty snapshot") { $0.contents["catalog/00000000000000000001.snapshot"] = [] },
    ]

    private static let batches = [
        edit(.headerIsValid, "an unknown dialect") { $0.open[0].dialect = 3 },
        edit(.headerIsValid, "an unknown format") { $0.open[0].format = 2 },
        edit(.headerIsValid, "unknown flags") { $0.open[0].flags = 4 },
        edit(.headerIsValid, "no messages") { $0.open[0].payloads = [] },
        edit(.batchIsOurs, "another life's batch") { $0.open[0].incarnation = 2 },
        edit(.batchesAreDense, "a hole") { $0.open.append(next($0, base: 8)) },
        edit(.timesAscend, "a time that goes back, across segments") { $0.open[0].timestamp = 999 },
        edit(.epochsAscend, "an epoch that goes back") { $0.sealed[0].epoch = 2 },
        edit(.durableEndAscends, "an end beyond the batch") { $0.open[0].durableEnd = 6 },
        edit(.durableEndAscends, "an end that goes back") { $0.open[0].durableEnd = 1 },
        edit(.messagesAreDense, "offsets that are not the header's") { $0.open[0].offsetError = 1 },
        edit(.messagesAreDense, "deltas that do not begin at 0") { $0.sealed[1].offsetError = 1 },
        edit(.messagesAreStamped, "another time") { $0.open[0].messageTimestamp = 1499 },
        edit(.messagesAreStamped, "no id") { $0.open[0].id = 0 },
        edit(.messagesAreStamped, "reserved bytes") { $0.sealed[1].reserved = 1 },
        edit(.originIsSmallest, "a smaller origin time than any") { $0.open[0].minOrigin = 1 },
        edit(.classicBytesAddUp, "a wrong sum") { $0.open[0].classicByteCountError = 1 },
        edit(.vsrBatchesAddUp, "too many VSR batches") { $0.open[0].vsrBatchCount = 2 },
        edit(.tailIsEmpty, "bytes behind the last batch") { $0.tail = [1] },
    ]

    private static let segments = [
        edit(.segmentsFollow, "a missing batch before the next segment") {
            $0.seal = TestSeal([$0.sealed[0]])
            $0.sealed.removeLast()
        },
        tree(.onlyLastIsOpen, "no seal") {
            $0.contents["partitions/1/00000000000000000000.log"]?.removeLast(96)
        },
        edit(.sealAgrees, "another end") {
            $0.seal = TestSeal($0.sealed)
            $0.seal?.endOffset = 6
        },
        edit(.sealAgrees, "another sum") {
            $0.seal = TestSeal($0.sealed)
            $0.seal?.classicByteCount += 1
        },
        edit(.sealAgrees, "another epoch") {
            $0.seal = TestSeal($0.sealed)
            $0.seal?.epoch = 1
        },
        tree(.sealEndsTheFile, "a byte behind the seal") {
            $0.contents["partitions/1/00000000000000000000.log"]?.append(1)
        },
        tree(.syncedIsThere, "a synced batch is damaged") {
            $0.contents["partitions/1/00000000000000000000.log"]?[150] ^= 1
        },
        full(.rotationIsInTime, "sealed too early", 100_000),
        full(.rotationIsInTime, "sealed too late", 64),
        tree(.indexHasLog, "an index alone") { $0.contents["partitions/1/00000000000000000009.index"] = [] },
        edit(.indexPointsAtBatches, "between batches") { $0.openIndex = testIndexEntry(5, 8, 1500, incarnation: 1) },
        edit(.indexPointsAtBatches, "another offset") {
            $0.sealedIndex =
                testIndexEntry(0, 0, 1000, incarnation: 1)
                + testIndexEntry(1, $0.sealed[0].bytes.count, 1000, incarnation: 1)
        },
        edit(.indexPointsAtBatches, "twice the same") {
            $0.sealedIndex = testIndexEntry(0, 0, 1000, incarnation: 1) + testIndexEntry(0, 0, 1000, incarnation: 1)
        },
        edit(.indexVerifies, "another life's entry") { $0.openIndex = testIndexEntry(5, 0, 1500, incarnation: 2) },
    ]

    private static let offsets = [
        edit(.offsetRecordsDecode, "an unknown kind") { $0.offsets[0] = testOffsetBody(5, 0, id: 0, 0) },
        edit(.offsetRecordsDecode, "an unknown consumer") { $0.offsets[0] = testOffsetBody(1, 3, id: 0, 0) },
        edit(.offsetsSyncedAscends, "more synced than there is") {
            $0.offsets[0] = testOffsetBody(1, 1, id: 9, 3, synced: 56)
        },
        edit(.offsetsAreReadable, "an offset past the end") {
            $0.offsets[2] = testOffsetBody(1, 2, id: 4, 7, synced: 112)
        },
        edit(.epochsSplitTheLog, "an epoch that begins elsewhere") {
            $0.offsets[1] = testOffsetBody(3, 0, id: 1, 2, synced: 56)
        },
        edit(.epochsAscend, "an epoch twice") { $0.offsets.insert($0.offsets[1], at: 2) },
        edit(.vouchedIsThere, "an end that is not there") {
            $0.offsets[4] = testOffsetBody(4, 0, id: 0, 8, synced: 224)
        },
        edit(.cleanStopVouches, "no end") { $0.offsets.removeLast() },
    ]

    private static func next(_ directory: TestDirectory, base: UInt64) -> TestBatch {
        TestBatch(incarnation: 1, baseOffset: base, epoch: 1, timestamp: 1600, durableEnd: 5, payloads: [[1]])
    }

    private static func full(_ law: Law, _ what: String, _ byteCount: UInt64) -> Case {
        Case(
            law: law, what: what, image: { TestDirectory().image },
            options: Options(.clean, segmentByteCount: byteCount))
    }
}
