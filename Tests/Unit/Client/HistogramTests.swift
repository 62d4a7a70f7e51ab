import Testing

@testable import Client

struct HistogramTests {
    @Test func `an empty histogram answers zero`() {
        let histogram = Histogram()

        #expect(histogram.count == 0)
        #expect(histogram.value(atPerMille: 500) == 0)
        #expect(histogram.max == 0)
    }

    @Test(arguments: [0, 1, 255, 256, 257, 511, 512, 1_000_000, UInt64.max / 3, UInt64.max])
    func `a bucket holds its value and is at most a 128th wider`(value: UInt64) {
        let bound = Histogram.upperBound(of: Histogram.bucket(of: value))

        #expect(bound >= value)
        #expect(bound - value <= value / 128)
    }

    @Test func `buckets follow each other without a gap`() {
        for bucket in 0..<Histogram.bucket(of: .max) {
            let next = Histogram.upperBound(of: bucket) + 1
            #expect(Histogram.bucket(of: next) == bucket + 1)
        }
    }

    @Test func `percentiles of one to a thousand are what they say`() {
        var histogram = Histogram()

        for value in UInt64(1)...1000 { histogram.record(value) }

        #expect(histogram.value(atPerMille: 0) == 1)
        #expect(histogram.value(atPerMille: 100) == 100)
        #expect(abs(Int(histogram.value(atPerMille: 500)) - 500) <= 4)
        #expect(abs(Int(histogram.value(atPerMille: 999)) - 999) <= 8)
        #expect(histogram.value(atPerMille: 1000) == 1000)
        #expect(histogram.min == 1)
    }

    @Test func `merging is the same as recording in one`() {
        var left = Histogram()
        var right = Histogram()
        var both = Histogram()
        for value in [3, 70_000, 12] as [UInt64] {
            left.record(value)
            both.record(value)
        }
        for value in [1, 9_999_999] as [UInt64] {
            right.record(value)
            both.record(value)
        }

        left.merge(right)
        left.merge(Histogram())

        #expect(left == both)
    }
}
