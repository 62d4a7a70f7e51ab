// Who is meant: small values that name things the World owns.
//
// The core never holds a descriptor or a pointer. It holds these names, each with a generation that the World
// checks, so a name kept too long is a broken law and never somebody else's file.

/// One thread with its share of the partitions and connections.
public struct ShardID: BitwiseCopyable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: UInt16

    public init(_ number: UInt16) { self.number = number }

    /// The shard that also owns the catalog.
    public static let catalog = ShardID(0)

    public static func < (left: ShardID, right: ShardID) -> Bool { left.number < right.number }
    public var description: String { "shard \(number)" }
}

/// An open file of one shard.
public struct FileID: BitwiseCopyable, Hashable, Sendable {
    public let slot: UInt32
    public let generation: UInt32

    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// An accepted connection of one shard.
public struct ConnectionID: BitwiseCopyable, Hashable, Sendable {
    public let slot: UInt32
    public let generation: UInt32

    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// A buffer, owned by the pool of `owner` and lent to another shard only by mail.
public struct BufferID: BitwiseCopyable, Hashable, Sendable {
    public let owner: ShardID
    public let generation: UInt16
    public let slot: UInt32

    public init(owner: ShardID, slot: UInt32, generation: UInt16) {
        self.owner = owner
        self.slot = slot
        self.generation = generation
    }
}

/// A piece of a buffer: where bytes are to be read from or put. Positions and counts are bytes.
public struct Slice: BitwiseCopyable, Hashable, Sendable {
    public let buffer: BufferID
    public let position: UInt32
    public let byteCount: UInt32

    public init(_ buffer: BufferID, position: UInt32, byteCount: UInt32) {
        self.buffer = buffer
        self.position = position
        self.byteCount = byteCount
    }

    /// The position after the last byte. Wide, so that it cannot overflow.
    public var end: Int { Int(position) + Int(byteCount) }
}

/// What the core calls an operation in flight; the World hands it back unread with the completion.
public struct Token: BitwiseCopyable, Hashable, Sendable {
    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }
}

/// The peer's address: IPv4 in the low 32 bits of `low`, or the 16 bytes of IPv6, big endian, in `high` and `low`.
public struct PeerAddress: BitwiseCopyable, Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64
    public let port: UInt16
    public let isIPv6: Bool

    public init(ipv4: UInt32, port: UInt16) {
        high = 0
        low = UInt64(ipv4)
        self.port = port
        isIPv6 = false
    }

    public init(ipv6High: UInt64, low: UInt64, port: UInt16) {
        high = ipv6High
        self.low = low
        self.port = port
        isIPv6 = true
    }
}

extension PeerAddress: CustomStringConvertible {
    /// `127.0.0.1:40000`, or `[2001:db8:0:0:0:0:0:1]:40000` (groups are not shortened).
    public var description: String {
        guard isIPv6 else {
            let octets = [24, 16, 8, 0].map { String((low >> $0) & 0xff) }
            return "\(octets.joined(separator: ".")):\(port)"
        }
        let groups = [(high, 48), (high, 32), (high, 16), (high, 0), (low, 48), (low, 32), (low, 16), (low, 0)]
        return "[\(groups.map { String(($0 >> $1) & 0xffff, radix: 16) }.joined(separator: ":"))]:\(port)"
    }
}
