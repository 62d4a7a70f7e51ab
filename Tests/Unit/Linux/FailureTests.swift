import Foundation
import Platform
import Testing

@testable import Linux

struct FailureTests {
    @Test func `a failed shard is rebuilt with the next generation and serves again`() throws {
        let generations = Shared<[UInt32]>([])
        let server = try TestServer { _, generation in
            generations.change { $0.append(generation) }
            return { event, _, world throws(MachineFailure) in
                switch event {
                case .started: try world.submit(.startAccepting)
                case .accepted(let connection, _):
                    if generation == 0 { throw MachineFailure("generation 0 accepts nobody") }
                    try world.submit(.disconnect(connection))
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }
        let first = try Peer(server.port)
        #expect(first.receive(1) == [])

        // The port is kept while the shard is down: a second peer may be refused, and then one is served.
        var second: Peer?
        while second == nil { second = try? Peer(server.port) }

        #expect(second?.isAtEnd() == true)
        #expect(generations.value == [0, 1])
        #expect(server.lines.value == ["shard 0: broken law: generation 0 accepts nobody"])
        #expect(server.stop() == .stopped)
    }

    @Test func `the others are told of a loss, letters of the old life are dropped and loans come home`() throws {
        let story = Shared<[String]>([])
        let server = try TestServer(shards: 2) { shard, generation in
            { event, _, world throws(MachineFailure) in
                switch event {
                case .started:
                    try world.submit(.startAccepting)
                    guard shard.number == 1 else { return }
                    story.change { $0.append("life \(generation)") }
                    guard let buffer = world.allocateBuffer(byteCount: 4096) else { return }
                    let letter = Letter(
                        kind: UInt16(generation), isReply: false, lent: Slice(buffer, position: 0, byteCount: 1))
                    try world.submit(.mail(to: ShardID(0), letter))
                case .mail(let from, let letter):
                    if shard.number == 1 {
                        if letter.kind == 100 { throw MachineFailure("letter 100 never comes") }
                        story.change { $0.append("goodbye") }
                        return
                    }
                    story.change { $0.append("letter of life \(letter.kind)") }
                    // Both letters go to the life that lent: the second one must not reach the next life.
                    try world.submit(.mail(to: from, Letter(kind: letter.kind == 0 ? 100 : 101, isReply: true)))
                    if letter.kind == 0 { try world.submit(.mail(to: from, Letter(kind: 102, isReply: true))) }
                case .shardLost(let lost, let next): story.change { $0.append("\(lost) lost, next \(next)") }
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }

        let start = Date()
        while story.value.last != "goodbye", Date().timeIntervalSince(start) < 20 { usleep(1000) }

        #expect(
            story.value == ["life 0", "letter of life 0", "shard 1 lost, next 1", "life 1", "letter of life 1", "goodbye"])
        #expect(server.stop() == .stopped)
    }

    @Test func `a shard that fails before it was told of another's loss writes to the other's next life`() throws {
        // Shard 2 is held up until shard 1 has failed; the news then waits behind the letter at which it fails.
        let held = Shared(false)
        let (reborn, sent) = (Shared(false), Shared(false))
        let replies = Shared<[UInt16]>([])
        @Sendable func waitFor(_ flag: Shared<Bool>) {
            let start = Date()
            while !flag.value, Date().timeIntervalSince(start) < 10 { usleep(1000) }
        }
        let server = try TestServer(shards: 3) { shard, generation in
            var hasSent = false
            return { event, _, world throws(MachineFailure) in
                switch (event, shard.number) {
                case (.started, _):
                    try world.submit(.startAccepting)
                    switch (shard.number, generation) {
                    case (0, _): try world.submit(.mail(to: ShardID(2), Letter(kind: 1, isReply: false)))
                    case (1, 0): try world.submit(.wake(at: 0))
                    case (1, _): reborn.change { $0 = true }
                    case (_, 0): break
                    default: try world.submit(.mail(to: ShardID(1), Letter(kind: 3, isReply: false)))
                    }
                    if shard.number == 0 { try world.submit(.wake(at: 0)) }
                case (.timerDue, 0):
                    if hasSent { return sent.change { $0 = true } }
                    hasSent = true
                    waitFor(held)
                    try world.submit(.mail(to: ShardID(2), Letter(kind: 2, isReply: false)))
                    try world.submit(.wake(at: 0))
                case (.timerDue, 1):
                    waitFor(held)
                    throw MachineFailure("shard 1 fails first")
                case (.mail(_, let letter), 2) where letter.kind == 1:
                    held.change { $0 = true }
                    waitFor(reborn)
                    waitFor(sent)
                case (.mail(_, let letter), 2) where letter.kind == 2: throw MachineFailure("letter 2 is refused")
                case (.mail(let from, let letter), 1):
                    try world.submit(.mail(to: from, Letter(kind: letter.kind + 1, isReply: true)))
                case (.mail(_, let letter), 2): replies.change { $0.append(letter.kind) }
                case (.stopRequested, _): try world.submit(.stopped)
                default: break
                }
            }
        }

        let start = Date()
        while replies.value.isEmpty, Date().timeIntervalSince(start) < 5 { usleep(1000) }

        #expect(replies.value == [4])
        #expect(
            server.lines.value == [
                "shard 1: broken law: shard 1 fails first", "shard 2: broken law: letter 2 is refused",
            ])
        #expect(server.stop() == .stopped)
    }

    @Test func `files and worker results of a dead life are not seen by the next`() throws {
        let opened = Shared<[String]>([])
        let server = try TestServer { _, generation in
            { event, _, world throws(MachineFailure) in
                switch event {
                case .started:
                    try world.submit(.open(.boot, .replace, Token(UInt64(generation))))
                    if generation == 0 { try world.submit(.wake(at: 0)) }
                case .opened(let token, let file, _):
                    opened.change { $0.append("\(token.value) \(file.generation)") }
                    if generation == 2 { return try world.submit(.startAccepting) }
                    throw MachineFailure("the first two lives open nothing")
                case .timerDue: throw MachineFailure("the first life does not wait")
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }

        #expect(opened.value.allSatisfy { !$0.hasPrefix("0 ") } || opened.value.count == 3)
        #expect(opened.value.suffix(1).first?.hasPrefix("2 ") == true, "\(opened.value)")
        #expect(server.stop() == .stopped)
    }

    @Test func `misused names and buffers are broken laws`() throws {
        let laws = Shared<[String]>([])
        let server = try TestServer { _, generation in
            { event, _, world throws(MachineFailure) in
                switch event {
                case .started:
                    guard let buffer = world.allocateBuffer(byteCount: 100) else { return }
                    let beyond = Slice(buffer, position: 4000, byteCount: 97)
                    switch generation {
                    case 0: _ = try world.bytes(of: beyond).byteCount
                    case 1:
                        try world.release(buffer)
                        try world.release(buffer)
                    case 2: try world.submit(.close(FileID(slot: 3, generation: 1), Token(0)))
                    case 3: try world.submit(.send(ConnectionID(slot: 0, generation: 0), slices: 1, Token(0)))
                    default: try world.submit(.startAccepting)
                    }
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }

        laws.change { $0 = server.lines.value }
        #expect(
            laws.value == [
                "shard 0: broken law: a slice lies inside its buffer",
                "shard 0: broken law: a buffer's name is used only while it is owned",
                "shard 0: broken law: a file's name is used only until it is closed",
                "shard 0: broken law: a vectored operation is submitted with its slices",
            ])
        server.stop()
        #expect(server.server.usedMemoryBytes <= 64 << 10)
    }

    @Test func `rebuilding pauses longer each time, and ends after ten in five minutes`() {
        var backoff = Backoff()
        let second: Int64 = 1_000_000_000

        let pauses = (0..<11).map { backoff.pauseAfterFailure(at: Int64($0) * second).map { $0 / 1_000_000 } }

        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, nil])
        #expect(backoff.pauseAfterFailure(at: 400 * second) == 100_000_000)
    }

    @Test func `a core that refuses the directory ends the server with its reason`() throws {
        let server = try TestServer(awaitReady: false) { _, _ in
            { event, _, world throws(MachineFailure) in
                if case .started = event { try world.submit(.refuseStart(.iggyDirectory)) }
            }
        }

        let reason = server.join()

        #expect(reason == .refused(.iggyDirectory))
        #expect(reason?.exitCode == 78)
        #expect(ExitReason.refused(.failed(.lock, .accessDenied)).exitCode == 71)
    }
}
