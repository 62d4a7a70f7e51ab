import Testing

@testable import Linux

@Suite struct DescriptorShareTests {
    @Test(arguments: [
        (limit: Int64(128), shards: 1, files: 44, connections: 44), (1_024, 2, 244, 244), (1 << 20, 4, 1_024, 261_104),
        (16, 2, 8, 8),
    ])
    func `files and connections get their parts of what there is`(
        limit: Int64, shards: Int, files: Int, connections: Int
    ) {
        let share = DescriptorShare(limit: limit, shardCount: shards)

        #expect(share.filesPerShard == files)
        #expect(share.connectionsPerShard == connections)
    }
}
