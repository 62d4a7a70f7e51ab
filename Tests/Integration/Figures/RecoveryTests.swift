import Client
import Foundation
import Support
import Testing

/// How fast an optimised server reads a log again that a killed process has left.
@Suite(.enabled(if: Executable.releaseServer != nil, "needs an optimised server: scripts/test makes one"), .serialized)
struct RecoveryTests {
    /// 400,000 batches of one message: 96 bytes of header, 64 of the message's own, 512 of payload. Small batches are
    /// the slowest to recover, each has to be looked at.
    private static let batches = 400_000
    private static let batchBytes = 672
    private static let starts = 5
    /// For 256 MiB. The figure is printed; held is only what a busy machine keeps, too.
    private static let readyWithin = Duration.seconds(5)

    @Test func `a start after a kill recovers 256 MiB of small batches within seconds`() throws {
        // The verifier of these tests is no optimised one: it would take minutes for every end.
        let server = try TestServer(
            .init(binary: Executable.releaseServer, readyWithin: .seconds(60), verifiesData: false))
        defer { server.kill() }
        try server.start()
        let idle = try #require(server.readyAfter)
        try Self.fill(server)
        var durations: [Duration] = []

        for _ in 0..<Self.starts {
            server.kill()
            try server.start()
            durations.append(try #require(server.readyAfter))
        }

        let best = try #require(durations.min())
        let gibibytes = Double(Self.batches * Self.batchBytes) / Double(1 << 30)
        print(
            "start to ready with \(Self.batches) batches of \(Self.batchBytes) bytes:",
            "\(best) at best, \(try #require(durations.max())) at most, \(idle) without;",
            "a GiB of them: \(String(format: "%.2f", max(best - idle, .zero) / .seconds(1) / gibibytes)) s more")
        #expect(best <= Self.readyWithin)
        var connection = try server.loggedIn()
        let last = RawFrame.poll("log", "t", offset: UInt64(Self.batches - 1), count: 10)
        #expect(try connection.ask(last).messageCount == 1)
    }

    private static func fill(_ server: TestServer) throws {
        var connection = try server.loggedIn()
        try connection.makeTopic("log", "t")
        let frame = RawFrame.send("log", "t", payloads: [[UInt8](repeating: 7, count: 512)])
        let ahead = 50
        let frames = [[UInt8]](repeating: frame, count: ahead).flatMap { $0 }
        for round in 0...batches / ahead {
            if round < batches / ahead { try connection.sendRaw(frames) }
            // One round of frames stays ahead of the replies that are waited for.
            for _ in 0..<(round > 0 ? ahead : 0) {
                guard try connection.receive() == 0 else { throw HarnessError("a batch was refused") }
            }
        }
    }
}
