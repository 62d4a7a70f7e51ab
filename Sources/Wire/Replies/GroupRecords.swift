public struct GroupRecord: Equatable, Sendable {
    public var id: UInt32
    public var partitionCount: UInt32
    /// A reply about one group takes the number from the members it lists.
    public var memberCount: UInt32
    public var name: Name

    public init(id: UInt32, partitionCount: UInt32, memberCount: UInt32, name: Name) {
        self.id = id
        self.partitionCount = partitionCount
        self.memberCount = memberCount
        self.name = name
    }
}

/// A member of a group and the partitions it owns, in the order of their assignment.
public struct GroupMemberRecord: Equatable, Sendable {
    public var id: UInt32
    public var partitions: [UInt32]

    public init(id: UInt32, partitions: [UInt32]) {
        self.id = id
        self.partitions = partitions
    }
}
