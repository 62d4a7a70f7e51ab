import Testing
@testable import Server

@Suite struct BatchOrderTests {
    private func header(at offset: UInt64, count: UInt32 = 1, epoch: UInt32 = 0, time: UInt64 = 100) -> BatchHeader {
        BatchHeader(
            dialect: .classic, level: .process, bodyChecksum: 0, incarnation: 7, baseOffset: offset,
            messageCount: count, epoch: epoch, bodyByteCount: 64, classicByteCount: 64, timestamp: time, minOrigin: 0,
            durableEnd: 0, vsrBatchCount: 1)
    }

    private func order(from end: UInt64, _ epochs: [(UInt32, UInt64)] = []) -> BatchOrder {
        var recorded = RecordedEpochs()
        for (epoch, start) in epochs { recorded.begin(epoch, at: start) }
        return BatchOrder(from: end, behind: nil, recorded)
    }

    @Test func `a batch begins where the one before it ends`() {
        var order = order(from: 5)
        #expect(order.fit(of: header(at: 4)) == .elsewhere)
        #expect(order.fit(of: header(at: 5, count: 3)) == .next)

        order.advance(over: header(at: 5, count: 3))

        #expect(order.end == 8)
        #expect(order.fit(of: header(at: 5)) == .elsewhere)
        #expect(order.fit(of: header(at: 8)) == .next)
    }

    @Test func `neither epoch nor time go back from batch to batch`() {
        var order = order(from: 0)
        order.advance(over: header(at: 0, epoch: 2, time: 100))

        #expect(order.fit(of: header(at: 1, epoch: 2, time: 100)) == .next)
        #expect(order.fit(of: header(at: 1, epoch: 3, time: 101)) == .next)
        #expect(order.fit(of: header(at: 1, epoch: 1, time: 101)) == .stale)
        #expect(order.fit(of: header(at: 1, epoch: 3, time: 99)) == .stale)
    }

    @Test func `nor from segment to segment`() {
        var segment = Segment(base: 0)
        segment.add(header(at: 0, count: 4, epoch: 1, time: 50), indexInterval: 1)
        let order = BatchOrder(from: 4, behind: segment, RecordedEpochs())

        #expect(order.fit(of: header(at: 4, epoch: 1, time: 50)) == .next)
        #expect(order.fit(of: header(at: 4, epoch: 0, time: 50)) == .stale)
        #expect(order.fit(of: header(at: 4, epoch: 1, time: 49)) == .stale)
    }

    @Test func `a batch is of the epoch on record for its offset, or a later one`() {
        for (offset, smallest) in [(4, 0), (5, 1), (8, 1), (9, 3), (20, 3)] as [(UInt64, UInt32)] {
            let order = order(from: offset, [(1, 5), (2, 12), (3, 9)])
            #expect(order.fit(of: header(at: offset, epoch: smallest)) == .next)
            #expect(order.fit(of: header(at: offset, epoch: smallest + 1)) == .next)
            if smallest > 0 { #expect(order.fit(of: header(at: offset, epoch: smallest - 1)) == .stale) }
        }
    }

    @Test func `batches agree with their segment in its end, its last time and its epoch`() {
        var order = order(from: 0)
        for header in [header(at: 0, epoch: 1, time: 10), header(at: 1, count: 2, epoch: 2, time: 20)] {
            order.advance(over: header)
        }
        var segment = Segment(base: 0)
        for header in [header(at: 0, epoch: 1, time: 10), header(at: 1, count: 2, epoch: 2, time: 20)] {
            segment.add(header, indexInterval: 1)
        }
        #expect(order.agrees(with: segment))

        for change in [{ $0.end = 4 }, { $0.epoch = 1 }, { $0.lastTimestamp = 21 }] as [(inout Segment) -> Void] {
            var other = segment
            change(&other)
            #expect(!order.agrees(with: other))
        }
    }
}
