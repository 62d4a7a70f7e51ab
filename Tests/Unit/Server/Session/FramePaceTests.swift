import Platform
import Testing

@testable import Server

@Suite struct FramePaceTests {
    private let limits = Limits()

    private static func at(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000, wallMicroseconds: 0)
    }

    /// The second at which a frame is late that gets bytes as `arrivals` says for each second; nil if it is not within
    /// ten minutes.
    private func lateAfter(_ arrivals: (Int64) -> Int) -> Int64? {
        var pace = FramePace(at: Self.at(0), isReceiving: true)
        for second in 1...600 {
            let now = Self.at(Int64(second))
            if pace.isLate(at: now, limits) { return Int64(second) }
            let count = arrivals(Int64(second))
            if count == 0 { continue }
            pace.received(byteCount: count, at: now)
            pace.resume(at: now)
        }
        return nil
    }

    @Test func `a frame that stops is late after a window without progress, however much had come`() {
        #expect(lateAfter { _ in 0 } == 31)
        #expect(lateAfter { $0 == 1 ? 60_000_000 : 0 } == 62)
    }

    @Test func `a frame that grows by less than 1 KiB in a second is late`() {
        #expect(lateAfter { _ in 1_000 } == 31)
        #expect(lateAfter { $0 <= 100 ? 1_100 : 1_000 } == 155)
    }

    @Test func `a frame that grows slowly may take five minutes and no more`() {
        #expect(lateAfter { _ in 1_100 } == 301)
        #expect(lateAfter { _ in 200_000 } == 301)
    }

    @Test func `the time in which the server asked for nothing does not count`() {
        var pace = FramePace(at: Self.at(0), isReceiving: false)
        func isLate(_ second: Int64) -> Bool { pace.isLate(at: Self.at(second), limits) }

        #expect(!isLate(1_000))
        pace.resume(at: Self.at(1_000))
        #expect(!isLate(1_030))
        pace.received(byteCount: 40_000, at: Self.at(1_030))
        #expect(!isLate(2_000))
        pace.resume(at: Self.at(2_000))
        #expect(!isLate(2_001))
        #expect(!isLate(2_031))
        #expect(isLate(2_032))
    }
}
