import Testing

@testable import Linux

struct ReservationTests {
    private static let mebibyte: Int64 = 1 << 20

    @Test func `a file that has hardly grown takes nothing ahead`() {
        var reservation = Reservation(byteCount: 500 * Self.mebibyte)

        #expect(reservation.wrote(until: 500 * Self.mebibyte + Reservation.grownMin - 1) == nil)
        #expect(!reservation.hasRest)
    }

    @Test func `a file gets ahead as much as it has grown by, and no more than the bound`() {
        var reservation = Reservation(byteCount: 0)
        var ahead: [Int64] = []
        for end in 1...400 {
            guard let range = reservation.wrote(until: Int64(end) * Self.mebibyte) else { continue }
            ahead.append(range.upperBound / Self.mebibyte - Int64(end))
        }

        #expect(ahead.prefix(5) == [1, 2, 3, 5, 7])
        #expect(ahead.allSatisfy { $0 * Self.mebibyte <= Reservation.aheadMax })
        #expect(ahead.last.map { $0 * Self.mebibyte } == Reservation.aheadMax)
    }

    @Test func `reserved ranges lie behind each other and behind the end`() {
        var reservation = Reservation(byteCount: 0)
        var reserved: Int64 = 0
        for end in stride(from: Int64(0), to: 300 * Self.mebibyte, by: 700_000) {
            guard let range = reservation.wrote(until: end) else { continue }
            #expect(range.lowerBound == max(reserved, end))
            reserved = range.upperBound
        }
    }

    @Test func `writing again in place reserves nothing`() {
        var reservation = Reservation(byteCount: 10 * Self.mebibyte)

        #expect(reservation.wrote(until: 9 * Self.mebibyte) == nil)
        #expect(reservation.wrote(until: 10 * Self.mebibyte) == nil)
    }

    @Test func `zeros that were asked for are written over without more`() {
        var reservation = Reservation(byteCount: 0)
        reservation.resized(to: 4 * Self.mebibyte)

        #expect(reservation.wrote(until: 4 * Self.mebibyte) == nil)
        #expect(!reservation.hasRest)
    }

    @Test func `a cut leaves no rest`() {
        var reservation = Reservation(byteCount: 0)
        #expect(reservation.wrote(until: 2 * Self.mebibyte) == 2 * Self.mebibyte..<4 * Self.mebibyte)
        #expect(reservation.hasRest)

        reservation.resized(to: Self.mebibyte)

        #expect(!reservation.hasRest)
    }
}
