import Platform
import Primitives
import Wire

// Commands that concern one partition: found in the catalog, asked of its owner, answered to the session.

extension Shard where W: ~Copyable {
    mutating func askPartition(
        _ request: Request, _ payload: Slice, _ session: Session, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        let access = Access(session.userID.flatMap(catalog.permissions))
        switch request {
        case .sendMessages(let head):
            return try send(head, payload, access, slot: slot, serial: serial)
        case .pollMessages(let poll):
            guard case .single(let consumer) = poll.consumer else { return .answered(.status(.featureUnavailable)) }
            let read = PartitionRead(
                strategy: poll.strategy, count: poll.count, byteCountMax: Int(settings.limits.pollBytesMax),
                consumer: consumer.key, autoCommit: poll.autoCommit)
            return try ask(
                .read(read), poll.path, partition: poll.partition ?? 0, access, .poll, slot: slot, serial: serial)
        case .flushUnsavedBuffer(let flush):
            return try ask(
                .flush(sync: flush.sync), flush.path, partition: flush.partition, access, .send, slot: slot,
                serial: serial)
        case .storeConsumerOffset(let place, let offset):
            guard case .single(let consumer) = place.consumer else { return .answered(.status(.featureUnavailable)) }
            return try ask(
                .storeOffset(consumer.key, offset: offset), place.path, partition: place.partition ?? 0, access,
                .poll, slot: slot, serial: serial)
        case .deleteConsumerOffset(let place):
            guard case .single(let consumer) = place.consumer else { return .answered(.status(.featureUnavailable)) }
            return try ask(
                .deleteOffset(consumer.key), place.path, partition: place.partition ?? 0, access, .poll, slot: slot,
                serial: serial)
        case .getConsumerOffset(let place):
            // What is missing is an empty reply here, whatever it is; only a missing right is an error.
            guard case .single(let consumer) = place.consumer else { return .answered(.ok) }
            let run = try ask(
                .getOffset(consumer.key), place.path, partition: place.partition ?? 0, access, .poll, slot: slot,
                serial: serial)
            switch run {
            case .answered(.status(.streamIdNotFound)), .answered(.status(.topicIdNotFound)),
                .answered(.status(.partitionNotFound)):
                return .answered(.ok)
            case .answered, .begun, .stalled: return run
            }
        default:
            throw MachineFailure("a command is handled where its table says")
        }
    }

    private mutating func send(
        _ head: SendMessagesHead, _ payload: Slice, _ access: Access, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        let messages = Slice(
            payload.buffer, position: payload.position + UInt32(clamping: head.messagesPosition),
            byteCount: UInt32(clamping: head.messagesByteCount))
        let index = Slice(
            payload.buffer, position: payload.position + UInt32(clamping: head.indexPosition),
            byteCount: UInt32(clamping: head.indexByteCount))
        let summary: ClassicBatch.Summary
        switch try validate(index: index, messages: messages, count: head.messageCount) {
        case .success(let valid): summary = valid
        case .failure(let error): return .answered(.status(error.code))
        }
        guard let stream = catalog.stream(head.path.stream) else { return .answered(.status(.streamIdNotFound)) }
        guard let topic = stream.topic(head.path.topic) else { return .answered(.status(.topicIdNotFound)) }
        guard access.allows(.send, stream: stream.id, topic: topic.id) else { return .answered(.status(.unauthorized)) }
        let count = UInt32(clamping: topic.partitions.count)
        let partition: UInt32
        switch head.partitioning {
        case .partition(let id): partition = id
        case .balanced:
            guard count > 0 else { return .answered(.status(.topicIdNotFound)) }
            partition = balancers.next(stream: stream.id, topic: topic.id, partitionCount: count)
        case .key(let key):
            guard count > 0 else { return .answered(.status(.partitionNotFound)) }
            partition = XXH32.hash(key.rawSpan) % count
        }
        let append = AppendRequest(
            messages: messages, messageCount: head.messageCount, dialect: .classic,
            classicByteCount: UInt64(summary.byteCount), minOrigin: summary.originTimestampMin,
            level: settings.durability)
        return try ask(
            .append(append),
            of: PartitionAddress(stream: stream.id, topic: topic.id, partition: partition), slot: slot,
            serial: serial)
    }

    private func validate(
        index: Slice, messages: Slice, count: UInt32
    ) throws(MachineFailure) -> Result<ClassicBatch.Summary, WireError> {
        let indexBytes = try world.bytes(of: index)
        let messageBytes = try world.bytes(of: messages)
        do throws(WireError) {
            return .success(try ClassicBatch.validate(index: indexBytes, messages: messageBytes, count: count))
        } catch {
            return .failure(error)
        }
    }

    private mutating func ask(
        _ request: PartitionRequest, _ path: TopicPath, partition: UInt32, _ access: Access,
        _ permission: Access.OnTopic, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        guard let stream = catalog.stream(path.stream) else { return .answered(.status(.streamIdNotFound)) }
        guard let topic = stream.topic(path.topic) else { return .answered(.status(.topicIdNotFound)) }
        guard access.allows(permission, stream: stream.id, topic: topic.id) else {
            return .answered(.status(.unauthorized))
        }
        return try ask(
            request, of: PartitionAddress(stream: stream.id, topic: topic.id, partition: partition), slot: slot,
            serial: serial)
    }

