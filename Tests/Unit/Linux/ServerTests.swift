import Foundation
import Platform
import Testing

@testable import Linux

private let idle: MakeBody = { _, _ in
    { event, _, world throws(MachineFailure) in
        switch event {
        case .started: try world.submit(.startAccepting)
        case .stopRequested: try world.submit(.stopped)
        default: break
        }
    }
}

struct ServerTests {
    @Test func `a port that somebody has is refused by name before anything starts`() throws {
        let first = try TestServer(shards: 2, idle)
        let address = ListenAddress(host: "127.0.0.1", port: first.port)

        let failure = #expect(throws: StartFailure.self) {
            try TestServer(configure: { $0.listen = address }, idle)
        }

        #expect(failure == .portInUse(address))
        #expect("\(failure!)" == "cannot listen on \(address): the port is in use by another process")
        first.stop()
    }

    @Test func `an address that is not ours and a host that nobody knows are refused by name`() {
        let elsewhere = ListenAddress(host: "192.0.2.1", port: 0)
        let unknown = ListenAddress(host: "no such host", port: 0)

        #expect(throws: StartFailure.addressNotHere(elsewhere)) { try TestServer(configure: { $0.listen = elsewhere }, idle) }
        #expect(throws: StartFailure.unknownHost(unknown)) { try TestServer(configure: { $0.listen = unknown }, idle) }
    }

    @Test func `a data directory that is a file is refused by name`() {
        let failure = StartFailure.dataDirectory("/etc/passwd", .notADirectory)

        #expect(throws: failure) { try TestServer(directory: "/etc/passwd", idle) }
    }

    @Test(arguments: [("127.0.0.1", 8090, "127.0.0.1:8090"), ("::1", 0, "[::1]:0"), ("localhost", 65535, "localhost:65535")])
    func `a listen address is printed as it is written in settings`(host: String, port: UInt16, text: String) {
        #expect(ListenAddress(host: host, port: port).description == text)
    }

    @Test func `a parent that may not be written to is told, not that the directory is missing`() {
        let failure = StartFailure.dataDirectory("/proc/galgo/data", .noEntry)

        // In /proc the system itself says that there can be no such entry: nothing else is hidden behind it.
        #expect(throws: failure) { try TestServer(directory: "/proc/galgo/data", idle) }
    }

    @Test func `wake-ups come when they are due, and a later one replaces the one before`() throws {
        let times = Shared<[Int64]>([])
        let server = try TestServer { _, _ in
            var start: Int64 = 0
            return { event, now, world throws(MachineFailure) in
                switch event {
                case .started:
                    start = now.nanoseconds
                    try world.submit(.wake(at: start + 10_000_000_000))
                    try world.submit(.wake(at: start + 30_000_000))
                    try world.submit(.startAccepting)
                case .timerDue:
                    times.change { $0.append((now.nanoseconds - start) / 1_000_000) }
                    if times.value.count < 3 { return try world.submit(.wake(at: now.nanoseconds + 20_000_000)) }
                    try world.submit(.stopped)
                default: break
                }
            }
        }

        #expect(server.join() == .stopped)

        let seen = times.value
        #expect(seen.count == 3 && seen[0] >= 30 && seen[1] >= seen[0] + 20 && seen[2] >= seen[1] + 20, "\(seen)")
    }

    @Test func `receiving waits while memory is used up`() throws {
        let events = Shared<[String]>([])
        let server = try TestServer(configure: {
            $0.memoryLimitBytes = 1 << 20
            $0.receiveBytes = 64 << 10
        }) { _, _ in
            var all: BufferID?
            return { event, now, world throws(MachineFailure) in
                switch event {
                case .started:
                    all = world.allocateBuffer(byteCount: 1 << 20)
                    let more = world.allocateBuffer(byteCount: 1)
                    events.change { $0.append(all != nil && more == nil ? "full" : "not full") }
                    try world.submit(.startAccepting)
                case .accepted(let connection, _):
                    try world.submit(.receiveFresh(connection))
                    try world.submit(.wake(at: now.nanoseconds + 50_000_000))
                case .timerDue:
                    events.change { $0.append("released") }
                    try world.release(all!)
                case .received(_, let slice):
                    events.change { $0.append("received \(slice.byteCount)") }
                    try world.submit(.stopped)
                default: break
                }
            }
        }
        let peer = try Peer(server.port)
        peer.send([1, 2, 3])

        #expect(server.join() == .stopped)

        #expect(events.value == ["full", "released", "received 3"])
    }

    @Test func `facts of the host are there, and entropy does not repeat`() throws {
        let facts = Shared<HostFacts>(HostFacts())
        let server = try TestServer(awaitReady: false) { _, _ in
            { event, _, world throws(MachineFailure) in
                guard case .started = event else { return }
                let found = world.hostFacts()
                facts.change { $0 = found }
                let words = Set((0..<200).map { _ in world.entropy() })
                #expect(words.count == 200)
                #expect(world.bootIdentity == .current)
                try world.submit(.startAccepting)
                try world.submit(.stopped)
            }
        }
        server.join()

        let found = facts.value
        #expect(found.processID == UInt32(getpid()))
        #expect(found.totalMemoryBytes >= found.availableMemoryBytes && found.availableMemoryBytes > 0)
        #expect(found.processMemoryBytes > 0 && found.threadCount > 1)
        #expect(found.totalDiskBytes >= found.freeDiskBytes && found.totalDiskBytes > 0)
        #expect(!found.hostname.isEmpty && !found.systemName.isEmpty && !found.kernelVersion.isEmpty)
    }

    @Test func `CPUs that cannot be had are a line in the log and not a failed start`() throws {
        let server = try TestServer(configure: { $0.homes = [[4000, 4001]] }, idle)

        #expect(server.stop() == .stopped)

        #expect(
            server.lines.value == [
                "main: the system binds no threads to CPUs (sched_setaffinity): shards run anywhere (invalid argument); "
                    + "that costs speed and nothing else"
            ])
    }
}
