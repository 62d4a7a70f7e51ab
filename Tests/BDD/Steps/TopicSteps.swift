import Gherkin
import Primitives
import Wire

extension StepLibrary {
    /// Streams and topics.
    mutating func defineTopicSteps() throws {
        try given("no streams exist") { scene, _ in
            let payload = try scene.demand(.getStreams)
            try expect(payload.isEmpty, "there are streams already")
        }
        try when("I create the stream {string}") { scene, arguments in
            _ = try scene.createStream(arguments.string())
        }
        try when("I create the topic {string} with {int} partition(s) in stream {string}") { scene, arguments in
            try scene.createTopic(arguments.string(0), in: arguments.string(2), partitions: arguments.int(1))
        }
        try given("the stream {string} with topic {string} and {int} partition(s)") { scene, arguments in
            _ = try scene.createStream(arguments.string(0))
            try scene.createTopic(arguments.string(1), in: arguments.string(0), partitions: arguments.int(2))
        }
        try when("I purge the topic") { scene, _ in
            _ = try scene.demand(.purgeTopic(scene.currentTopic().path))
            scene.ledgers = [:]
        }
        try when("I delete the topic and create it again") { scene, _ in
            let topic = try scene.currentTopic()
            _ = try scene.demand(.deleteTopic(topic.path))
            try scene.createTopic(topic.name.text, in: topic.stream.text, partitions: Int(topic.partitionCount))
        }
    }
}
