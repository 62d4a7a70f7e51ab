public import Platform
import Server
import Wire

extension Plan {
    /// The server as it is delivered, with this plan's limits.
    public static func galgo(_ plan: Plan) -> CellFactory {
        let settings = plan.serverSettings
        return { (world: consuming SimWorld, shard: ShardID, generation: UInt32) throws(MachineFailure) -> Cell in
            guard let settings else { throw MachineFailure("the root account has a name") }
            let shardCount = world.shardCount
            return ShardCell(
                Shard(id: shard, shardCount: shardCount, generation: generation, settings: settings, world: world))
        }
    }

    var serverSettings: Server.Settings? {
        guard let root = Name("iggy") else { return nil }
        var settings = Server.Settings(rootName: root, rootPassword: Secret("iggy"))
        settings.durability = durability(.durability)
        settings.storage.offsetsLevel = durability(.offsetsDurability)
        settings.storage.segmentBytes = knobs[.segmentBytes]
        settings.storage.indexIntervalBytes = Int64(clamping: knobs[.indexIntervalBytes])
        settings.storage.indexEntriesPendingMax = Int(clamping: knobs[.indexEntriesPending])
        settings.storage.tailBytesMax = Int(clamping: knobs[.tailBytes])
        settings.storage.tailUnreadBytesMax = Int64(clamping: knobs[.tailBytes] / 2)
        settings.storage.cachedUnreadBytesMax = settings.storage.tailUnreadBytesMax
        settings.storage.syncBytesMax = settings.storage.tailUnreadBytesMax
        settings.storage.tailBatchesMax = Int(clamping: knobs[.tailBatches])
        settings.storage.readPieceBytes = Int(clamping: knobs[.readPieceBytes])
        settings.storage.pieceCacheBytesMax = Int(clamping: knobs[.pieceCacheBytes])
        settings.storage.indexCacheBytesMax = Int(clamping: knobs[.indexCacheBytes])
        settings.storage.openFilesMax = Int(clamping: knobs[.openFiles])
        settings.storage.allocateChunkBytes = Int64(clamping: knobs[.allocateChunkBytes])
        settings.storage.writeBatchesMax = Int(clamping: knobs[.writeBatches])
        settings.storage.headersPerSlab = Int(clamping: knobs[.headersPerSlab])
        settings.storage.syncInterval = Int64(clamping: knobs[.syncInterval]) * microsecond
        settings.storage.offsetsCompactBytes = Int64(clamping: knobs[.offsetsCompactBytes])
        settings.limits.receiveBytesMin = Int(clamping: knobs[.receiveBytes])
        settings.limits.catalogCompactBytes = Int64(clamping: knobs[.catalogCompactBytes])
        settings.limits.catalogCompactFactor = Int64(clamping: knobs[.catalogCompactFactor])
        settings.limits.sessionMailCredits = Int(clamping: max(1, knobs[.mailCredits]))
        if let memoryLimitBytes {
            settings.divide(MemoryPlan(limitBytes: memoryLimitBytes, shardCount: Int(clamping: knobs[.shards])))
        }
        return settings
    }

    private func durability(_ knob: Knob) -> Durability { Durability(rawValue: UInt8(clamping: knobs[knob])) ?? .process }
}

/// Which of the server's shards serves a partition, given its numbers.
public func ownerOfPartition(_ partition: UInt32, topic: UInt32, stream: UInt32, shardCount: Int) -> ShardID {
    let address = PartitionAddress(stream: stream, topic: topic, partition: partition)
    return Assignment.owner(of: address, shardCount: UInt16(clamping: shardCount))
}
