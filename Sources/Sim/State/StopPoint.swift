import Platform

/// Where a run is left to be looked at.
public enum StopPoint: Equatable, Sendable {
    /// So many happenings of the run have come.
    case event(Int)
    /// The run has gone through it.
    case moment(Waypoint)
    /// Nothing is left that happens at this time or before; nanoseconds since the run began.
    case time(Int64)

    /// `117`, `12ms` (with `us`, `ms` or `s`), or a moment as `branch` names it: `rotationSealed.3`.
    public init?(text: String) {
        if let event = Int(text) {
            guard event > 0 else { return nil }
            self = .event(event)
            return
        }
        for (unit, length) in [("us", microsecond), ("µs", microsecond), ("ms", millisecond), ("s", second)] {
            guard text.hasSuffix(unit), let count = Int64(text.dropLast(unit.count)) else { continue }
            let (time, overflow) = count.multipliedReportingOverflow(by: length)
            guard count >= 0, !overflow else { return nil }
            self = .time(time)
            return
        }
        guard let waypoint = Waypoint(text: text) else { return nil }
        self = .moment(waypoint)
    }
}

extension Waypoint {
    /// A moment and, behind a point, which time it is; the first if there is none.
    public init?(text: String) {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let first = parts.first, let moment = Moment(text: first),
            let nth = parts.count == 2 ? UInt32(parts[1]) : 1, nth > 0
        else { return nil }
        self.init(moment, nth: nth)
    }
}

extension Universe {
    func isAt(_ point: StopPoint) -> Bool {
        switch point {
        case .event(let count): counts.happenings >= count
        case .moment(let waypoint): passes(of: waypoint.moment) >= waypoint.nth
        case .time(let time): heap.next.map { $0.time > time } ?? true
        }
    }
}
