import Testing

@testable import Linux

/// Looking instead of sleeping.
@Suite struct SpinTests {
    private func worthwhileCount(_ spin: inout Spin, of count: Int, at now: Int64 = 0) -> Int {
        var worthwhile = 0
        for _ in 0..<count where spin.isWorthwhile(at: now) { worthwhile += 1 }
        return worthwhile
    }

    @Test func `looks that find nothing become rare, and one that finds something brings them back`() {
        var spin = Spin()
        for _ in 0..<8 { spin.learn(.nothing) }

        #expect(worthwhileCount(&spin, of: 320) == 10)
        spin.learn(.found)
        #expect(worthwhileCount(&spin, of: 320) == 320)
    }

    @Test func `whoever was interrupted leaves the core to others for a while`() {
        var spin = Spin()
        spin.learn(.interrupted(at: 1_000))

        #expect(worthwhileCount(&spin, of: 10, at: 1_000 + Spin.rest - 1) == 0)
        #expect(worthwhileCount(&spin, of: 10, at: 1_000 + Spin.rest) == 10)
    }
}
