import Testing

@testable import Sim

/// What a clean stop may do to a log that nobody writes to.
@Suite struct WholeLogTests {
    private let oracle = Oracle(partitionCount: 1, level: .process, offsetsLevel: .process)
    private let answered = BatchID(client: 0, number: 0)
    private let unanswered = BatchID(client: 0, number: 1)

    init() {
        oracle.appendInvoked(answered, partition: 0, count: 1, at: 1)
        oracle.appendEnded(answered, partition: 0, .ok, at: 2)
        oracle.appendInvoked(unanswered, partition: 0, count: 1, at: 3)
        oracle.appendEnded(unanswered, partition: 0, .unknown, at: 4)
    }

    @Test func `an unanswered append may still come to its end`() {
        judge([answered], [answered, unanswered])

        #expect(oracle.violation == nil)
    }

    @Test func `nothing goes, nothing changes, and nothing answered comes late`() {
        for (before, after) in [
            ([answered], []), ([answered, unanswered], [answered]), ([answered], [unanswered]), ([], [answered]),
        ] {
            let other = WholeLogTests()

            other.judge(before, after)

            #expect(other.oracle.violation?.property == .durabilityByClass)
        }
    }

    private func judge(_ before: [BatchID], _ after: [BatchID]) {
        oracle.judgeKept([log(before)], [log(after)], over: "a stop", at: 5)
    }

    private func log(_ batches: [BatchID]) -> WholeLog {
        WholeLog(
            partition: 0,
            messages: batches.enumerated().map {
                SeenMessage(offset: UInt64($0), id: MessageID($1, index: 0), timestamp: 1)
            })
    }
}
