import Platform
import Primitives
import Sim
import Testing

@Suite struct UniverseTests {
    @Test func `a client's bytes come back from an echo`() {
        let (universe, echoed) = echo(seed: 3, [Array(repeating: 7, count: 5_000), [1, 2, 3]])

        #expect(universe.finding == nil)
        #expect(echoed == Array(repeating: 7, count: 5_000) + [1, 2, 3])
    }

    @Test(arguments: [1, 2, 3, 77] as [UInt64])
    func `the same seed is the same run`(seed: UInt64) {
        let first = echo(seed: seed, [[1, 2, 3], Array(repeating: 9, count: 20_000)]).universe.trace
        let second = echo(seed: seed, [[1, 2, 3], Array(repeating: 9, count: 20_000)]).universe.trace
        let other = echo(seed: seed + 1_000, [[1, 2, 3], Array(repeating: 9, count: 20_000)]).universe.trace

        #expect(first == second)
        #expect(first != other)
    }

    @Test func `a recorded tape repeats the run`() {
        let (universe, _) = echo(seed: 5, [[1, 2, 3]])
        let (again, _) = echo(seed: 5, [[1, 2, 3]], tape: Tape(universe.tape.recorded, seed: 5))

        #expect(universe.trace == again.trace)
    }

    @Test func `a wake-up comes when it is due, and a replaced one does not come`() {
        var times: [Int64] = []
        let universe = Universe { (world, _, event, now) throws(MachineFailure) in
            switch event {
            case .started:
                try world.submit(.wake(at: 1 * second))
                try world.submit(.wake(at: 2 * second))
            case .timerDue: times.append(now.nanoseconds)
            default: break
            }
        }

        universe.run(until: 5 * second)

        #expect(times.count == 1)
        #expect(times.allSatisfy { $0 >= 2 * second && $0 < 2 * second + millisecond })
    }

    @Test func `letters of one pair keep their order`() {
        var heard: [UInt64] = []
        let universe = Universe(seed: 9, { $0.shardCount = 2 }) { (world, shard, event, _) throws(MachineFailure) in
            switch event {
            case .started where shard == ShardID(0):
                for number in 0..<100 as Range<UInt64> {
                    let letter = Letter(kind: 1, isReply: false, words: Letter.Words(number))
                    try world.submit(.mail(to: ShardID(1), letter))
                }
            case .mail(_, let letter): heard.append(letter.words.a)
            default: break
            }
        }

        universe.run(until: second)

        #expect(heard == Array(0..<100))
    }

    @Test func `after a contained panic the others hear of it and the shard is made anew`() {
        var generations: [String] = []
        let fault = Fault(.shardPanic(ShardID(1)), when: .at(10 * millisecond))
        var settings = UniverseSettings()
        settings.shardCount = 3
        let universe = Universe(settings: settings, tape: Tape(seed: 4), faults: [fault]) {
            (world: consuming SimWorld, shard: ShardID, generation: UInt32) throws(MachineFailure) -> Cell in
            MachineCell(
                Puppet(world) { (world, event, _) throws(MachineFailure) in
                    switch event {
                    case .started:
                        generations.append("\(shard.number)/\(generation)")
                        try world.submit(.wake(at: 20 * millisecond))
                    case .shardLost(let lost, let next): generations.append("\(shard.number) lost \(lost.number)/\(next)")
                    default: break
                    }
                })
        }
        universe.startFaults()

        universe.run(until: second)

        #expect(universe.finding == nil)
        #expect(universe.counts.panics == 1)
        #expect(generations.sorted() == ["0 lost 1/1", "0/0", "1/0", "1/1", "2 lost 1/1", "2/0"])
    }

    @Test func `a lent buffer is home again when its borrower is lost`() {
        var released = false
        let fault = Fault(.shardPanic(ShardID(1)), when: .event(ShardID(1), nth: 2))
        let universe = Universe(seed: 2, { $0.shardCount = 2 }, faults: [fault]) {
            (world, shard, event, _) throws(MachineFailure) in
            switch event {
            case .started where shard == ShardID(0):
                let slice = try world.buffer([1, 2, 3])
                try world.submit(.mail(to: ShardID(1), Letter(kind: 1, isReply: false, lent: slice)))
            case .mail: try world.submit(.wake(at: 0))
            case .shardLost:
                try world.release(BufferID(owner: ShardID(0), slot: 0, generation: 0))
                released = true
            default: break
            }
        }

        universe.run(until: second)

        #expect(universe.finding == nil)
        #expect(released)
    }

    @Test func `a law that nobody planned to break ends the run`() {
        let universe = Universe { (_, _, _, _) throws(MachineFailure) in
            throw MachineFailure("two and two are four")
        }

        universe.run(until: second)

        #expect(universe.finding == .brokenLaw(ShardID(0), law: "two and two are four"))
    }

    @Test func `more failures than the policy bears end the process, which starts again`() {
        var starts = 0
        let faults = (0..<8).map { Fault(.shardPanic(ShardID(0)), when: .at(Int64($0) * 2 * second)) }
        let universe = Universe(faults: faults) { (_, _, event, _) throws(MachineFailure) in
            if case .started = event { starts += 1 }
        }
        let nudge = PuppetActor { _, _ in }
        universe.add(nudge, startingIn: 0)

        universe.run(until: 60 * second)

        #expect(universe.finding == nil)
        #expect(universe.process.isRunning)
        #expect(starts >= 1)
    }

