import Primitives

// The fields in the order of `StatsRecord`: numbers of their own width, floats as their bits, texts as text32, caches
// behind a `u32` count. The last three came with 0.8.0, whose clients demand them; those of 0.7.0 do not look.

extension StatsRecord {
    init(classic reader: inout ByteReader) throws(WireError) {
        self.init()
        processID = try reader.read()
        cpuUsage = try reader.readFloat()
        totalCPUUsage = try reader.readFloat()
        memoryUsage = try reader.read()
        totalMemory = try reader.read()
        availableMemory = try reader.read()
        runTime = try reader.read()
        startTime = try reader.read()
        readByteCount = try reader.read()
        writtenByteCount = try reader.read()
        messagesByteCount = try reader.read()
        streamCount = try reader.read()
        topicCount = try reader.read()
        partitionCount = try reader.read()
        segmentCount = try reader.read()
        messageCount = try reader.read()
        clientCount = try reader.read()
        groupCount = try reader.read()
        hostname = try reader.readText32()
        osName = try reader.readText32()
        osVersion = try reader.readText32()
        kernelVersion = try reader.readText32()
        serverVersion = try reader.readText32()
        serverVersionNumber = try reader.read()
        for _ in 0..<(try reader.read(UInt32.self)) { caches.append(try CacheRecord(classic: &reader)) }
        threadCount = try reader.read()
        freeDiskSpace = try reader.read()
        totalDiskSpace = try reader.read()
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(processID)
        writer.write(cpuUsage.bitPattern)
        writer.write(totalCPUUsage.bitPattern)
        writer.write(memoryUsage)
        writer.write(totalMemory)
        writer.write(availableMemory)
        writer.write(runTime)
        writer.write(startTime)
        writer.write(readByteCount)
        writer.write(writtenByteCount)
        writer.write(messagesByteCount)
        writer.write(streamCount)
        writer.write(topicCount)
        writer.write(partitionCount)
        writer.write(segmentCount)
        writer.write(messageCount)
        writer.write(clientCount)
        writer.write(groupCount)
        writer.write(text32: hostname)
        writer.write(text32: osName)
        writer.write(text32: osVersion)
        writer.write(text32: kernelVersion)
        writer.write(text32: serverVersion)
        writer.write(serverVersionNumber)
        writer.write(UInt32(clamping: caches.count))
        for cache in caches { cache.encodeClassic(into: &writer) }
        writer.write(threadCount)
        writer.write(freeDiskSpace)
        writer.write(totalDiskSpace)
    }
}

extension CacheRecord {
    init(classic reader: inout ByteReader) throws(WireError) {
        let streamID = try reader.read(UInt32.self)
        let topicID = try reader.read(UInt32.self)
        let partitionID = try reader.read(UInt32.self)
        let hits = try reader.read(UInt64.self)
        let misses = try reader.read(UInt64.self)
        self.init(
            streamID: streamID, topicID: topicID, partitionID: partitionID, hits: hits, misses: misses,
            hitRatio: try reader.readFloat())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(streamID)
        writer.write(topicID)
        writer.write(partitionID)
        writer.write(hits)
        writer.write(misses)
        writer.write(hitRatio.bitPattern)
    }
}

extension ByteReader {
    fileprivate mutating func readFloat() throws(WireError) -> Float {
        Float(bitPattern: try read())
    }
}
