import Dispatch
import Foundation
import Platform
import Synchronization
import Testing

@testable import Linux

/// A Machine that is a closure.
struct ClosureMachine: Machine, ~Copyable {
    typealias Body = (Event, Instant, inout LinuxWorld) throws(MachineFailure) -> Void

    private var world: LinuxWorld
    private let body: Body

    init(_ world: consuming LinuxWorld, _ body: @escaping Body) {
        self.world = world
        self.body = body
    }

    mutating func handle(_ event: Event, at now: Instant) throws(MachineFailure) { try body(event, now, &world) }

    func checkInvariants() throws(MachineFailure) {}
}

typealias MakeBody = @Sendable (ShardID, UInt32) throws(MachineFailure) -> ClosureMachine.Body

/// A server of closures, on port 0 and a directory of its own.
final class TestServer: Sendable {
    let server: LinuxServer
    let directory: String
    let lines: SaidLines
    private let ended = DispatchSemaphore(value: 0)
    private let reason = Shared<ExitReason?>(nil)

    init(
        shards: Int = 1, directory: String = TestServer.freshDirectory(),
        configure: (inout LinuxConfiguration) -> Void = { _ in }, awaitReady: Bool = true, _ makeBody: @escaping MakeBody
    ) throws {
        self.directory = directory
        var configuration = LinuxConfiguration(
            dataDirectory: directory, listen: ListenAddress(host: "127.0.0.1", port: 0), shardCount: shards)
        configuration.handlesSignals = false
        configure(&configuration)
        // Nobody writes: the tests read what was said.
        let log = try Log(gate: LogGate { _ in 4 })
        lines = SaidLines(log)
        server = try LinuxServer(configuration, logging: LogService(log: log, directory: nil))
        let ready = DispatchSemaphore(value: 0)
        Foundation.Thread.detachNewThread { [server, reason, ended] in
            let result = try? server.run(onReady: { ready.signal() }) { world, shard, generation throws(MachineFailure) in
                ClosureMachine(world, try makeBody(shard, generation))
            }
            reason.change { $0 = result }
            ended.signal()
        }
        if awaitReady { #expect(ready.wait(timeout: .now() + 20) == .success, "the server gets ready") }
    }

    var port: UInt16 { server.port }

    /// Waits for the end.
    @discardableResult func join() -> ExitReason? {
        #expect(ended.wait(timeout: .now() + 60) == .success, "the server ends")
        return reason.value
    }

    @discardableResult func stop() -> ExitReason? {
        server.requestStop()
        let reason = join()
        try? FileManager.default.removeItem(atPath: directory)
        return reason
    }

    static func freshDirectory() -> String { NSTemporaryDirectory() + "galgo-linux-" + UUID().uuidString }
}

/// What was said for the log, in order.
final class SaidLines: Sendable {
    private let log: Log
    private let lines = Shared<[String]>([])

    init(_ log: Log) { self.log = log }

    var value: [String] {
        lines.change { lines in
            var rest = (log.take()?.bytes ?? [])[...]
            while let record = LogRecord(takingFrom: &rest) { lines.append(Self.text(of: record)) }
        }
        return lines.value
    }

    private static func text(of record: LogRecord) -> String {
        let thread = if case .shard(let number) = record.thread { "shard \(number)" } else { "\(record.thread)" }
        return switch record.message {
        case .text: "\(thread): \(String(decoding: record.text, as: UTF8.self))"
        case .notice(let notice): "\(thread): \(notice)"
        }
    }
}

/// A value that several threads use.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}

/// A plain blocking socket.
final class Peer {
    private let socket: Int32

    init(_ port: UInt16) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw POSIXError(.ECONNREFUSED) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let sent = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL)) }
            if sent <= 0 { return }
            done += sent
        }
    }

    func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// Exactly so many bytes, or fewer if the server ends before.
    func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress! + done, count - done, 0) }
            if got <= 0 { break }
            done += got
        }
        return Array(bytes.prefix(done))
    }

    /// True when the server closed in order, without a reset.
    func isAtEnd() -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, 0) == 0
    }
}

/// A value that the test's threads use at the same time in ways that are safe.
struct Unchecked<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
