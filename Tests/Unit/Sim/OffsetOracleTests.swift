import Sim
import Testing

@Suite struct OffsetOracleTests {
    /// A power cut comes between the question and its answer; then `found` is read.
    private func violation(
        _ level: PromisedLevel, offsets: PromisedLevel, isAnsweredLate: Bool, found: UInt64?
    ) -> Violation? {
        let oracle = Oracle(partitionCount: 1, level: level, offsetsLevel: offsets)
        oracle.storeInvoked(consumer: 0, partition: 0, offset: 34)
        if !isAnsweredLate { oracle.storeEnded(consumer: 0, partition: 0, .ok, at: 1) }
        oracle.crashed(.powerCut)
        if isAnsweredLate { oracle.storeEnded(consumer: 0, partition: 0, .ok, at: 2) }
        oracle.fetched(consumer: 0, partition: 0, offset: found, at: 3)
        return oracle.violation
    }

    @Test(arguments: [true, false])
    func `an answer that is under way during a crash promises no more than its level`(isAnsweredLate: Bool) {
        #expect(violation(.process, offsets: .process, isAnsweredLate: isAnsweredLate, found: nil) == nil)
        #expect(violation(.process, offsets: .process, isAnsweredLate: isAnsweredLate, found: 34) == nil)
        #expect(violation(.process, offsets: .process, isAnsweredLate: isAnsweredLate, found: 35) != nil)
        #expect(violation(.process, offsets: .power, isAnsweredLate: isAnsweredLate, found: 20) == nil)
        #expect(violation(.power, offsets: .power, isAnsweredLate: isAnsweredLate, found: nil) != nil)
        #expect(violation(.power, offsets: .power, isAnsweredLate: isAnsweredLate, found: 34) == nil)
    }
}
