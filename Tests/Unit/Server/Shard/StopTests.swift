import Platform
import Testing
import Wire

@testable import Server

/// Shards that stop one after the other.
@Suite struct StopTests {
    private let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)

    /// A client of the other shard must not read a failure into a server that merely ends.
    @Test(arguments: [false, true])
    func `what another shard asks of one that stops is answered with a farewell, not with a failure`(
        isStopped: Bool
    ) throws {
        let rig = try CatalogRig.joined()
        try make(rig, .createStream(name: Name("s")!))
        let topic = CreateTopic(
            stream: .name(Name("s")!), name: Name("t")!, partitionCount: 8, settings: settings)
        try make(rig, .createTopic(topic))
        let own = try #require(rig.shard.partitions.all.first?.incarnation)

        try rig.stop(runs: isStopped)
        #expect(rig.hasStopped == isStopped)
        try rig.deliver(PartitionRequest.flush(sync: true).letter(ref: 7, incarnation: own), runs: false)
        try rig.deliver(rig.changeLetter(.createStream(name: Name("late")!), ref: 8), runs: false)
        try rig.run()

        let answer = try #require(rig.letter(.answer))
        #expect(PartitionAnswer(answer.words) == .status(.disconnected))
        #expect(rig.answers[8] == .status(.disconnected))
        #expect(rig.catalog.stream(.name(Name("late")!)) == nil)
    }

    private func make(_ rig: CatalogRig, _ request: Request) throws {
        let change = try rig.ask(request)
        try rig.run()
        let told = try #require(rig.letter(.apply))
        try rig.deliver(.reply(.applied, told.words, lending: told.lent))
        try #require(rig.answers[change] == .ok)
    }
}
