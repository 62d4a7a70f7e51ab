extension Settings {
    /// Sets what depends on the limit on memory and on the number of shards.
    public mutating func divide(_ memory: MemoryPlan) {
        // What is read again and again is served without reading or verifying it again.
        storage.pieceCacheBytesMax = memory.bytesPerShard(.read)
        storage.tailBytesMax = memory.bytesPerShard(.newest)
        limits.receiveBytesTotal = memory.bytesPerShard(.receiving)
        limits.replyBytesTotal = memory.bytesPerShard(.replies)
        limits.largeFrameBytesTotal = memory.bytes(.largeFrames)
        limits.largeFrameBytes = min(limits.largeFrameBytes, memory.largeFrameBytes)
        limits.sendFrameBytesMax = memory.frameBytesMax(of: limits.sendFrameBytesMax)
    }
}
