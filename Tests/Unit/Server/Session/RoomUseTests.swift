import Platform
import Primitives
import Testing

@testable import Server

/// A shard's part in the room for large frames, alone and with others by mail.
@Suite struct RoomUseTests {
    @Test func `what is returned while shard 0 has not heard is told together`() throws {
        var use = RoomUse()
        for slot in 0..<3 as Range<UInt32> { use.wait(RoomUse.Waiter(slot: slot, byteCount: 10, since: Int64(slot))) }
        for _ in 0..<3 {
            let news = try #require(use.news)
            #expect(news.wantedBytes == 10)
            use.tell(news)
            use.heard()
            #expect(use.granted(10, number: news.number) != nil)
        }
        #expect(use.news == nil)
        use.giveBack(10)
        use.tell(try #require(use.news))
        use.giveBack(10)
        use.giveBack(10)
        #expect(use.news == nil)
        use.heard()
        #expect(use.news?.returned == RoomAmount(bytes: 20, frames: 2))
        #expect(use.held == .none)
    }

    @Test func `who left the row is skipped, and room that nobody wants goes back`() throws {
        var use = RoomUse()
        use.wait(RoomUse.Waiter(slot: 1, byteCount: 80, since: 1))
        use.tell(try #require(use.news))
        use.heard()
        use.wait(RoomUse.Waiter(slot: 2, byteCount: 10, since: 2))
        use.leave(1)
        let news = try #require(use.news)
        #expect((news.wantedBytes, news.since) == (10, 2))
        use.tell(news)

        // What the older wish asked for was given before the newer one was heard of.
        #expect(use.granted(80, number: news.number - 1) == RoomUse.Waiter(slot: 2, byteCount: 10, since: 2))
        use.heard()
        let rest = try #require(use.news)
        #expect(rest.returned == RoomAmount(bytes: 70, frames: 0))
        #expect(rest.wantedBytes == 0)
        use.tell(rest)
        use.heard()
        #expect(use.granted(10, number: news.number) == nil)
        #expect(use.news?.returned == RoomAmount(bytes: 10, frames: 1))
    }

    /// Four shards that want room, give it back, leave the row and are lost, in any order, with mail in between.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `room is never given beyond the limit, and all that wait get some`(seed: UInt64) throws {
        var model = RoomModel(seed: seed)
        for _ in 0..<400 { try model.step() }
        try model.comeToRest()
        #expect(model.room.total == .none)
        for use in model.uses {
            #expect(use.row == [] && use.held == .none && use.news == nil)
        }
        #expect(model.servedCount > 4)
    }
}

private struct RoomModel {
    private enum Message {
        case joined(RoomAmount)
        case news(RoomNews)
        case heard
        case granted(Int, UInt64)
    }

    private static let shardCount = 4
    private static let limitBytes = 100

    private var dice: PRNG
    private(set) var room = FrameRoom(limitBytes: limitBytes, shardCount: 4, own: ShardID(0))
    private(set) var uses = Array(repeating: RoomUse(), count: shardCount)
    /// Bytes by slot, of each shard.
    private var holdings = Array(repeating: [(slot: UInt32, byteCount: Int)](), count: shardCount)
    /// To shard 0 and from it, by the other shard.
    private var up = Array(repeating: [Message](), count: shardCount)
    private var down = Array(repeating: [Message](), count: shardCount)
    /// Has not heard yet that shard 0 was lost: what it writes is for the lost one.
    private var isBehind = Array(repeating: false, count: shardCount)
    private var nextSlot: UInt32 = 0
    private var now: Int64 = 0
    private(set) var servedCount = 0

    init(seed: UInt64) {
        dice = PRNG(seed: seed, label: "room")
        for shard in 1..<Self.shardCount { up[shard].append(.joined(.none)) }
    }

