import Testing

@testable import Server

@Suite struct BalancersTests {
    @Test func `a topic's batches go round its partitions, one step for each that was sent`() {
        var balancers = Balancers()
        var chosen: [UInt32] = []
        for _ in 0..<7 {
            let asked = balancers.partition(stream: 1, topic: 2, partitionCount: 3)
            // A batch that could not be sent yet is tried again at the same partition.
            #expect(balancers.partition(stream: 1, topic: 2, partitionCount: 3) == asked)
            balancers.step(stream: 1, topic: 2, from: asked)
            chosen.append(asked)
        }

        #expect(chosen == [0, 1, 2, 0, 1, 2, 0])
        #expect(balancers.partition(stream: 2, topic: 1, partitionCount: 3) == 0)
    }

    @Test func `partitions that are gone are not chosen`() {
        var balancers = Balancers()
        balancers.step(stream: 0, topic: 0, from: 8)

        #expect(balancers.partition(stream: 0, topic: 0, partitionCount: 4) == 1)
    }
}
