import Testing

@testable import Sim

/// A purge whose outcome is open: what is seen meanwhile fits the old log or an empty one, whenever it was emptied.
@Suite struct PurgeOracleTests {
    private let oracle = Oracle(partitionCount: 1, level: .process, offsetsLevel: .process)
    private let writer = (first: BatchID(client: 0, number: 0), second: BatchID(client: 0, number: 1))

    init() {
        oracle.appendInvoked(writer.first, partition: 0, count: 1, at: 1)
        oracle.appendEnded(writer.first, partition: 0, .ok, at: 2)
        oracle.purgeInvoked()
    }

    @Test func `a log that was read behind its old end may be emptied afterwards`() {
        oracle.appendInvoked(writer.second, partition: 0, count: 1, at: 3)
        poll(from: 1, [writer.second], at: 4)
        oracle.appendEnded(writer.second, partition: 0, .ok, at: 5)
        oracle.purgeEnded(.ok)

        poll(from: 0, [], at: 6)
        oracle.scanned(partition: 0, [], at: 7)

        #expect(oracle.violation == nil)
    }

    @Test func `what was acknowledged before it was asked for is gone afterwards`() {
        oracle.purgeEnded(.ok)

        poll(from: 0, [writer.first], at: 3)

        #expect(oracle.violation?.property == .foreignMessage)
    }

    @Test func `what fits neither the old log nor an empty one is a violation`() {
        poll(from: 0, [writer.first], at: 3)
        oracle.appendInvoked(writer.second, partition: 0, count: 2, at: 4)

        oracle.polled(
            oracle.pollInvoked(partition: 0), partition: 0, from: 0, wanted: 10,
            [SeenMessage(offset: 0, id: MessageID(writer.second, index: 1), timestamp: 1)], at: 5)

        #expect(oracle.violation != nil)
    }

    @Test func `a refused append is in no log, whether emptied or not`() {
        oracle.appendInvoked(writer.second, partition: 0, count: 1, at: 3)
        oracle.appendEnded(writer.second, partition: 0, .refused, at: 4)
        oracle.purgeEnded(.ok)

        poll(from: 0, [writer.second], at: 5)

        #expect(oracle.violation?.property == .abortedRead)
    }

    /// A poll for ten messages that shows these batches, of one message each.
    private func poll(from offset: UInt64, _ batches: [BatchID], at time: Int64) {
        let messages = batches.enumerated().map {
            SeenMessage(offset: offset + UInt64($0), id: MessageID($1, index: 0), timestamp: 1)
        }
        oracle.polled(oracle.pollInvoked(partition: 0), partition: 0, from: offset, wanted: 10, messages, at: time)
    }
}
