/// Places moments from left to right so that what happens in microseconds and what waits for seconds both can be seen:
/// a gap gets room by its order of magnitude, not by its length. Integers only, so that every machine draws the same.
struct TimeAxis {
    /// Ascending nanoseconds, each once, with their places.
    private let times: [Int64]
    private let places: [Int]
    let width: Int

    /// Pixels of a gap of no time, and of each doubling from a microsecond on.
    private static let gapLeast = 2
    private static let doubling = 2

    /// `width`: pixels at least.
    init(_ moments: [Int64], widthLeast: Int) {
        let sorted = moments.sorted()
        var times: [Int64] = []
        for time in sorted where times.last != time { times.append(time) }
        var raw = [0]
        for (earlier, later) in zip(times, times.dropFirst()) {
            let microseconds = UInt64((later - earlier) / 1_000)
            let doublings = UInt64.bitWidth - microseconds.leadingZeroBitCount
            raw.append((raw.last ?? 0) + Self.gapLeast + Self.doubling * doublings)
        }
        let natural = max(1, raw.last ?? 1)
        width = max(widthLeast, natural)
        self.times = times
        let stretched = width
        places = raw.map { $0 * stretched / natural }
    }

    /// Where a moment is; between two known ones in proportion.
    func place(_ time: Int64) -> Int {
        guard let first = times.first, let last = times.last, time > first else { return 0 }
        guard time < last else { return width }
        var low = 0, high = times.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle } else { high = middle }
        }
        let gap = times[high] - times[low]
        let share = Int((time - times[low]) * Int64(places[high] - places[low]) / max(1, gap))
        return places[low] + share
    }

    /// Moments to write times at, no two nearer than `distance` pixels.
    func ticks(_ distance: Int) -> [(time: Int64, place: Int)] {
        var result: [(time: Int64, place: Int)] = []
        for (time, place) in zip(times, places) where place + distance / 2 <= width || result.isEmpty {
            if let last = result.last, place - last.place < distance { continue }
            result.append((time, place))
        }
        return result
    }
}

/// A time for a person, in nanoseconds.
func readable(_ time: Int64) -> String {
    func decimal(_ unit: Int64, _ name: String) -> String {
        let tenths = time * 10 / unit
        return "\(tenths / 10)\(tenths % 10 == 0 ? "" : ".\(tenths % 10)") \(name)"
    }
    if time < 10_000_000 { return "\(time / 1_000) µs" }
    return time < 10_000_000_000 ? decimal(1_000_000, "ms") : decimal(1_000_000_000, "s")
}

/// Thousands apart.
func readable(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var result = number < 0 ? "−" : ""
    for (place, digit) in digits.enumerated() {
        if place > 0, (digits.count - place) % 3 == 0 { result += "\u{202F}" }
        result.append(digit)
    }
    return result
}
