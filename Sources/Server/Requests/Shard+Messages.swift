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
                strategy: poll.strategy, count: poll.count, byteCountMax: shares.pollBytesMax,
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
        let index = payload.part(at: head.indexPosition, byteCount: head.indexByteCount)
        let messages = payload.part(at: head.messagesPosition, byteCount: head.messagesByteCount)
        let summary: ClassicBatch.Summary
        switch try validate(index: index, messages: messages, count: head.messageCount) {
        case .success(let valid): summary = valid
        case .failure(let error): return .answered(.status(error.code))
        }
        guard let stream = catalog.stream(head.path.stream) else { return .answered(.status(.streamIdNotFound)) }
        guard let topic = stream.topic(head.path.topic) else { return .answered(.status(.topicIdNotFound)) }
        let choice: SendMessagesLayout.Choice =
            switch head.partitioning {
            case .balanced: .balanced
            case .partition(let id): .partition(id)
            case .key(let key): .key(hash: XXH32.hash(key.rawSpan))
            }
        return try append(
            messages, summary, choice, to: ResolvedTopic(stream, topic, access), slot: slot, serial: serial)
    }

    private mutating func append(
        _ messages: Slice, _ summary: ClassicBatch.Summary, _ choice: SendMessagesLayout.Choice,
        to topic: ResolvedTopic, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run {
        guard topic.maySend else { return .answered(.status(.unauthorized)) }
        guard let partition = partition(choice, of: topic) else {
            return .answered(.status(choice == .balanced ? .topicIdNotFound : .partitionNotFound))
        }
        let append = AppendRequest(
            messages: messages, messageCount: summary.messageCount, dialect: .classic,
            classicByteCount: UInt64(summary.byteCount), minOrigin: summary.originTimestampMin,
            vsrBatchCount: summary.vsrBatchCount, level: settings.durability)
        let run = try ask(
            .append(append),
            of: PartitionAddress(stream: topic.stream, topic: topic.topic, partition: partition), slot: slot,
            serial: serial)
        if case .stalled = run { return run }
        if choice == .balanced, !world.isMutated(.balanceNeverSteps) { balancers.step(stream: topic.stream, topic: topic.topic, from: partition) }
        return run
    }

    /// The partition that a batch goes to; nil if the topic has none to choose from.
    private func partition(_ choice: SendMessagesLayout.Choice, of topic: ResolvedTopic) -> UInt32? {
        let count = topic.partitionCount
        switch choice {
        case .partition(let id): return id
        case .balanced:
            return count == 0
                ? nil : balancers.partition(stream: topic.stream, topic: topic.topic, partitionCount: count)
        case .key(let hash):
            return count == 0 ? nil : (hash &+ (world.isMutated(.keyGoesAnywhere) ? nextSerial : 0)) % count
        }
    }

    /// Whether a batch could only wait for the owner of its partition. Asked before its messages are looked at: who
    /// waits is tried again and again.
    private mutating func waitsForCredit(
        _ choice: SendMessagesLayout.Choice, _ topic: ResolvedTopic
    ) -> Bool {
        guard topic.maySend, let number = partition(choice, of: topic) else { return false }
        let address = PartitionAddress(stream: topic.stream, topic: topic.topic, partition: number)
        let owner = Assignment.owner(of: address, shardCount: shardCount)
        return !peers.hasCredit(owner) && catalog.partition(address) != nil && !mayAsk(owner)
    }

    // MARK: The frequent requests, without a copy of their names

    /// Begins a well-formed send; nil when it has to be decoded in full to say what it is.
    mutating func sendInPlace(
        _ payload: Slice, _ session: Session, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run? {
        guard let layout = SendMessagesLayout(try world.bytes(of: payload)),
            let topic = try resolve(
                payload.part(at: layout.pathPosition, byteCount: layout.pathByteCount), session)
        else { return nil }
        if waitsForCredit(layout.choice, topic) { return .stalled }
        guard
            case .success(let summary) = try validate(
                index: payload.part(at: layout.indexPosition, byteCount: layout.indexByteCount),
                messages: payload.part(at: layout.messagesPosition, byteCount: layout.messagesByteCount),
                count: layout.messageCount)
        else { return nil }
        return try append(
            payload.part(at: layout.messagesPosition, byteCount: layout.messagesByteCount), summary, layout.choice,
            to: topic, slot: slot, serial: serial)
    }

    /// Begins a well-formed poll of a single consumer; nil when it has to be decoded in full.
    mutating func pollInPlace(
        _ payload: Slice, _ session: Session, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) -> Run? {
        guard let layout = PollMessagesLayout(try world.bytes(of: payload)),
            let topic = try resolve(
                payload.part(at: layout.pathPosition, byteCount: layout.pathByteCount), session)
        else { return nil }
        guard topic.mayPoll else { return .answered(.status(.unauthorized)) }
        let read = PartitionRead(
            strategy: layout.strategy, count: layout.count, byteCountMax: shares.pollBytesMax,
            consumer: ConsumerKey(.single, id: layout.consumer), autoCommit: layout.autoCommit)
        return try ask(
            .read(read),
            of: PartitionAddress(stream: topic.stream, topic: topic.topic, partition: layout.partition), slot: slot,
            serial: serial)
    }

    /// The topic that the bytes name; nil if they name none.
    private func resolve(_ path: Slice, _ session: Session) throws(MachineFailure) -> ResolvedTopic? {
        let bytes = try world.bytes(of: path)
        if let known = session.path.topic(bytes, version: catalogVersion) { return known }
        var reader = ByteReader(bytes)
        let named: TopicPath
        do throws(WireError) { named = try TopicPath(decoding: &reader) } catch { return nil }
        guard let stream = catalog.stream(named.stream), let topic = stream.topic(named.topic) else { return nil }
        let resolved = ResolvedTopic(stream, topic, Access(session.userID.flatMap(catalog.permissions)))
        session.path.remember(resolved, as: bytes, version: catalogVersion)
        return resolved
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
        guard mayAsk(owner) else { return .stalled }
        try ask(owner, request, incarnation: partition.incarnation, slot: slot, serial: serial)
        return .begun
    }

    // MARK: Answers

    mutating func partitionAnswered(
        slot: UInt32, serial: UInt32, _ answer: PartitionAnswer
    ) throws(MachineFailure) {
        guard let session = waiting(slot: slot, serial: serial) else { return }
        if !world.isMutated(.answerWakesNobody) { touch(slot) }
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
    @inline(__always)
    mutating func pollAnswered(
        slot: UInt32, serial: UInt32, _ pieces: some Collection<MessagePiece>, currentOffset: UInt64, owner: ShardID,
        loan: UInt64
    ) throws(MachineFailure) {
        guard let session = waiting(slot: slot, serial: serial) else {
            return try release(.loan(owner, loan))
        }
        touch(slot)
        var byteCount = 0
        var messageCount: UInt32 = 0
        for piece in pieces {
            messageCount += piece.count - (world.isMutated(.pollReplyMiscounts) && messageCount > 0 ? 1 : 0)
            byteCount += piece.classicByteCount
        }
        if world.isMutated(.replyLengthInOtherOrder) { byteCount = Int(UInt32(truncatingIfNeeded: byteCount).byteSwapped) }
        let asked = world.isMutated(.replyNamesPartitionZero) ? nil : session.pendingRequest(serial)?.partition
        let head = PolledHead(partitionID: asked ?? 0, currentOffset: currentOffset, messageCount: messageCount)
        guard let headSlice = try polledFrame(head, followedBy: byteCount) else {
            try close(slot)
            return try release(.loan(owner, loan))
        }
        session.output.append(headSlice, hold: .buffer(headSlice.buffer))
        for piece in pieces {
            switch piece.dialect {
            case .classic: session.output.append(piece.messages)
            case .vsr:
                guard let slice = try classicMessages(piece) else {
                    // What the head promised cannot be sent: the connection ends, and the loan with it.
                    session.output.holdLast(.loan(owner, loan))
                    return try close(slot)
                }
                session.output.append(slice, hold: .buffer(slice.buffer))
            }
        }
        let isEnded = world.isMutated(.loanEndsBeforeSend)
        if isEnded { try release(.loan(owner, loan)) } else { session.output.holdLast(.loan(owner, loan)) }
        _ = session.finish(serial)
    }

    /// The head of a poll reply, written where it is sent from; nil when there is no memory.
    private mutating func polledFrame(
        _ head: PolledHead, followedBy byteCount: Int
    ) throws(MachineFailure) -> Slice? {
        let headByteCount = ClassicResponseHead.byteCount + PolledHead.classicByteCount
        guard let buffer = try buffers.allocate(byteCount: headByteCount, &world) else { return nil }
        let slice = Slice(buffer, position: 0, byteCount: UInt32(clamping: headByteCount))
        var bytes = try world.mutableBytes(of: slice)
        bytes.store(UInt32(0), at: 0)
        bytes.store(UInt32(clamping: PolledHead.classicByteCount + byteCount), at: 4)
        head.store(classic: &bytes, at: ClassicResponseHead.byteCount)
        return slice
    }

    /// Messages of the other dialect as classic ones in a buffer of their own; nil when there is no memory.
    private mutating func classicMessages(_ piece: MessagePiece) throws(MachineFailure) -> Slice? {
        let byteCount = piece.classicByteCount
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

extension MessagePiece {
    /// Bytes of the messages as a classic client gets them.
    var classicByteCount: Int {
        switch dialect {
        case .classic: Int(messages.byteCount)
        case .vsr:
            Int(messages.byteCount) + Int(count) * (ClassicMessage.headByteCount - VSRFrame.headByteCount)
        }
    }
}

extension ResolvedTopic {
    init(_ stream: Catalog.Stream, _ topic: Catalog.Topic, _ access: Access) {
        self.init(
            stream: stream.id, topic: topic.id, partitionCount: UInt32(clamping: topic.partitions.count),
            maySend: access.allows(.send, stream: stream.id, topic: topic.id),
            mayPoll: access.allows(.poll, stream: stream.id, topic: topic.id))
    }
}

extension Slice {
    /// A part of it; positions are relative to its start and lie inside.
    func part(at position: Int, byteCount: Int) -> Slice {
        Slice(buffer, position: self.position + UInt32(clamping: position), byteCount: UInt32(clamping: byteCount))
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
