import Foundation
import Platform
import Testing

@testable import Linux

/// Sends back what it receives, and disconnects a peer that has finished.
private func echo(_ shard: ShardID, _ generation: UInt32) -> ClosureMachine.Body {
    var sending: [UInt64: (ConnectionID, Slice)] = [:]
    return { event, _, world throws(MachineFailure) in
        switch event {
        case .started: try world.submit(.startAccepting)
        case .accepted(let connection, _): try world.submit(.receiveFresh(connection))
        case .received(let connection, let slice):
            if slice.byteCount == 0 {
                try world.release(slice.buffer)
                return try world.submit(.disconnect(connection))
            }
            sending[UInt64(connection.slot)] = (connection, slice)
            let slices = [slice]
            try world.submit(.send(connection, slices: 1, Token(UInt64(connection.slot))), slices.span)
        case .completed(let token, let count):
            guard let (connection, slice) = sending[token.value] else { return }
            if count < Int(slice.byteCount) {
                let rest = Slice(
                    slice.buffer, position: slice.position + UInt32(count), byteCount: slice.byteCount - UInt32(count))
                sending[token.value] = (connection, rest)
                let slices = [rest]
                return try world.submit(.send(connection, slices: 1, token), slices.span)
            }
            sending[token.value] = nil
            try world.release(slice.buffer)
            try world.submit(.receiveFresh(connection))
        case .failed(let token, _):
            guard let (connection, slice) = sending.removeValue(forKey: token.value) else { return }
            try world.release(slice.buffer)
            try world.submit(.disconnect(connection))
        case .receiveFailed(let connection, let errno):
            if errno != .canceled { try world.submit(.disconnect(connection)) }
        case .stopRequested: try world.submit(.stopped)
        case .disconnected, .opened, .space, .timerDue, .mail, .shardLost: break
        }
    }
}

struct EchoTests {
    @Test(arguments: [1, 2]) func `what is sent comes back on every shard`(shards: Int) throws {
        let server = try TestServer(shards: shards, echo)
        let peers = try (0..<20).map { _ in try Peer(server.port) }

        for (number, peer) in peers.enumerated() { peer.send(Array("hello \(number)".utf8)) }

        for (number, peer) in peers.enumerated() {
            let expected = Array("hello \(number)".utf8)
            #expect(peer.receive(expected.count) == expected)
        }
        #expect(server.stop() == .stopped)
    }

    @Test func `bytes sent one by one and megabytes at once come back whole and in order`() throws {
        let server = try TestServer(echo)
        let peer = try Peer(server.port)
        for byte in UInt8(0)..<100 { peer.send([byte]) }
        #expect(peer.receive(100) == Array(0..<100))

        // More than the sockets hold: the server's sends wait for room while the peer is still sending.
        let large = (0..<16 << 20).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let sender = Unchecked(peer)
        Foundation.Thread.detachNewThread { sender.value.send(large) }

        #expect(peer.receive(large.count) == large)
        #expect(server.stop() == .stopped)
    }

