/// Counts values (durations in nanoseconds, for instance) in buckets that are never wider than 1/128 of the value.
///
/// Values up to 255 have a bucket each; above, each power of two is cut into 128. All arithmetic is in integers,
/// recording is one addition, and histograms of several threads can be merged.
public struct Histogram: Equatable, Sendable {
    private var counts = [UInt64](repeating: 0, count: Self.bucketCount)
    public private(set) var count: UInt64 = 0
    /// The largest value recorded, exactly; 0 if there is none.
    public private(set) var max: UInt64 = 0
    /// The smallest value recorded, exactly; 0 if there is none.
    public private(set) var min: UInt64 = 0

    public init() {}

    public mutating func record(_ value: UInt64) {
        counts[Self.bucket(of: value)] += 1
        max = Swift.max(max, value)
        min = count == 0 ? value : Swift.min(min, value)
        count += 1
    }

    public mutating func merge(_ other: Histogram) {
        guard other.count > 0 else { return }
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        max = Swift.max(max, other.max)
        min = count == 0 ? other.min : Swift.min(min, other.min)
        count += other.count
    }

    /// The value that `perMille` of a thousand recorded values do not exceed, at most 1/128 too large; 0 if there
    /// is none. Never above `max`.
    public func value(atPerMille perMille: UInt64) -> UInt64 {
        guard count > 0 else { return 0 }
        // Rounded up: the median of three values is the second. Split so that no product overflows.
        let (whole, rest) = count.quotientAndRemainder(dividingBy: 1000)
        let rank = Swift.max(1, whole * perMille + (rest * perMille + 999) / 1000)
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return Swift.min(max, Self.upperBound(of: bucket)) }
        }
        return max
    }

    // MARK: Buckets

    private static let precisionBits = 7
    private static let bucketsPerPower = 1 << precisionBits
    /// 256 exact buckets, then 128 for each of the 56 powers of two from 2^8 to 2^63.
    private static let bucketCount = bucketsPerPower * (2 + 64 - precisionBits - 1)

    static func bucket(of value: UInt64) -> Int {
        let width = 64 - value.leadingZeroBitCount
        guard width > precisionBits + 1 else { return Int(value) }
        let shift = width - precisionBits - 1
        return shift * bucketsPerPower + Int(value >> UInt64(shift))
    }

    static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket >= 2 * bucketsPerPower else { return UInt64(bucket) }
        let shift = bucket / bucketsPerPower - 1
        let mantissa = UInt64(bucket - shift * bucketsPerPower)
        // Fills the low bits: the end of the last bucket, 2^64, would not fit.
        return mantissa << UInt64(shift) | ((1 << UInt64(shift)) - 1)
    }
}
