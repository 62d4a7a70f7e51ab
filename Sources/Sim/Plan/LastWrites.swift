import Platform
import Primitives

/// The writes that the last crash of a plan interrupts.
public struct LastWrites: Equatable, Sendable {
    /// It crashes when so many of them were acknowledged, or all have ended.
    public var acknowledgedCount: Int
    public var writers: [PlannedClient]

    public init(acknowledgedCount: Int, writers: [PlannedClient]) {
        self.acknowledgedCount = acknowledgedCount
        self.writers = writers
    }
}

extension Plan {
    /// What the last crash meets, if there is one.
    public var writesAtLastCrash: LastWrites? { lastCrash == nil ? nil : lastWrites ?? drawnLastWrites }

    private var drawnLastWrites: LastWrites {
        var dice = PRNG(seed: seed, label: "last-crash/time")
        let partitions = UInt32(knobs[.partitions])
        let writers = (0..<2 as Range<UInt32>).map { writer in
            let appends = (0..<30 as Range<UInt32>).map { number in
                PlannedOperation.append(
                    partition: (writer + number) % partitions, messages: 1 + number % 4,
                    payloadBytes: UInt32(dice.nextSkewed(below: 1_500)))
            }
            return PlannedClient(.patient, appends)
        }
        return LastWrites(acknowledgedCount: 4 + dice.next(below: 24), writers: writers)
    }
}
