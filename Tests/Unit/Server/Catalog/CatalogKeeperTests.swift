import Platform
import Primitives
import Testing
import Wire

@testable import Server

struct CatalogKeeperTests {
    private let other = ShardID(2)

    @Test func `a change in progress is finished for nobody when whoever wanted it is lost`() throws {
        var keeper = makeKeeper()
        keeper.begin(try wanted(by: other), .streamDeleted(id: 1), letter: nil)

        keeper.forget(other)

        let (_, _) = try keeper.logged(spreadingTo: [])
        let spread = keeper.takeSpread()
        #expect(isNobody(spread?.0.requester))
    }

    @Test func `a change that spreads needs neither the answer of a lost shard nor to answer it`() throws {
        var keeper = makeKeeper()
        keeper.begin(try wanted(by: other), .streamDeleted(id: 1), letter: nil)
        let (_, _) = try keeper.logged(spreadingTo: [other])
        #expect(!keeper.isBetweenChanges)

        keeper.forget(other)

        let spread = keeper.takeSpread()
        #expect(isNobody(spread?.0.requester))
    }

    @Test func `what others want is still theirs`() throws {
        var keeper = makeKeeper()
        keeper.begin(try wanted(by: ShardID(1)), .streamDeleted(id: 1), letter: nil)
        keeper.enqueue(try wanted(by: ShardID(1)))
        keeper.enqueue(try wanted(by: other))

        keeper.forget(other)

        let (current, _) = try keeper.logged(spreadingTo: [])
        #expect(current.isWanted(by: ShardID(1)))
        #expect(keeper.waiting.count == 1)
    }

    private func isNobody(_ requester: CatalogKeeper.Requester?) -> Bool {
        if case .nobody? = requester { true } else { false }
    }

    private func wanted(by shard: ShardID) throws -> CatalogKeeper.Wanted {
        let lent = Slice(BufferID(owner: shard, slot: 0, generation: 0), position: 0, byteCount: 1)
        let name = try #require(Name("s"))
        return CatalogKeeper.Wanted(
            requester: .shard(shard, ref: 7, lent: lent),
            proposal: .request(.deleteStream(.name(name)), user: 0))
    }

    private func makeKeeper() -> CatalogKeeper {
        let limits = Limits()
        return CatalogKeeper(
            log: CatalogLog(token: Route(.catalog, detail: CatalogKeeper.logDetail).token),
            compaction: CatalogCompaction(
                token: Route(.catalog, detail: CatalogKeeper.compactionDetail).token, leftovers: []),
            compactionSchedule: CatalogCompactionSchedule(limits, snapshot: nil), isSameBoot: true, leftovers: [])
    }
}
