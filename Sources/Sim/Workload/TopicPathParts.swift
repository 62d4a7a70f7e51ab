import Wire

/// Where the workload lives on the server.
struct TopicPathParts {
    let stream: Name
    let topic: Name

    init?() {
        guard let stream = Name("s"), let topic = Name("t") else { return nil }
        self.stream = stream
        self.topic = topic
    }

    var path: TopicPath { TopicPath(stream: .name(stream), topic: .name(topic)) }
}
