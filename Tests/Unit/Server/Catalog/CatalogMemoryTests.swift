import Platform
import Primitives
import Testing
import Wire

@testable import Server

/// Shard 0 tells the others of its catalog even when there is no memory: then or later, but it does not fail.
@Suite struct CatalogMemoryTests {
    private let create = Request.createStream(name: Name("orders")!)

    @Test func `a change that was logged is told though the memory went away meanwhile`() throws {
        let rig = try CatalogRig.joined()

        let change = try rig.ask(create)
        rig.shard.world.pool.liveMax = 0
        try rig.run()
        let told = try #require(rig.letter(.apply))
        try rig.deliver(.reply(.applied, told.words, lending: told.lent))

        #expect(rig.answers[change] == .ok)
    }

    @Test func `a change for which there is no memory is refused, and made when there is`() throws {
        let rig = try CatalogRig.joined()
        let before = rig.catalog

        rig.shard.world.pool.liveMax = 0
        let refused = try rig.ask(create)
        try rig.run()
        #expect(rig.answers[refused] == .status(.error))
        #expect(rig.catalog == before)
        #expect(rig.letter(.apply) == nil)

        rig.shard.world.pool.liveMax = .max
        let made = try rig.ask(create)
        try rig.run()
        let told = try #require(rig.letter(.apply))
        try rig.deliver(.reply(.applied, told.words, lending: told.lent))
        #expect(rig.answers[made] == .ok)
    }

    @Test func `a shard that joins while there is no memory gets the catalog later, with what changed`() throws {
        let rig = try CatalogRig.joined()
        let before = rig.letters.count { $0.kind == LetterKind.catalog.rawValue }
        try rig.lose(ShardID(1))

        rig.shard.world.pool.liveMax = 0
        try rig.deliver(.request(.join, Letter.Words(2)))
        try rig.tick()
        #expect(rig.letters.count { $0.kind == LetterKind.catalog.rawValue } == before)

        rig.shard.world.pool.liveMax = .max
        let change = try rig.ask(create)
        try rig.run()
        #expect(rig.answers[change] == .ok)
        try rig.tick()
        let sent = try #require(rig.letter(.catalog)?.lent)
        let bytes = rig.shard.world.pool.copy(sent)
        let received = Catalog(decoding: bytes.rawSpan)
        #expect(received == rig.catalog)
    }

    @Test func `what was lent to a shard that is lost is given back`() throws {
        let rig = try CatalogRig.joined()
        let before = rig.shard.buffers.ownedCount

        let change = try rig.ask(create)
        try rig.run()
        try #require(rig.letter(.apply) != nil)
        try rig.lose(ShardID(1))
        // It was that shard that wanted it.
        #expect(rig.answers[change] == nil)
        #expect(rig.shard.keeper?.isBetweenChanges == true)
        #expect(rig.shard.buffers.ownedCount == before)

        try rig.deliver(.request(.join, Letter.Words(2)))
        try rig.lose(ShardID(1))
        #expect(rig.shard.buffers.ownedCount == before)
    }
}
