import Platform
import Verifier

// What stands in each table of a state.

extension Universe {
    var processTable: WorldState.Table {
        var table = WorldState.Table("process", "state", "starts", "kills", "power_cuts", "panics", "refusal")
        let state =
            process.hasStopped ? "stopped" : !process.isRunning ? "down" : process.isStopping ? "stopping"
            : isServing ? "serving" : "starting"
        table.rows.append([
            .text(state), .init(process.generation), .init(counts.kills), .init(counts.powerCuts), .init(counts.panics),
            process.refusal.map { .text("\($0)") } ?? .nothing,
        ])
        return table
    }

    var shardTable: WorldState.Table {
        var table = WorldState.Table(
            "shards", "shard", "state", "generation", "events", "connections", "files", "operations", "buffers",
            "buffer_bytes", "unread_letters")
        for (number, (shard, held)) in zip(shards, holdings).enumerated() {
            let state = shard.cell == nil ? "gone" : shard.desk?.isAccepting == true ? "serving" : "not serving"
            table.rows.append([
                .init(number), .text(state), .init(shard.generation), .init(shard.handled), .init(held.peers),
                .init(held.files), .init(held.operations), .init(held.buffers), .init(held.bytes), .init(held.letters),
            ])
        }
        return table
    }

    /// What shards have asked for and have not been told the end of.
    var operationTable: WorldState.Table {
        var table = WorldState.Table("operations", "shard", "operation", "state")
        for (number, shard) in shards.enumerated() {
            guard let desk = shard.desk else { continue }
            for slot in desk.operations.slots {
                guard let inFlight = desk.operations[slot] else { continue }
                let words = inFlight.operation.words(desk.ioClass(of: inFlight.operation))
                table.rows.append([.init(number), .text(words), .text(inFlight.isDone ? "has ended" : "under way")])
            }
        }
        return table
    }

    var connectionTable: WorldState.Table {
        var table = WorldState.Table(
            "connections", "number", "client", "shard", "state", "to_server_bytes", "to_client_bytes")
        for (number, connection) in connections.enumerated() {
            if connection.isClientClosed, connection.isServerClosed { continue }
            let state =
                connection.isReset ? "reset" : connection.isClientClosed ? "closed by the client"
                : connection.isServerClosed ? "closed by the server" : connection.shard == nil ? "not accepted" : "open"
            table.rows.append([
                .init(number), .text(actors[Int(connection.actor)].title),
                connection.shard.map { .init($0.number) } ?? .nothing, .text(state),
                .init(connection.toServer.available), .init(connection.toClient.available),
            ])
        }
        return table
    }

    /// The faults at work and those that have been; what still waits has had no part in what is seen.
    var faultTable: WorldState.Table {
        var table = WorldState.Table("faults", "fault", "state", "effects")
        for (place, fault) in faults.faults.enumerated() {
            let state: String
            switch faults.states[place] {
            case .waiting: continue
            case .active: state = "at work"
            case .over: state = "over"
            }
            table.rows.append([.text("✱ \(fault.text)"), .text(state), .init(faults.effects[place])])
        }
        return table
    }
}

extension Run {
    /// By partition: what stands in the files, what of it a power cut leaves if nothing unsynced survives it, and what
    /// clients of the shared topic were told.
    var partitionTable: WorldState.Table {
        var table = WorldState.Table(
            "partitions", "topic", "partition", "incarnation", "segments", "first", "written_end", "synced_end",
            "acknowledged_end", "read_end", "unanswered_appends")
        let written = verify(DiskImage(universe.disk), Options(.crashed, hasLostPower: true))
        let synced = verify(DiskImage(durable: universe.disk), Options(.crashed, hasLostPower: true))
        for facts in written.partitions {
            let stream = written.catalog.streams.first { $0.id == facts.stream }
            let topic = stream?.topics.first { $0.id == facts.topic }
            let left = synced.partitions.first { $0.incarnation == facts.incarnation }
            // Another stream may have a topic of this name.
            let isShared = stream?.name == "\(place.stream)" && topic?.name == "\(place.topic)"
                && Int(facts.partition) < oracle.sharedCount
            let known = isShared ? oracle.partitions[Int(facts.partition)] : nil
            table.rows.append([
                .text(topic?.name ?? "?"), .init(facts.partition), .init(facts.incarnation), .init(facts.segmentCount),
                .init(facts.firstOffset), .init(facts.endOffset), left.map { .init($0.endOffset) } ?? .nothing,
                known.map { .init($0.certainEnd) } ?? .nothing, known.map { .init($0.log.count) } ?? .nothing,
                known.map { .init($0.batches.count { $0.isUnanswered }) } ?? .nothing,
            ])
        }
        return table
    }

    /// What each client of the plan is at.
    var clientTable: WorldState.Table {
        var table = WorldState.Table("clients", "client", "begun", "state")
        for client in clients where !client.isFinished {
            table.rows.append([.text(client.title), .init(client.begun), .text(client.state)])
        }
        for owner in owners where !owner.isFinished {
            table.rows.append([.text(owner.title), .init(owner.begun), .text(owner.waiting)])
        }
        return table
    }
}

extension Disk {
    /// Every file that has a name, in the page cache's view, and those that have one on the medium alone.
    var fileTable: WorldState.Table {
        var table = WorldState.Table(
            "files", "path", "bytes", "synced_bytes", "unsynced_changes", "name", "open")
        let cached = linkedFiles()
        let durable = durableFiles()
        for (path, number) in cached {
            let file = inodes[number]
            let isNamed = durable.contains { $0 == (path, number) }
            table.rows.append([
                .text(path), .init(file.contents.byteCount), .init(file.durable.byteCount), .init(file.pending.count),
                .text(isNamed ? "durable" : "not durable"), .init(file.openCount),
            ])
        }
        for (path, number) in durable where !cached.contains(where: { $0 == (path, number) }) {
            table.rows.append([
                .text(path), .nothing, .init(inodes[number].durable.byteCount), .nothing, .text("on the medium alone"),
                .init(inodes[number].openCount),
            ])
        }
        return table
    }
}
