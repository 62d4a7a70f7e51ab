import Wire

/// What an account may do: the one place where flags become answers. No account, no permissions, no rights.
///
/// Global flags are looked at first, then the stream's, then the topic's; a grant at any level is enough, and
/// nothing takes a grant away.
struct Access {
    private let permissions: Permissions?

    init(_ permissions: Permissions?) { self.permissions = permissions }

    enum OnServer { case readServers, readUsers, manageUsers, streamsRead, streamCreate }
    enum OnStream { case streamRead, streamWrite, topicsRead, topicCreate }
    enum OnTopic { case topicRead, topicWrite, poll, send }

    func allows(_ action: OnServer) -> Bool {
        let flags: Permissions.Global =
            switch action {
            case .readServers: [.readServers, .manageServers]
            case .readUsers: [.readUsers, .manageUsers]
            case .manageUsers: [.manageUsers]
            case .streamsRead: [.readStreams, .manageStreams]
            case .streamCreate: [.manageStreams]
            }
        return hasGlobal(flags)
    }

    func allows(_ action: OnStream, stream: UInt32) -> Bool {
        switch action {
        case .streamRead:
            allows(.streamsRead) || has([.readStream, .manageStream], stream)
        case .streamWrite:
            hasGlobal([.manageStreams]) || has([.manageStream], stream)
        case .topicsRead:
            hasGlobal([.readStreams, .manageStreams, .readTopics, .manageTopics])
                || has([.readStream, .manageStream, .readTopics, .manageTopics], stream)
        case .topicCreate:
            hasGlobal([.manageStreams, .manageTopics]) || has([.manageStream, .manageTopics], stream)
        }
    }

    func allows(_ action: OnTopic, stream: UInt32, topic: UInt32) -> Bool {
        switch action {
        case .topicRead:
            allows(.topicsRead, stream: stream) || has([.readTopic, .manageTopic], stream, topic)
        case .topicWrite:
            allows(.topicCreate, stream: stream) || has([.manageTopic], stream, topic)
        case .poll:
            allows(.topicRead, stream: stream, topic: topic) || hasGlobal([.pollMessages])
                || has([.pollMessages], stream) || has([.pollMessages], stream, topic)
        case .send:
            allows(.topicWrite, stream: stream, topic: topic) || hasGlobal([.sendMessages])
                || has([.sendMessages], stream) || has([.sendMessages], stream, topic)
        }
    }

    private func hasGlobal(_ flags: Permissions.Global) -> Bool {
        guard let permissions else { return false }
        return !permissions.global.isDisjoint(with: flags)
    }

    private func has(_ flags: Permissions.InStream, _ stream: UInt32) -> Bool {
        guard let entry = permissions?.stream(stream) else { return false }
        return !entry.granted.isDisjoint(with: flags)
    }

    private func has(_ flags: Permissions.InTopic, _ stream: UInt32, _ topic: UInt32) -> Bool {
        guard let entry = permissions?.stream(stream)?.topic(topic) else { return false }
        return !entry.granted.isDisjoint(with: flags)
    }
}