    /// Two bytes have come, and the first has been received: the next receive could be made before the answer ends.
    @Test(arguments: [(4 << 10, ["received", "sent"]), (128 << 10, ["sent", "received"])])
    func `a large receive waits for what is ready, a small one does not`(roomBytes: Int, expected: [String]) throws {
        let order = Shared<[String]>([])
        let server = try TestServer { _, _ in
            var isFirst = true
            return { event, _, world throws(MachineFailure) in
                switch event {
                case .started: try world.submit(.startAccepting)
                case .accepted(let connection, _):
                    guard let buffer = world.allocateBuffer(byteCount: roomBytes) else { throw MachineFailure("no memory") }
                    try world.submit(.receive(connection, into: Slice(buffer, position: 0, byteCount: 1)))
                case .received(let connection, let slice) where isFirst:
                    isFirst = false
                    let room = Slice(slice.buffer, position: 0, byteCount: UInt32(roomBytes))
                    try world.submit(.receive(connection, into: room))
                    guard let answer = world.allocateBuffer(byteCount: 1) else { throw MachineFailure("no memory") }
                    let slices = [Slice(answer, position: 0, byteCount: 1)]
                    try world.submit(.send(connection, slices: 1, Token(1)), slices.span)
                case .received(let connection, _):
                    order.change { $0.append("received") }
                    try world.submit(.disconnect(connection))
                case .completed: order.change { $0.append("sent") }
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }
        let peer = try Peer(server.port)

        peer.send([1, 2])

        #expect(peer.receive(1).count == 1 && peer.isAtEnd())
        server.stop()
        #expect(order.value == expected)
    }

    @Test func `a large receive comes to its turn though something is always ready`() throws {
        let server = try TestServer { _, _ in
            var isBusy = false
            return { event, _, world throws(MachineFailure) in
                // Once begun, each look at the volume's lock is followed by the next: the loop is never out of events.
                let lookAgain = Token(1)
                switch event {
                case .started: try world.submit(.startAccepting)
                case .accepted(let connection, _):
                    guard let buffer = world.allocateBuffer(byteCount: 128 << 10) else { throw MachineFailure("no memory") }
                    try world.submit(.receive(connection, into: Slice(buffer, position: 0, byteCount: 128 << 10)))
                    if !isBusy { try world.submit(.lock(.lock, lookAgain)) }
                    isBusy = true
                case .completed(lookAgain, _): try world.submit(.lock(.lock, lookAgain))
                case .received(let connection, let slice):
                    let slices = [Slice(slice.buffer, position: 0, byteCount: 1)]
                    try world.submit(.send(connection, slices: 1, Token(2)), slices.span)
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }
        let peer = try Peer(server.port)

        peer.send([7])

        #expect(peer.receive(1) == [7])
        server.stop()
    }

    @Test func `a peer that has finished sending still gets its answers and then an orderly end`() throws {
        let server = try TestServer(echo)
        let peer = try Peer(server.port)

        peer.send(Array("last words".utf8))
        peer.finishSending()

        #expect(peer.receive(10) == Array("last words".utf8))
        #expect(peer.isAtEnd())
        server.stop()
    }

    @Test func `a peer that is disconnected while it sends reads the answer before the end`() throws {
        let server = try TestServer { _, _ in
            { event, _, world throws(MachineFailure) in
                switch event {
                case .started: try world.submit(.startAccepting)
                case .accepted(let connection, _): try world.submit(.receiveFresh(connection))
                case .received(let connection, let slice):
                    let slices = [Slice(slice.buffer, position: 0, byteCount: 4)]
                    try world.submit(.send(connection, slices: 1, Token(1)), slices.span)
                    try world.submit(.disconnect(connection))
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }
        let peer = try Peer(server.port)

        peer.send(Array(repeating: 7, count: 300_000))

        #expect(peer.receive(4) == [7, 7, 7, 7])
        #expect(peer.isAtEnd())
        server.stop()
    }

    @Test func `a slow reader's send waits and ends with canceled when it is disconnected`() throws {
        let events = Shared<[String]>([])
        let server = try TestServer { _, _ in
            var buffer: BufferID?
            return { event, _, world throws(MachineFailure) in
                switch event {
                case .started:
                    buffer = world.allocateBuffer(byteCount: 32 << 20)
                    try world.submit(.startAccepting)
                case .accepted(let connection, _):
                    let slices = [Slice(buffer!, position: 0, byteCount: 32 << 20)]
                    try world.submit(.receiveFresh(connection))
                    try world.submit(.send(connection, slices: 1, Token(1)), slices.span)
                case .completed(_, let count):
                    // What the socket took; the next one has no room.
                    events.change { $0.append(count < 32 << 20 ? "short" : "whole") }
                    let slices = [Slice(buffer!, position: 0, byteCount: 32 << 20)]
                    try world.submit(.send(ConnectionID(slot: 0, generation: 1), slices: 1, Token(2)), slices.span)
                    try world.submit(.wake(at: 0))
                case .timerDue: try world.submit(.disconnect(ConnectionID(slot: 0, generation: 1)))
                case .failed(let token, let errno): events.change { $0.append("\(token.value) \(errno)") }
                case .receiveFailed(_, let errno): events.change { $0.append("receive \(errno)") }
                case .disconnected:
                    events.change { $0.append("disconnected") }
                    try world.release(buffer!)
                    try world.submit(.stopped)
                default: break
                }
            }
        }
        let peer = try Peer(server.port)

        #expect(server.join() == .stopped)

        let seen = events.value
        #expect(seen.suffix(3) == ["receive canceled", "2 canceled", "disconnected"], "\(seen)")
        withExtendedLifetime(peer) {}
    }
}
