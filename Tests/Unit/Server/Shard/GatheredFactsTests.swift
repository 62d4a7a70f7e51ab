import Testing

@testable import Server

@Suite struct GatheredFactsTests {
    @Test func `each partition counts for its topic and its stream`() {
        var all: [PartitionFacts] = []
        for stream in 0..<4 as Range<UInt32> {
            for topic in 0..<3 as Range<UInt32> {
                for partition in 0..<5 as Range<UInt32> {
                    all.append(
                        PartitionFacts(
                            address: PartitionAddress(stream: stream * 2, topic: topic * 2, partition: partition),
                            segmentCount: 1, currentOffset: 9, messageCount: UInt64(stream * 100 + topic * 10 + partition),
                            byteCount: 7))
                }
            }
        }

        let facts = GatheredFacts(all.reversed())

        #expect(facts.total == all.reduce(into: Facts()) { $0 += $1.total })
        for stream in 0..<8 as Range<UInt32> {
            let ofStream = all.filter { $0.address.stream == stream }
            #expect(facts.total(stream: stream) == ofStream.reduce(into: Facts()) { $0 += $1.total })
            for topic in 0..<7 as Range<UInt32> {
                let ofTopic = ofStream.filter { $0.address.topic == topic }
                #expect(facts.total(stream: stream, topic: topic) == ofTopic.reduce(into: Facts()) { $0 += $1.total })
            }
        }
        for entry in all { #expect(facts[entry.address] == entry) }
        #expect(facts[PartitionAddress(stream: 1, topic: 0, partition: 0)] == nil)
        #expect(facts[PartitionAddress(stream: 6, topic: 4, partition: 5)] == nil)
    }
}
