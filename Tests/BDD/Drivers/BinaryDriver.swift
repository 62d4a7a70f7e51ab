import Client
import Foundation
import Glibc
import Platform
import Primitives
import Sim
import Support

/// The real binary over real sockets, on a port of the system's choice.
final class BinaryDriver: ServerDriver {
    private let directory: TemporaryDirectory
    private let output: Output
    private let volume: LimitedVolume?
    private let isVolumeMissing: Bool
    private var process: ServerProcess?
    private var port: UInt16 = 0
    private var shardCount = 1
    /// As the scenario sets it; nil for the number of shards that the setup wants.
    private var cpuAllocation: String?
    private var peers: [Peer] = []
    /// What stands before the server on its command line, and what is in its environment beside its settings.
    private var wrapper: [String] = []
    private var machine: [String: String] = [:]
    private(set) var startCount = 0
    let variety: UInt64 = 3

    /// - Parameter fault: what the scenario is about, since a volume of limited size has to be there from the start.
    init(fault: String?) throws {
        directory = try TemporaryDirectory()
        output = Output(copiedTo: directory.path("output"))
        let needsVolume = fault == "disk-full" && LimitedVolume.isAllowed
        volume = needsVolume ? try LimitedVolume(in: directory) : nil
        isVolumeMissing = fault == "disk-full" && !needsVolume
        if fault == "shard-panic" { machine["GALGO_FAIL_SHARDS_ON_SIGNAL"] = "true" }
    }

    private final class Peer {
        var connection: Connection
        /// Of which start of the server.
        let start: Int
        var isLost = false

        init(_ connection: consuming Connection, start: Int) {
            self.connection = connection
            self.start = start
        }
    }

    // MARK: Life

    func start(_ setup: ServerSetup) throws {
        if isVolumeMissing {
            throw NotHere("this machine lets no ordinary user mount a volume of limited size")
        }
        try launch(setup)
    }

    /// hwloc is given a description instead of the machine; the limits are real.
    func start(_ setup: ServerSetup, on machine: MachineDescription, cpuAllocation: String) throws -> ServedShards {
        guard let prlimit = Programs.path(of: "prlimit") else { throw NotHere("prlimit is missing") }
        self.machine["HWLOC_SYNTHETIC"] = "pack:1 core:\(machine.cores) pu:\(machine.threadsPerCore)"
        self.cpuAllocation = cpuAllocation
        wrapper = [prlimit, "--memlock=\(machine.lockableBytes)", "--data=\(machine.memoryBytes)"]
        try launch(setup)
        guard let line = output.text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("  shards ") }),
            let words = line.firstRange(of: " — "),
            let count = Int(line[..<words.lowerBound].dropFirst(9).drop { $0 == " " })
        else { throw DriverError.found("the banner does not tell the shards: \(output.text)") }
        return ServedShards(count: count, reason: String(line[words.upperBound...]))
    }

    private func launch(_ setup: ServerSetup) throws {
        shardCount = setup.shardCount
        let settings = machine.merging([
            "IGGY_TCP_ADDRESS": "127.0.0.1:0",
            "IGGY_SYSTEM_PATH": (volume?.path ?? directory.path) + "/data",
            "IGGY_SYSTEM_SEGMENT_SIZE": "\(setup.segmentBytes) B",
            "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "\(setup.syncsBeforeAcknowledging)",
            "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": cpuAllocation ?? "\(setup.shardCount)",
            "IGGY_SYSTEM_SHARDING_PIN_CORES": "\(cpuAllocation != nil)",
        ]) { _, setting in setting }
        let process = try ServerProcess(
            wrapper: (volume?.wrapper ?? []) + wrapper, settings: settings, output: output)
        self.process = process
        switch process.awaitPort(atMost: .seconds(20)) {
        case .found(let port): self.port = port
        case .ended: throw DriverError.notServing("it ended while starting: \(output.text)")
        case nil: throw DriverError.notServing("it is not ready after 20 seconds: \(output.text)")
        }
        startCount += 1
    }

    func stepBegins() throws {
        if let exit = process?.process.poll() {
            throw DriverError.found("the server ended by itself, \(exit): \(output.text)")
        }
    }

    func pause(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

    // MARK: Conversation

    func connect() throws -> ClientID {
        let timeouts = Timeouts(connect: .seconds(5), receive: .seconds(20), send: .seconds(20))
        peers.append(Peer(try Connection(to: Address(port: port), timeouts: timeouts), start: startCount))
        return ClientID(number: peers.count - 1)
    }

    func isConnected(_ client: ClientID) -> Bool {
        let peer = peers[client.number]
        return !peer.isLost && peer.start == startCount
    }

    func send(_ frame: [UInt8], from client: ClientID) throws {
        try talk(client) { peer throws(ClientError) in try peer.connection.send(frame: frame) }
    }

    func receive(_ client: ClientID) throws -> Answer {
        try talk(client) { peer throws(ClientError) in try peer.connection.answer() }
    }

    private func talk<Value>(_ client: ClientID, _ body: (Peer) throws(ClientError) -> Value) throws -> Value {
        let peer = peers[client.number]
        do throws(ClientError) {
            return try body(peer)
        } catch {
            peer.isLost = true
            switch error {
            case .connectionLost: throw DriverError.connectionLost
            case .timedOut: throw DriverError.noAnswer
            default: throw error
            }
        }
    }

    // MARK: What befalls the server

    func killAndRestart(_ setup: ServerSetup) throws {
        process?.process.kill()
        try launch(setup)
    }

    func cutPowerAndRestart(_ setup: ServerSetup) throws {
        throw NotHere("it would take a machine to switch off")
    }

    func fillDisk() throws {
        guard let volume else { throw NotHere("the volume has no limit") }
        try volume.fill()
    }

    func freeDisk() throws {
        volume?.free()
    }

    func failShard(owning partition: PartitionPlace) throws {
        guard let process else { throw DriverError.notServing("it was not started") }
        let owner = ownerOfPartition(
            partition.partition, topic: partition.topic, stream: partition.stream, shardCount: shardCount)
        // The server was started with the wish to fail where it is told to.
        var number = sigval()
        number.sival_int = Int32(owner.number)
        sigqueue(process.process.pid, SIGUSR1, number)
        let failure = process.process.wait(atMost: .seconds(10)) { output in
            output.contains("told to fail") ? output : nil
        }
        guard case .found = failure else { throw DriverError.found("the shard does not fail: \(output.text)") }
    }

    /// Real threads and a real disk race by themselves.
    func raceRotations() throws {}

    /// hwloc, which tells the server what machine it is on, takes a description instead of looking.
    func useSiblingCores() throws {
        machine["HWLOC_SYNTHETIC"] = "core:2 pu:2"
    }

    /// Four shards, and whatever the machine has, one real CPU for all of them.
    func oversubscribeCores() throws {
        wrapper = [Programs.path(of: "taskset") ?? "taskset", "--cpu-list", "0"]
        guard FileManager.default.isExecutableFile(atPath: wrapper[0]) else { throw NotHere("taskset is missing") }
        try killAndRestart(ServerSetup(shardCount: 4))
    }

    func failedShardCount() throws -> Int {
        output.text.split(whereSeparator: \.isNewline).count { $0.contains("is being rebuilt from disk") }
    }
}

extension Connection {
    /// The next answer, copied out of the connection's buffer.
    fileprivate mutating func answer() throws(ClientError) -> Answer {
        let status = try receive()
        return Answer(status: status, payload: [UInt8](copying: payload))
    }
}