    mutating func step() throws {
        now += 1
        let shard = Int(dice.next(below: UInt64(Self.shardCount)))
        switch dice.next(below: 40) {
        case 0 where shard == 0: try loseShardZero()
        case 0: try lose(shard)
        case 1...7:
            // Some want more than there is.
            let byteCount = 1 + Int(dice.next(below: 120))
            uses[shard].wait(RoomUse.Waiter(slot: nextSlot, byteCount: byteCount, since: now))
            nextSlot += 1
        case 8...9:
            if let waiter = uses[shard].row.last { uses[shard].leave(waiter.slot) }
        case 10...16:
            if let holding = holdings[shard].popLast() { uses[shard].giveBack(holding.byteCount) }
        case 17 where isBehind[shard]: hearOfLoss(shard)
        default: try deliver(shard)
        }
        try tell(shard)
        try check()
    }

    /// All mail arrives, and what is held is given back, until nothing moves.
    mutating func comeToRest() throws {
        for _ in 0..<2_000 where !isAtRest {
            for shard in 0..<Self.shardCount {
                if isBehind[shard] { hearOfLoss(shard) }
                try deliver(shard)
                if let holding = holdings[shard].popLast() { uses[shard].giveBack(holding.byteCount) }
                try tell(shard)
                try check()
            }
        }
    }

    private var isAtRest: Bool {
        (0..<Self.shardCount).allSatisfy {
            up[$0].isEmpty && down[$0].isEmpty && holdings[$0].isEmpty && !isBehind[$0] && uses[$0].row.isEmpty
        }
    }

    private mutating func deliver(_ shard: Int) throws {
        if !up[shard].isEmpty {
            switch up[shard].removeFirst() {
            case .joined(let amount): room.has(ShardID(UInt16(shard)), amount)
            case .news(let news):
                try room.hear(news, from: ShardID(UInt16(shard)))
                down[shard].append(.heard)
            case .heard, .granted: Issue.record("shard 0 says that")
            }
            try give()
        }
        if !down[shard].isEmpty {
            switch down[shard].removeFirst() {
            case .heard: uses[shard].heard()
            case .granted(let byteCount, let number): granted(shard, byteCount, number)
            case .joined, .news: Issue.record("shard 0 says nothing of the kind")
            }
        }
    }

    private mutating func tell(_ shard: Int) throws {
        guard let news = uses[shard].news else { return }
        uses[shard].tell(news)
        if shard == 0 {
            try room.hear(news, from: ShardID(0))
            uses[0].heard()
            try give()
            try tell(0)
        } else if !isBehind[shard] {
            up[shard].append(.news(news))
        }
    }

    private mutating func give() throws {
        while let grant = room.next {
            room.charge(grant)
            let shard = Int(grant.shard.number)
            if shard == 0 {
                granted(0, grant.byteCount, grant.number)
                try tell(0)
            } else {
                down[shard].append(.granted(grant.byteCount, grant.number))
            }
        }
    }

    private mutating func granted(_ shard: Int, _ byteCount: Int, _ number: UInt64) {
        guard let waiter = uses[shard].granted(byteCount, number: number) else { return }
        holdings[shard].append((waiter.slot, waiter.byteCount))
        servedCount += 1
    }

    private mutating func lose(_ shard: Int) throws {
        (uses[shard], holdings[shard], up[shard], down[shard]) = (RoomUse(), [], [.joined(.none)], [])
        isBehind[shard] = false
        room.lose(ShardID(UInt16(shard)))
        try give()
    }

    private mutating func loseShardZero() throws {
        (uses[0], holdings[0]) = (RoomUse(), [])
        room = FrameRoom(limitBytes: Self.limitBytes, shardCount: UInt16(Self.shardCount), own: ShardID(0))
        for shard in 1..<Self.shardCount {
            // Whoever has just begun has nothing to hear: it joins the new one.
            (up[shard], down[shard], isBehind[shard]) = ([], [], true)
        }
    }

    private mutating func hearOfLoss(_ shard: Int) {
        isBehind[shard] = false
        uses[shard].pause()
        up[shard].append(.joined(uses[shard].held))
        uses[shard].joined()
    }

    private func check() throws {
        try room.checkInvariants()
        for shard in 0..<Self.shardCount {
            let used = holdings[shard].reduce(0) { $0 + $1.byteCount }
            #expect(uses[shard].held == RoomAmount(bytes: used, frames: holdings[shard].count))
            guard up[shard].isEmpty, !isBehind[shard], let given = room.given[shard] else { continue }
            #expect(given.bytes >= used)
        }
    }
}
