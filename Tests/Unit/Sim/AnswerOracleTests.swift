import Testing

@testable import Sim

/// What an answer says beside its messages: where its log ends, and when its messages were appended.
@Suite struct AnswerOracleTests {
    private let batch = BatchID(client: 1, number: 0)

    @Test func `an answer may name no end below what was acknowledged, nor one beyond what was sent`() {
        #expect(violation(last: 0, messages: 1) == nil)
        #expect(violation(last: 1, messages: 1) == nil)
        #expect(violation(last: 2, messages: 1)?.property == .endRegress)
        #expect(violation(last: 0, messages: 2)?.property == .endRegress)
    }

    @Test func `an answer that holds nothing names no end behind its beginning`() {
        #expect(violation(last: 1, messages: 0, from: 2) == nil)
        #expect(violation(last: 1, messages: 0, from: 1)?.property == .endRegress)
    }

    @Test func `a message has a time between its sending and now, unless the clock was changed`() {
        #expect(violation(stamped: 99)?.property == .timestampOrder)
        #expect(violation(stamped: 100) == nil)
        #expect(violation(stamped: 150) == nil)
        #expect(violation(stamped: 151)?.property == .timestampOrder)
        #expect(violation(stamped: 99, changes: 1) == nil)
    }

    @Test func `the time that a client gives a message comes back`() {
        #expect(violation(stamped: 120, origin: 101)?.property == .foreignMessage)
    }

    @Test func `two neighbours have two numbers`() {
        #expect(violation(numbers: [1, 2]) == nil)
        #expect(violation(numbers: [1, 1])?.property == .foreignMessage)
    }

    /// Two messages were sent and nobody has answered; a poll returns so many, and names `last`.
    private func violation(last: UInt64, messages count: Int, from: UInt64 = 0) -> Violation? {
        let oracle = Oracle(partitionCount: 1, level: .power, offsetsLevel: .power)
        oracle.appendInvoked(batch, partition: 0, count: 2, at: 1)
        if count == 0 { oracle.appendEnded(batch, partition: 0, .ok, at: 2) }
        oracle.polled(
            oracle.pollInvoked(partition: 0), partition: 0, from: from, wanted: UInt32(max(count, 1)),
            messages(count, stamped: 1, origin: 1), last: last, at: 3)
        return oracle.violation
    }

    /// Sent when the wall clock showed 100, read when it shows 150.
    private func violation(
        stamped: UInt64 = 120, origin: UInt64 = 100, changes: Int = 0, numbers: [UInt128] = []
    ) -> Violation? {
        let oracle = Oracle(partitionCount: 1, level: .power, offsetsLevel: .power)
        oracle.wall = { WallTime(micros: 100, latest: 100, changes: 0) }
        oracle.appendInvoked(batch, partition: 0, count: 2, at: 1)
        oracle.wall = { WallTime(micros: 150, latest: 150, changes: changes) }
        oracle.polled(
            oracle.pollInvoked(partition: 0), partition: 0, from: 0, wanted: 2,
            messages(2, stamped: stamped, origin: origin, numbers), at: 3)
        return oracle.violation
    }

    private func messages(
        _ count: Int, stamped: UInt64, origin: UInt64, _ numbers: [UInt128] = []
    ) -> [SeenMessage] {
        (0..<count).map { index in
            SeenMessage(
                offset: UInt64(index), id: MessageID(batch, index: UInt32(index)), timestamp: stamped, origin: origin,
                number: index < numbers.count ? numbers[index] : 0)
        }
    }
}
