public import Wire

extension Identifier {
    /// The thing of this name.
    public init(named text: String) throws(ClientError) {
        self = .name(try Name(checking: text))
    }
}

extension TopicPath {
    /// The topic and the stream of these names.
    public init(_ stream: String, _ topic: String) throws(ClientError) {
        self.init(stream: try Identifier(named: stream), topic: try Identifier(named: topic))
    }
}

extension Name {
    init(checking text: String) throws(ClientError) {
        guard let name = Name(text) else { throw .nameUnusable(text) }
        self = name
    }
}
