import Testing

@testable import Linux

struct PageCostTests {
    private static let mebibyte = 1 << 20
    private static let copied: Int64 = 200_000
    private static let fetched: Int64 = 2_000_000

    /// Writes of a MiB, one after the other, each taking so many nanoseconds.
    private func cost(after durations: [Int64]) -> (PageCost, end: Int64) {
        var cost = PageCost()
        var now: Int64 = 1_000_000_000
        for duration in durations {
            cost.wrote(byteCount: Self.mebibyte, from: now, to: now + duration)
            now += duration
        }
        return (cost, now)
    }

    @Test func `pages that cost the copy alone are not dear`() {
        let (cost, end) = cost(after: Array(repeating: Self.copied, count: 100))

        #expect(!cost.isDear(at: end))
    }

    @Test func `pages that have to be got from the host are dear, once a window of them was written`() {
        let (early, earlyEnd) = cost(after: Array(repeating: Self.fetched, count: 7))
        let (late, lateEnd) = cost(after: Array(repeating: Self.fetched, count: 8))

        #expect(!early.isDear(at: earlyEnd))
        #expect(late.isDear(at: lateEnd))
    }

    @Test func `a few writes that waited long for the processor prove nothing`() {
        let (cost, end) = cost(after: [500 * Self.fetched] + Array(repeating: Self.copied, count: 7))

        #expect(!cost.isDear(at: end))
    }

    @Test func `a judgement is kept while pages are used again, and then tried anew`() {
        let (cost, end) = cost(after: Array(repeating: Self.fetched, count: 8))

        #expect(cost.isDear(at: end + PageCost.memory - 1))
        #expect(!cost.isDear(at: end + PageCost.memory))
    }
}
