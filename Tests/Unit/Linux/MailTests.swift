import Foundation
import Platform
import Testing

@testable import Linux

struct MailTests {
    /// Shard 0 lends a buffer, shard 1 adds one to the number in it and sends it home.
    @Test func `a lent buffer goes to and fro a hundred thousand times`() throws {
        let rounds: UInt64 = 100_000
        let result = Shared<UInt64>(0)
        let server = try TestServer(shards: 2) { shard, _ in
            var lent: Slice?
            return { event, _, world throws(MachineFailure) in
                switch event {
                case .started:
                    try world.submit(.startAccepting)
                    guard shard.number == 0, let buffer = world.allocateBuffer(byteCount: 8) else { return }
                    lent = Slice(buffer, position: 0, byteCount: 8)
                    var bytes = try world.mutableBytes(of: lent!)
                    bytes.storeBytes(of: 0, toByteOffset: 0, as: UInt64.self)
                    try world.submit(.mail(to: ShardID(1), Letter(kind: 1, isReply: false, lent: lent)))
                case .mail(let from, let letter):
                    guard let slice = letter.lent else { throw MachineFailure("every letter lends") }
                    if shard.number == 1 {
                        var bytes = try world.mutableBytes(of: slice)
                        let value = bytes.unsafeLoad(as: UInt64.self)
                        bytes.storeBytes(of: value + 1, toByteOffset: 0, as: UInt64.self)
                        return try world.submit(.mail(to: from, Letter(kind: 2, isReply: true, lent: slice)))
                    }
                    let value = try world.bytes(of: slice).unsafeLoad(as: UInt64.self)
                    guard value == rounds else {
                        return try world.submit(.mail(to: from, Letter(kind: 1, isReply: false, lent: slice)))
                    }
                    result.change { $0 = value }
                    try world.release(slice.buffer)
                    try world.submit(.stopped)
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }

        let start = Date()
        while result.value == 0, Date().timeIntervalSince(start) < 50 { usleep(1000) }

        #expect(result.value == rounds)
        server.stop()
    }

    @Test func `letters of one shard arrive in the order they were sent`() throws {
        let seen = Shared<[UInt64]>([])
        let server = try TestServer(shards: 2) { shard, _ in
            { event, _, world throws(MachineFailure) in
                switch event {
                case .started:
                    try world.submit(.startAccepting)
                    guard shard.number == 0 else { return }
                    for number in 0..<200 as Range<UInt64> {
                        let letter = Letter(kind: 1, isReply: false, words: .init(number))
                        try world.submit(.mail(to: ShardID(1), letter))
                    }
                case .mail(_, let letter):
                    seen.change { $0.append(letter.words.a) }
                    if letter.words.a == 199 { try world.submit(.mail(to: ShardID(0), Letter(kind: 2, isReply: true))) }
                    if letter.kind == 2 { try world.submit(.stopped) }
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }

        let start = Date()
        while seen.value.count < 201, Date().timeIntervalSince(start) < 50 { usleep(1000) }

        #expect(seen.value.prefix(200) == ArraySlice(0..<200))
        server.stop()
    }
}
