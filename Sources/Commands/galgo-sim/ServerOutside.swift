import Client
import Glibc
import Outside
import Sim
import Verifier

/// A real `galgo-server` with a directory of its own, and the sockets of the clients in front of it.
final class ServerOutside: RealServer {
    private let binary: String
    private let settings: [String: String]
    /// Of this run; the data directory is in it, or on the volume.
    let directory: String
    private let volume: ServerVolume?
    private var program: ServerProgram?
    private var port: UInt16?
    private var isPaused = false
    private let beginning = nanosecondsOfSteadyClock()
    /// By the world's numbers of the connections.
    private var sockets: [UInt32: LoopSocket] = [:]

    /// Milliseconds within which a server has to serve.
    private static let startLimit = 30_000

    /// nil if no directory can be made.
    init?(_ binary: String, settings: [String: String], wantsVolume: Bool) {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        // The call puts a name of its own in the place of the last six letters.
        var template = Array("\(base)/galgo-sim-\(String(repeating: "X", count: 6))".utf8CString)
        // SAFETY: the template ends with a zero and is changed in place.
        guard unsafe mkdtemp(&template) != nil else { return nil }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.binary = binary
        self.settings = settings
        volume = wantsVolume ? ServerVolume(at: "\(directory)/volume") : nil
    }

    var hasVolume: Bool { volume != nil }

    /// For somebody who wants to look at it; gone with the value if it is on a volume.
    var dataDirectory: String { "\(volume?.path ?? directory)/data" }

    private var dataFromHere: String { "\(volume?.pathFromHere ?? directory)/data" }

    /// Removes what is left of the run.
    func remove() {
        sockets = [:]
        program = nil
        DiskDirectory.remove(directory)
    }

    var now: Int64 { nanosecondsOfSteadyClock() - beginning }

    // MARK: The process

    func start() -> RealStart {
        let whole = settings.merging(
            ["IGGY_TCP_ADDRESS": "127.0.0.1:0", "IGGY_SYSTEM_PATH": dataDirectory]) { _, own in own }
        // It must not outlive this process.
        let setpriv = "/usr/bin/setpriv"
        let bond = unsafe access(setpriv, X_OK) == 0 ? [setpriv, "--pdeathsig", "KILL", "--"] : []
        let command = (volume?.wrapper ?? []) + bond + [binary, "--with-default-root-credentials"]
        let environment = whole.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + inherited
        guard let program = ServerProgram(command, environment: environment) else {
            return .refused(RealEnding(how: "it cannot be started", isClean: false, lastLine: binary))
        }
        self.program = program
        port = program.look(within: Self.startLimit, for: Self.port)
        if port != nil { return .serving }
        return program.ending.map { .refused($0) } ?? .silent
    }

    private var inherited: [String] {
        let path = ["PATH=/usr/local/bin:/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no"]
        return path + (unsafe getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\(unsafe String(cString: $0))"] } ?? [])
    }

    /// The banner says where it serves.
    private static func port(in text: String) -> UInt16? {
        guard let address = text.firstRange(of: "127.0.0.1:") else { return nil }
        let rest = text[address.upperBound...]
        // The line is whole once its end is there.
        guard rest.contains(where: \.isNewline) else { return nil }
        return UInt16(rest.prefix { $0.isNumber })
    }

    func ending() -> RealEnding? {
        program?.look()
        return program?.ending
    }

    func kill() {
        program?.kill()
        port = nil
    }

    func requestStop() { program?.send(SIGTERM) }

    func failShard(_ number: Int32) { program?.send(SIGUSR1, number: number) }

    func pause() { program?.send(SIGSTOP) }

    func resume() { program?.send(SIGCONT) }

    func crowd(_ isCrowded: Bool) {
        guard let process = program?.process else { return }
        let cpus = isCrowded ? "0" : "0-\(max(0, processorCount - 1))"
        let program = ServerProgram(
            ["/usr/bin/taskset", "--all-tasks", "--cpu-list", "--pid", cpus, "\(process)"], environment: [])
        _ = program?.look(within: 2_000) { _ in nil as Bool? }
    }

    func fillDisk(leaving byteCount: Int) { volume?.fill(leaving: byteCount) }

    func freeDisk() { volume?.free() }

    func image() -> DirectoryImage? {
        do throws(UnreadableFile) { return try DiskDirectory(dataFromHere).image() } catch { return nil }
    }

    // MARK: The clients

    func attend(_ world: RealWorld, until time: Int64) {
        carryOut(world)
        let open = sockets.sorted { $0.key < $1.key }
        var waits = open.map { connection, socket in
            let wanted = (socket.isConnected && world.wantsBytes(connection) ? POLLIN : 0)
                | (socket.awaitsWriting ? POLLOUT : 0)
            return pollfd(fd: socket.descriptor, events: Int16(wanted), revents: 0)
        }
        let milliseconds = max(0, (time - now + millisecond - 1) / millisecond)
        // SAFETY: the array has as many entries as the call is told.
        unsafe poll(&waits, nfds_t(waits.count), Int32(clamping: milliseconds))
        for ((connection, socket), wait) in zip(open, waits) where wait.revents != 0 {
            if socket.isConnected {
                socket.flush()
                if wait.revents & ~Int16(POLLOUT) != 0 { hear(connection, socket, world) }
            } else if socket.finishConnecting() {
                world.connected(connection)
            } else {
                sockets[connection] = nil
                world.refused(connection)
            }
        }
    }

    private func carryOut(_ world: RealWorld) {
        for move in world.takeMoves() {
            switch move {
            case .connect(let connection):
                guard let port, let socket = LoopSocket(connectingTo: port) else {
                    world.refused(connection)
                    continue
                }
                sockets[connection] = socket
                if socket.isConnected { world.connected(connection) }
            case .send(let connection, let bytes): sockets[connection]?.send(bytes)
            case .close(let connection): sockets[connection] = nil
            case .reset(let connection):
                sockets[connection]?.resetAtEnd()
                sockets[connection] = nil
            }
        }
    }

    /// Takes one piece of what has come; false when there is nothing more.
    @discardableResult
    private func hear(_ connection: UInt32, _ socket: LoopSocket, _ world: RealWorld) -> Bool {
        switch socket.receive() {
        case .nothing: return false
        case .bytes(let bytes):
            world.received(connection, bytes)
            return true
        case .ended(let isReset):
            sockets[connection] = nil
            world.ended(connection, isReset: isReset)
            return false
        }
    }

    func drain(_ world: RealWorld) {
        port = nil
        for (connection, socket) in sockets.sorted(by: { $0.key < $1.key }) {
            while socket.isConnected, hear(connection, socket, world) {}
            guard sockets[connection] != nil else { continue }
            sockets[connection] = nil
            if socket.isConnected { world.ended(connection, isReset: true) } else { world.refused(connection) }
        }
        // What the clients did on hearing it met nobody.
        carryOut(world)
    }

    func breakConnection(nth: UInt32, of world: RealWorld) {
        let open = sockets.filter(\.value.isConnected).keys.sorted()
        guard !open.isEmpty else { return }
        let connection = open[Int(nth) % open.count]
        sockets[connection]?.resetAtEnd()
        sockets[connection] = nil
        world.ended(connection, isReset: true)
    }
}

private func nanosecondsOfSteadyClock() -> Int64 {
    var time = timespec()
    // SAFETY: the structure lives during the call.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * second + Int64(time.tv_nsec)
}
