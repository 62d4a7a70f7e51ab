import Wire

/// Reads every partition of one topic after a medium has changed a bit of some log, and keeps what it got: no message
/// at all is better than a wrong one.
final class RotReader: ClassicActor {
    /// What the reader has of a partition.
    struct Reading {
        var messages: [SeenMessage] = []
        /// A poll behind the last message was refused.
        var isRefused = false
    }

    private let path: TopicPath
    private let stamp: UInt64
    private(set) var readings: [Reading]
    private var partition = 0

    init(partitionCount: Int, stamp: UInt64, path: TopicPath) {
        readings = Array(repeating: Reading(), count: partitionCount)
        self.stamp = stamp
        self.path = path
        super.init(.patient)
    }

    override func ready(in universe: any Surroundings) {
        guard partition < readings.count else { return finish(in: universe) }
        let request = PollMessages(
            consumer: .single(.id(1_000)), path: path, partition: UInt32(partition),
            strategy: .offset(UInt64(readings[partition].messages.count)), count: 1_000)
        ask(.pollMessages(request), in: universe)
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        let messages = refusal == nil ? Payload.messages(payload, stamp: stamp) : []
        readings[partition].messages += messages
        readings[partition].isRefused = refusal != nil
        if messages.isEmpty { partition += 1 }
        ready(in: universe)
    }

    /// For a message about a reader that does not end.
    var state: String { "partition \(partition) of \(path.topic)" }
}
