/// One server in a world of its own, as an outsider meets it: what a feature may ask of it and do to it.
///
/// Clients say everything as frames of the classic protocol, so both worlds play the very same requests. Below the
/// conversation stands what can befall a server. A world that cannot bring something about throws `NotHere`, and the
/// scenario is reported as skipped in that world.
protocol ServerDriver: AnyObject {
    /// Starts a server on an empty directory, and returns when it serves.
    func start(_ setup: ServerSetup) throws
    /// The same on a certain machine, with shards as the setting says; the setup's number of shards does not count.
    func start(_ setup: ServerSetup, on machine: MachineDescription, cpuAllocation: String) throws -> ServedShards
    /// Told before each step: the place for what goes wrong between two steps of a scenario.
    func stepBegins() throws
    /// Lets time pass in the server's world.
    func pause(milliseconds: Int)
    /// Sizes and contents of messages follow from it, so that not every run looks the same.
    var variety: UInt64 { get }

    // A conversation.
    func connect() throws -> ClientID
    /// False once the client knows that its connection is over.
    func isConnected(_ client: ClientID) -> Bool
    /// Sends a whole frame. Several may be sent before their answers are received.
    func send(_ frame: [UInt8], from client: ClientID) throws
    /// The answer to the oldest frame that has none yet.
    func receive(_ client: ClientID) throws -> Answer

    // What befalls the server.
    /// Ends the process with no chance to do anything, and starts it again on the same directory.
    func killAndRestart(_ setup: ServerSetup) throws
    /// The machine loses power, and starts again with what had reached the disk.
    func cutPowerAndRestart(_ setup: ServerSetup) throws
    /// Leaves no room on the volume of the data directory, until `freeDisk`.
    func fillDisk() throws
    func freeDisk() throws
    /// The shard that owns the partition fails, and only it.
    func failShard(owning partition: PartitionPlace) throws
    /// Whatever this world can do to bring rotations of segments together with everything else that goes on.
    func raceRotations() throws
    /// The machine's logical CPUs are siblings, two on each core. Before `oversubscribeCores`.
    func useSiblingCores() throws
    /// From here on the server has more shards than cores.
    func oversubscribeCores() throws

    // What is known about it.
    /// How often a server was started.
    var startCount: Int { get }
    /// How many shards have failed so far.
    func failedShardCount() throws -> Int
}

/// How a server is started.
struct ServerSetup: Equatable, Sendable {
    var shardCount = 2
    /// A segment file is full at so many bytes. A multiple of 512.
    var segmentBytes = 1 << 30
    /// Whether messages are acknowledged after a sync, to survive the loss of power.
    var syncsBeforeAcknowledging = false
}

/// A client of one driver, counted from 0.
struct ClientID: Hashable, Sendable {
    let number: Int
}

/// A partition by its numbers.
struct PartitionPlace: Equatable, Sendable {
    let stream: UInt32
    let topic: UInt32
    let partition: UInt32
}

/// What the server says to a request: status 0 and a payload, or a refusal.
struct Answer: Equatable, Sendable {
    let status: UInt32
    let payload: [UInt8]

    var isRefused: Bool { status != 0 }
}

/// Why a conversation went no further.
enum DriverError: Error, Equatable, CustomStringConvertible {
    /// The connection ended before the answer was there; whether the request took effect is unknown.
    case connectionLost
    /// Nothing came for longer than anyone waits.
    case noAnswer
    case notServing(String)
    /// The world saw something that must never happen.
    case found(String)

    var description: String {
        switch self {
        case .connectionLost: "the connection ended before the answer was there"
        case .noAnswer: "the server does not answer"
        case .notServing(let reason): "the server does not serve: \(reason)"
        case .found(let what): what
        }
    }
}

/// The world has no means to bring about what the step wants.
struct NotHere: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = reason }
}
