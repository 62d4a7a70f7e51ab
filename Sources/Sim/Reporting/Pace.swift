/// How far many runs are, and how fast.
public struct Pace: Equatable, Sendable {
    public let done, failed, milliseconds: Int

    public init(done: Int, failed: Int, milliseconds: Int) {
        self.done = done
        self.failed = failed
        self.milliseconds = max(1, milliseconds)
    }

    /// Of `total` seeds, or until `limit` milliseconds from the beginning.
    public func text(of total: Int?, until limit: Int?) -> String {
        var words = total.map { "\(done) of \($0) seeds" } ?? "\(done) seeds"
        words += ", \(done * 60_000 / milliseconds)/min, \(failed) failed"
        if let limit {
            words += ", \(Self.duration(limit - milliseconds)) to go"
        } else if let total, done > 0 {
            words += ", \(Self.duration((total - done) * milliseconds / done)) to go"
        }
        return words
    }

    private static func duration(_ milliseconds: Int) -> String {
        let seconds = max(0, milliseconds) / 1_000
        if seconds < 100 { return "\(seconds) s" }
        return seconds < 6_000 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
    }
}
