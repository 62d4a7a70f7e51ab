import Wire

/// Makes the stream and the topic of the workload, and asks until both are there.
final class Preparer: ClassicActor {
    private let partitions: UInt32
    private let stream: Name
    private let topic: Name
    private var isStreamThere = false
    private(set) var isTopicThere = false
    /// What the server said last when it said no.
    private(set) var lastRefusal: ErrorCode?

    init(partitions: UInt32, stream: Name, topic: Name) {
        self.partitions = partitions
        self.stream = stream
        self.topic = topic
        super.init(.patient)
    }

    override var title: String { "preparer" }

    override func ready(in universe: any Surroundings) {
        if !isStreamThere {
            ask(.createStream(name: stream), in: universe)
        } else if !isTopicThere {
            let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
            ask(
                .createTopic(
                    CreateTopic(stream: .name(stream), name: topic, partitionCount: partitions, settings: settings)),
                in: universe)
        } else {
            finish(in: universe)
        }
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        switch refusal {
        case nil, .streamNameAlreadyExists, .topicNameAlreadyExists:
            if !isStreamThere { isStreamThere = true } else { isTopicThere = true }
            ready(in: universe)
        default:
            lastRefusal = refusal
            pause(20 * millisecond, in: universe)
        }
    }
}
