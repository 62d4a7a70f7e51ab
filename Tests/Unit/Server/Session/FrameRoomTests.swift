import Platform
import Testing

@testable import Server

/// The room for large frames, as shard 0 gives it out.
@Suite struct FrameRoomTests {
    @Test func `the oldest wish of any shard is next, and none is passed over for a smaller one`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 3)
        try room.hear(RoomNews(wantedBytes: 60, since: 5, number: 1), from: ShardID(1))
        try room.hear(RoomNews(wantedBytes: 80, since: 4, number: 1), from: ShardID(2))
        try room.hear(RoomNews(wantedBytes: 20, since: 6, number: 1), from: ShardID(0))

        #expect(Self.give(&room) == [ShardID(2)])
        try room.hear(RoomNews(returned: RoomAmount(bytes: 80, frames: 1), number: 2), from: ShardID(2))
        #expect(Self.give(&room) == [ShardID(1), ShardID(0)])
        try room.checkInvariants()
    }

    @Test func `a frame that is larger than the room takes it alone`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 2)
        try room.hear(RoomNews(wantedBytes: 60, since: 1, number: 1), from: ShardID(0))
        try room.hear(RoomNews(wantedBytes: 128, since: 2, number: 1), from: ShardID(1))

        #expect(Self.give(&room) == [ShardID(0)])
        try room.hear(
            RoomNews(returned: RoomAmount(bytes: 60, frames: 1), wantedBytes: 1, since: 3, number: 2), from: ShardID(0))
        #expect(Self.give(&room) == [ShardID(1)])
        try room.checkInvariants()
        #expect(room.total == RoomAmount(bytes: 128, frames: 1))
    }

    @Test func `a wish can be changed and taken back`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 2)
        try room.hear(RoomNews(wantedBytes: 100, since: 1, number: 1), from: ShardID(0))
        #expect(Self.give(&room) == [ShardID(0)])
        try room.hear(RoomNews(wantedBytes: 90, since: 2, number: 1), from: ShardID(1))
        try room.hear(RoomNews(number: 2), from: ShardID(1))
        try room.hear(RoomNews(returned: RoomAmount(bytes: 100, frames: 1), number: 2), from: ShardID(0))
        #expect(Self.give(&room) == [])
    }

    @Test func `what a lost shard had is free, and a new shard 0 gives nothing before all have told`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 3)
        try room.hear(RoomNews(wantedBytes: 90, since: 1, number: 1), from: ShardID(1))
        try room.hear(RoomNews(wantedBytes: 90, since: 2, number: 1), from: ShardID(2))
        #expect(Self.give(&room) == [ShardID(1)])
        room.lose(ShardID(1))
        #expect(Self.give(&room) == [ShardID(2)])

        var next = FrameRoom(limitBytes: 100, shardCount: 3, own: ShardID(0))
        next.has(ShardID(1), .none)
        try next.hear(RoomNews(wantedBytes: 20, since: 3, number: 2), from: ShardID(1))
        #expect(Self.give(&next) == [])
        next.has(ShardID(2), RoomAmount(bytes: 90, frames: 1))
        #expect(Self.give(&next) == [])
        try next.hear(RoomNews(returned: RoomAmount(bytes: 90, frames: 1), number: 2), from: ShardID(2))
        #expect(Self.give(&next) == [ShardID(1)])
    }

    @Test func `those that have frames take turns in ending one`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 3)
        for number in [UInt16(0), 2] {
            try room.hear(RoomNews(wantedBytes: 50, since: 1, number: 1), from: ShardID(number))
        }
        #expect(Self.give(&room).count == 2)
        #expect(room.recall(wishesFrom: 10) == nil, "nobody waits")
        try room.hear(RoomNews(wantedBytes: 50, since: 9, number: 1), from: ShardID(1))
        #expect(room.recall(wishesFrom: 8) == nil, "nobody has waited for long")
        #expect(room.recall(wishesFrom: 10) == ShardID(0))
        #expect(room.recall(wishesFrom: 10) == nil, "one is asked at a time")
        room.looked(ShardID(0))
        #expect(room.recall(wishesFrom: 10) == ShardID(2))
        room.lose(ShardID(2))
        #expect(room.recall(wishesFrom: 10) == ShardID(0))
    }

    // MARK: Laws that can fail

    @Test func `room that is returned twice is noticed`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 2)
        try room.hear(RoomNews(wantedBytes: 50, since: 1, number: 1), from: ShardID(1))
        #expect(Self.give(&room) == [ShardID(1)])
        let news = RoomNews(returned: RoomAmount(bytes: 50, frames: 1), number: 2)
        try room.hear(news, from: ShardID(1))
        #expect(throws: MachineFailure.self) { try room.hear(news, from: ShardID(1)) }
    }

    @Test func `room that is given twice is noticed`() throws {
        var room = Self.room(limitBytes: 100, shardCount: 2)
        try room.hear(RoomNews(wantedBytes: 60, since: 1, number: 1), from: ShardID(1))
        let grant = try #require(room.next)
        room.charge(grant)
        try room.checkInvariants()
        room.charge(grant)
        #expect(throws: MachineFailure.self) { try room.checkInvariants() }
    }

    @Test func `a shard that asks before it joins is noticed`() {
        var room = FrameRoom(limitBytes: 100, shardCount: 2, own: ShardID(0))
        #expect(throws: MachineFailure.self) {
            try room.hear(RoomNews(wantedBytes: 60, since: 1, number: 1), from: ShardID(1))
        }
    }

    // MARK: Help

    /// All shards have joined and have nothing.
    private static func room(limitBytes: Int, shardCount: UInt16) -> FrameRoom {
        var room = FrameRoom(limitBytes: limitBytes, shardCount: shardCount, own: ShardID(0))
        for number in 1..<shardCount { room.has(ShardID(number), .none) }
        return room
    }

    /// Gives what can be given, and to whom.
    private static func give(_ room: inout FrameRoom) -> [ShardID] {
        var shards: [ShardID] = []
        while let grant = room.next {
            room.charge(grant)
            shards.append(grant.shard)
        }
        return shards
    }
}
