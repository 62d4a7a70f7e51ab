import Client
import Foundation
import Glibc
import Support
import Testing

/// What a service manager is told: when the server serves, that no shard hangs, and when it stops.
struct ServiceManagerTests {
    @Test(arguments: ["path", "abstract"])
    func `the manager hears that the server is ready, that it reads its settings, and that it stops`(
        kind: String
    ) throws {
        let directory = try TemporaryDirectory()
        let manager = try NotifySocket(
            kind == "path" ? directory.path("notify") : "@galgo-\(directory.path.suffix(8))")
        let server = try TestServer(.init(environment: ["NOTIFY_SOCKET": manager.name]), directory: directory)
        defer { server.kill() }

        try server.start()
        let ready = try #require(manager.next())
        kill(try #require(server.pid), SIGHUP)
        let reloading = try #require(manager.next())
        let again = try #require(manager.next())
        try server.stop()
        let stopping = try #require(manager.next())

        #expect(ready.hasPrefix("READY=1\nSTATUS=serving on 127.0.0.1 port \(server.address.port)"), "\(ready)")
        #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="), "\(reloading)")
        #expect(again == ready)
        #expect(stopping.hasPrefix("STOPPING=1"), "\(stopping)")
        #expect(manager.next(atMost: .zero) == nil, "nobody asked for a watchdog")
    }

    @Test func `a watchdog hears from idle shards again and again`() throws {
        let directory = try TemporaryDirectory()
        let manager = try NotifySocket(directory.path("notify"))
        let environment = ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "400000"]
        let server = try TestServer(.init(shards: 3, environment: environment), directory: directory)
        defer { server.kill() }
        try server.start()

        // One in 100 ms; the manager wants one in 400.
        #expect(manager.count(within: .seconds(2)) >= 5)
        #expect(manager.next() == "WATCHDOG=1")

        try server.stop()
    }

    /// The shard hangs in the answer to the second request, so that the stop lasts.
    @Test(.enabled(if: Strace.isInstalled, "needs strace"))
    func `who was told of the stop is not told of settings, nor that the server is ready`() throws {
        let directory = try TemporaryDirectory()
        let manager = try NotifySocket(directory.path("notify"))
        let server = try TestServer(
            .init(
                environment: ["NOTIFY_SOCKET": manager.name],
                strace: .delay("sendmsg", byMicroseconds: 3_000_000, at: 2)),
            directory: directory)
        defer { server.kill() }
        try server.start()
        #expect(manager.next()?.hasPrefix("READY=1") == true)
        let socket = try RawSocket(to: server.address)
        socket.send(RawFrame.ping)
        #expect(!socket.waitForEnd(atMost: .milliseconds(500)))

        let pid = try #require(server.pid)
        kill(pid, SIGTERM)
        #expect(manager.next()?.hasPrefix("STOPPING=1") == true)
        kill(pid, SIGHUP)

        #expect(manager.next(atMost: .seconds(1)) == nil)
        #expect(server.waitForExit(atMost: .seconds(20)) == .code(0))
    }

    @Test(.enabled(if: Strace.isInstalled, "needs strace"))
    func `a watchdog hears nothing while a shard hangs`() throws {
        let directory = try TemporaryDirectory()
        let manager = try NotifySocket(directory.path("notify"))
        let environment = ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "400000"]
        // The harness's own ping is answered first; the answer to the next request takes three seconds.
        let server = try TestServer(
            .init(
                shards: 2, environment: environment,
                strace: .delay("sendmsg", byMicroseconds: 3_000_000, at: 2)),
            directory: directory)
        defer { server.kill() }
        try server.start()
        #expect(manager.count(within: .seconds(1)) >= 1)

        // Every connection may come to either shard: both hang.
        let sockets = try (0..<8).map { _ in try RawSocket(to: server.address) }
        for socket in sockets { socket.send(RawFrame.ping) }
        let began = ContinuousClock.now
        _ = manager.count(within: .milliseconds(300))
        let count = manager.count(within: .milliseconds(1_500))
        #expect(count == 0 || ContinuousClock.now - began > .seconds(3), "\(count) pings while a shard hangs")

        try server.requireServing()
        #expect(manager.count(within: .seconds(2)) >= 1)
        try server.stop()
    }

    @Test func `a manager that cannot be told costs one line`() throws {
        let directory = try TemporaryDirectory()
        let environment = ["NOTIFY_SOCKET": directory.path("nobody"), "WATCHDOG_USEC": "20000"]
        let server = try TestServer(.init(environment: environment), directory: directory)
        defer { server.kill() }
        try server.start()
        try server.requireServing()
        try server.stop()

        #expect(server.output.split(separator: "\n").count { $0.contains("NOTIFY_SOCKET") } == 1)
    }
}
