import Platform

/// Keeps a reserve of free disk, so that deletes, consumer offsets and a clean stop still work on a full one.
///
/// A pure judge of measurements: while free space is below the reserve, appends are refused before they touch a
/// file. It asks for a measurement at intervals, and at once when a write met the end of the space.
struct SpaceGuard {
    /// Appends are refused.
    private(set) var isHeld = false
    private(set) var free: Int64 = .max
    private(set) var total: Int64 = .max
    private var measuredAt: Int64 = .min
    private var isMeasuring = false
    private let interval: Int64
    private let reserveMax: Int64
    private let token = Route(.space, detail: 0).token

    /// `interval` in nanoseconds; `reserveMax` in bytes bounds the reserve.
    init(interval: Int64, reserveMax: Int64) {
        self.interval = interval
        self.reserveMax = reserveMax
    }

    /// max(1 %, 256 MiB) of the volume, at most a tenth of it and at most `reserveMax` bytes.
    static func reserve(total: Int64, max reserveMax: Int64) -> Int64 {
        min(max(total / 100, 256 << 20), total / 10, reserveMax)
    }

    mutating func measureIfDue<W: World & ~Copyable>(at now: Instant, _ world: inout W) throws(MachineFailure) {
        guard !isMeasuring, measuredAt == .min || now.nanoseconds - measuredAt >= interval else { return }
        try measure(&world)
    }

    /// A write met the end of the space: hold, and look.
    mutating func metEnd<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) {
        if !isHeld {
            isHeld = true
            world.mark(.diskFullMet)
        }
        if !isMeasuring { try measure(&world) }
    }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, at now: Instant, _ world: inout W
    ) throws(MachineFailure) {
        isMeasuring = false
        measuredAt = now.nanoseconds
        // A volume that cannot be measured is not held: its writes will tell.
        guard case .space(let free, let total) = completion else { return }
        self.free = free
        self.total = total
        let reserve = Self.reserve(total: total, max: reserveMax)
        if isHeld, free > reserve, !world.isMutated(.fullDiskHeldForEver) {
            isHeld = false
            world.mark(.diskFullRecovered)
            try world.submit(.notice(Notice(.info, .diskHasRoom, UInt64(clamping: free))))
        } else if !isHeld, free <= reserve {
            isHeld = true
            world.mark(.reserveHeld)
            try world.submit(
                .notice(Notice(.warning, .diskFull, UInt64(clamping: free), UInt64(clamping: reserve))))
        }
    }

    private mutating func measure<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) {
        isMeasuring = true
        try world.submit(.measureSpace(token))
    }
}