    @Test func `a stop ends when every shard has stopped`() {
        let universe = Universe({ $0.shardCount = 3 }) { (world, _, event, _) throws(MachineFailure) in
            if case .stopRequested = event { try world.submit(.stopped) }
        }
        universe.run(until: millisecond)

        universe.requestStop()
        universe.run(until: second)

        #expect(universe.process.hasStopped)
        #expect(!universe.process.isRunning)
    }

    @Test func `a killed process leaves the page cache, a power cut only what was synced`() {
        for cut in [false, true] {
            let universe = Universe(seed: 6) { (world, _, event, _) throws(MachineFailure) in
                switch event {
                case .started: try world.submit(.open(.format, .create, Token(1)))
                case .opened(_, let file, _):
                    try world.write(file, at: 0, try world.buffer([1, 2, 3]), Token(UInt64(file.slot) << 8))
                default: break
                }
            }
            universe.run(until: second)

            if cut { universe.cutPower(restartIn: nil) } else { universe.killProcess(restartIn: nil) }

            // Nobody synced the directory, so the name may be gone after the cut; after a kill it never is.
            let left = universe.disk.contents(of: .format)
            if cut { #expect(left == nil || left == [] || left?.count == 3) } else { #expect(left == [1, 2, 3]) }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `what was synced survives every power cut`(seed: UInt64) {
        var isSynced = false
        let universe = Universe(seed: seed) { (world, _, event, _) throws(MachineFailure) in
            switch event {
            case .started: try world.submit(.open(.format, .create, Token(1)))
            case .opened(_, let file, _): try world.write(file, at: 0, try world.buffer([1, 2, 3]), Token(2))
            case .completed(Token(2), _): try world.submit(.sync(FileID(slot: 0, generation: 0), Token(3)))
            case .completed(Token(3), _): try world.submit(.syncDirectory(.root, Token(4)))
            case .completed(Token(4), _):
                isSynced = true
                // A second write that nobody syncs shares the sector with the first.
                try world.write(FileID(slot: 0, generation: 0), at: 3, try world.buffer([4, 5, 6]), Token(5))
            default: break
            }
        }
        universe.run(until: second)

        universe.cutPower(restartIn: nil)

        #expect(isSynced)
        #expect(universe.disk.contents(of: .format)?.prefix(3) == [1, 2, 3])
    }

    @Test func `a full disk gives a short write, then none, and heals`() {
        var results: [String] = []
        let fault = Fault(.diskFull(.blocks, freeBlocks: 1), when: .at(millisecond), for: 100 * millisecond)
        let universe = Universe(faults: [fault]) { (world, _, event, _) throws(MachineFailure) in
            switch event {
            case .started: try world.submit(.open(.format, .create, Token(1)))
            case .opened: try world.submit(.wake(at: 10 * millisecond))
            case .timerDue, .completed(Token(2), _):
                if case .completed(_, let count) = event { results.append("\(count)") }
                guard results.count < 3 else { return }
                let slice = try world.buffer(Array(repeating: 1, count: 5_000))
                try world.write(FileID(slot: 0, generation: 0), at: Int64(results.count) * 5_000, slice, Token(2))
            case .failed(_, let errno):
                results.append("\(errno)")
                try world.submit(.wake(at: 200 * millisecond))
            default: break
            }
        }

        universe.run(until: second)

        #expect(results == ["4096", "noSpace", "5000"])
    }

    /// Sends the pieces to a shard that sends back whatever comes.
    private func echo(
        seed: UInt64, _ pieces: [[UInt8]], tape: Tape? = nil
    ) -> (universe: Universe, echoed: [UInt8]) {
        var settings = UniverseSettings()
        settings.seed = seed
        let universe = Universe(settings: settings, tape: tape ?? Tape(seed: seed)) {
            (world: consuming SimWorld, _: ShardID, _: UInt32) throws(MachineFailure) -> Cell in
            MachineCell(Echo(world))
        }
        var echoed: [UInt8] = []
        var peer: UInt32 = 0
        let client = PuppetActor { event, universe in
            switch event {
            case .timer: peer = universe.connect(0)
            case .connected: for piece in pieces { universe.send(peer, piece) }
            case .readable:
                echoed += universe.take(peer)
                if echoed.count == pieces.joined().count { universe.close(peer) }
            case .refused: universe.remind(0, 0, in: millisecond)
            case .ended: break
            }
        }
        universe.add(client, startingIn: millisecond)
        universe.run(until: second)
        return (universe, echoed)
    }
}

/// Sends back what it receives, one piece at a time.
private struct Echo: Machine, ~Copyable {
    private var world: SimWorld
    private var sending: Slice?
    private var left = 0
    private var peer: ConnectionID?

    init(_ world: consuming SimWorld) { self.world = world }

    mutating func handle(_ event: Event, at now: Instant) throws(MachineFailure) {
        switch event {
        case .started: try world.submit(.startAccepting)
        case .accepted(let peer, _):
            self.peer = peer
            try world.submit(.receiveFresh(peer))
        case .received(let peer, let slice):
            guard slice.byteCount > 0 else {
                try world.release(slice.buffer)
                try world.submit(.disconnect(peer))
                return
            }
            sending = slice
            left = Int(slice.byteCount)
            try world.send(peer, slice, Token(1))
        case .completed(_, let count):
            guard let slice = sending, let peer else { return }
            left -= count
            if left > 0 {
                let done = slice.byteCount - UInt32(left)
                try world.send(peer, Slice(slice.buffer, position: done, byteCount: UInt32(left)), Token(1))
            } else {
                try world.release(slice.buffer)
                try world.submit(.receiveFresh(peer))
            }
        default: break
        }
    }

    func checkInvariants() throws(MachineFailure) {}
}