    private mutating func ask(
        _ request: PartitionRequest, of address: PartitionAddress, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        guard let partition = catalog.partition(address) else { return .answered(.status(.partitionNotFound)) }
        sessions[Int(slot)]?.setPartition(serial, address.partition)
        let owner = Assignment.owner(of: address, shardCount: shardCount)
        if owner == id {
            switch try run(request, incarnation: partition.incarnation, for: .session(slot: slot, serial: serial)) {
            case .begun: return .begun
            case .answered(let answer):
                try partitionAnswered(slot: slot, serial: serial, answer)
                return .begun
            }
        }
        guard peers.hasCredit(owner) else { return .stalled }
        try ask(owner, request, incarnation: partition.incarnation, slot: slot, serial: serial)
        return .begun
    }

    // MARK: Answers

    mutating func partitionAnswered(
        slot: UInt32, serial: UInt32, _ answer: PartitionAnswer
    ) throws(MachineFailure) {
        guard let session = waiting(slot: slot, serial: serial) else { return }
        touch(slot)
        switch answer {
        case .ok: _ = session.answer(serial, .ok)
        case .status(let code): _ = session.answer(serial, .status(code))
        case .unknown: try close(slot)
        case .offset(_, stored: nil): _ = session.answer(serial, .ok)
        case .offset(let current, let stored?):
            let record = ConsumerOffsetRecord(
                partitionID: session.pendingRequest(serial)?.partition ?? 0, currentOffset: current,
                storedOffset: stored)
            if case .stalled = try self.answer(session, serial, .consumerOffset(record)) { try close(slot) }
        }
    }

    /// Messages go out from the buffers that they lie in; those of the other dialect are said anew.
    mutating func pollAnswered(
        slot: UInt32, serial: UInt32, _ pieces: [MessagePiece], currentOffset: UInt64, owner: ShardID, loan: UInt64
    ) throws(MachineFailure) {
        guard let session = waiting(slot: slot, serial: serial) else {
            return try release(.loan(owner, loan))
        }
        touch(slot)
        var translated: [Slice] = []
        var byteCount = 0
        var messageCount: UInt32 = 0
        for piece in pieces {
            messageCount += piece.count
            switch piece.dialect {
            case .classic:
                translated.append(piece.messages)
                byteCount += Int(piece.messages.byteCount)
            case .vsr:
                guard let slice = try classicMessages(piece) else {
                    for slice in translated where slice.buffer.owner == id && !pieces.contains(where: { $0.messages == slice }) {
                        try buffers.release(slice.buffer, &world)
                    }
                    _ = session.answer(serial, .status(.cannotReadMessage))
                    return try release(.loan(owner, loan))
                }
                translated.append(slice)
                byteCount += Int(slice.byteCount)
            }
        }
        let head = PolledHead(
            partitionID: session.pendingRequest(serial)?.partition ?? 0, currentOffset: currentOffset,
            messageCount: messageCount)
        var writer = ByteWriter(reserving: 24)
        Reply.polled(head).encodeFrame(followedBy: byteCount, into: &writer)
        guard let slice = try lend(writer.bytes) else {
            try close(slot)
            return try release(.loan(owner, loan))
        }
        session.output.append(slice, hold: .buffer(slice.buffer))
        for (piece, slice) in zip(pieces, translated) {
            session.output.append(slice, hold: piece.dialect == .vsr ? .buffer(slice.buffer) : .nothing)
        }
        session.output.holdLast(.loan(owner, loan))
        _ = session.finish(serial)
        world.mark(pieces.isEmpty ? .pollFromMemory : .pollFromDisk)
    }

    /// Messages of the other dialect as classic ones in a buffer of their own; nil when there is no memory.
    private mutating func classicMessages(_ piece: MessagePiece) throws(MachineFailure) -> Slice? {
        let growth = ClassicMessage.headByteCount - VSRFrame.headByteCount
        let byteCount = Int(piece.messages.byteCount) + Int(piece.count) * growth
        guard let buffer = try buffers.allocate(byteCount: byteCount, &world) else { return nil }
        let slice = Slice(buffer, position: 0, byteCount: UInt32(clamping: byteCount))
        let frames = try world.bytes(of: piece.messages)
        var target = try world.mutableBytes(of: slice)
        do throws(WireError) {
            _ = try VSRBatch.writeClassic(
                frames: frames, baseOffset: piece.baseOffset, baseTimestamp: piece.timestamp,
                originTimestamp: piece.minOrigin, into: &target)
        } catch {
            throw MachineFailure("verified messages can be said in both dialects")
        }
        return slice
    }
}

extension Identifier {
    /// A consumer's number: as it is, or XXH32 of its name.
    var key: ConsumerKey {
        switch self {
        case .id(let id): ConsumerKey(.single, id: id)
        case .name(let name): ConsumerKey(.single, id: XXH32.hash(name.bytes.rawSpan))
        }
    }
}
