extension Plan {
    /// The world of this plan.
    var universeSettings: UniverseSettings {
        var settings = UniverseSettings()
        settings.seed = seed
        settings.shardCount = Int(max(1, min(64, knobs[.shards])))
        settings.topology = topology.topology
        settings.bufferBytesMax = Int(clamping: knobs[.bufferBytes])
        if let memoryLimitBytes { settings.bufferBytesMax = Int(clamping: memoryLimitBytes) }
        settings.receiveByteCount = Int(clamping: max(16, knobs[.receiveBytes]))
        settings.network.windowBytes = Int(clamping: max(1, knobs[.windowBytes]))
        settings.network.segmentation = UInt32(clamping: knobs[.segmentation])
        settings.network.latency = 10 * microsecond...Int64(clamping: max(20, knobs[.networkLatency])) * microsecond
        settings.diskLatency.sync = 50 * microsecond...Int64(clamping: max(50, knobs[.syncLatency])) * microsecond
        settings.metadataOrder = metadataOrder
        settings.schedule = schedule
        settings.branches = branches
        settings.mutations = mutation.map { [$0] } ?? []
        settings.sabotage = sabotage
        settings.ambush = ambush
        settings.leak = leak
        settings.sabotagePeriod = sabotagePeriod
        settings.diskPoints = diskPoints
        settings.interleaving = interleaving
        return settings
    }

    func level(_ knob: Knob) -> PromisedLevel {
        PromisedLevel(rawValue: UInt8(clamping: knobs[knob])) ?? .process
    }
}
