import Platform

/// A shard's part in the room for large frames: who waits for it here, and how much is used.
///
/// Shard 0 is told of one thing at a time: what is returned while it has not heard the last is told together.
struct RoomUse {
    struct Waiter: Equatable {
        let slot: UInt32
        /// Of the buffer for its whole frame.
        let byteCount: Int
        let since: Int64
    }

    /// First come, first served; only connections that are open.
    private(set) var row: [Waiter] = []
    private(set) var held = RoomAmount.none
    /// Of which shard 0 has not been told.
    private var returned = RoomAmount.none
    /// What shard 0 was told last, and has not fulfilled.
    private var told = RoomNews()
    private var isTelling = false

    /// Something to tell shard 0; nil when it knows, and until it has heard what it was told.
    var news: RoomNews? {
        guard !isTelling else { return nil }
        let (wantedBytes, since) = (row.first?.byteCount ?? 0, row.first?.since ?? 0)
        guard returned != .none || wantedBytes != told.wantedBytes || since != told.since else { return nil }
        return RoomNews(returned: returned, wantedBytes: wantedBytes, since: since, number: told.number + 1)
    }

    mutating func tell(_ news: RoomNews) {
        told = news
        returned = .none
        isTelling = true
    }

    mutating func heard() { isTelling = false }

    /// Shard 0 is lost: the next one is told nothing before this shard has joined it.
    mutating func pause() { isTelling = true }

    /// The new shard 0 has been told what is held.
    mutating func joined() {
        told = RoomNews(number: told.number)
        returned = .none
        isTelling = false
    }

    mutating func wait(_ waiter: Waiter) { row.append(waiter) }

    mutating func leave(_ slot: UInt32) { row.removeAll { $0.slot == slot } }

    /// Room has come: whose it is. Nil when nobody waits any more for as little; then it goes back.
    mutating func granted(_ byteCount: Int, number: UInt64) -> Waiter? {
        // One for an older wish has crossed the newer one, which stands.
        if number == told.number { (told.wantedBytes, told.since) = (0, 0) }
        guard let first = row.first, first.byteCount <= byteCount else {
            returned = returned + RoomAmount(bytes: byteCount, frames: 1)
            return nil
        }
        row.removeFirst()
        held = held + RoomAmount(bytes: first.byteCount, frames: 1)
        returned.bytes += byteCount - first.byteCount
        return first
    }

    mutating func giveBack(_ byteCount: Int) {
        held = held + RoomAmount(bytes: -byteCount, frames: -1)
        returned = returned + RoomAmount(bytes: byteCount, frames: 1)
    }
}
