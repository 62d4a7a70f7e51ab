import Platform
import Sim
import Testing

/// What the seam forbids is found at the call that does it, and named.
@Suite struct LawTests {
    @Test func `a buffer is released once`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1, 2, 3])
            try world.release(slice.buffer)
            try world.release(slice.buffer)
        }

        #expect(law == "a buffer is used by its current name")
    }

    @Test func `bytes in flight are not changed`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1, 2, 3])
            let slices = [slice, slice, try world.buffer([0])]
            try world.submit(.crypt(slices: 3, Token(1)), slices.span)
            _ = try world.mutableBytes(of: slice)
        }

        #expect(law == "bytes in flight are not changed")
    }

    @Test func `bytes that are being filled are not read`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1, 2, 3, 4])
            try world.submit(.list(.root, into: slice, Token(1)))
            _ = try world.bytes(of: Slice(slice.buffer, position: 2, byteCount: 1))
        }

        #expect(law == "bytes that are being filled are not read")
    }

    @Test func `bytes beside those in flight stay usable`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1, 2, 3, 4])
            try world.submit(.list(.root, into: Slice(slice.buffer, position: 0, byteCount: 2), Token(1)))
            _ = try world.mutableBytes(of: Slice(slice.buffer, position: 2, byteCount: 2))
        }

        #expect(law == nil)
    }

    @Test func `nothing of a released buffer is in flight`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1, 2, 3, 4])
            try world.submit(.list(.root, into: slice, Token(1)))
            try world.release(slice.buffer)
        }

        #expect(law == "nothing of a released buffer is in flight")
    }

    @Test func `a slice lies inside its buffer`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1])
            _ = try world.bytes(of: Slice(slice.buffer, position: 60, byteCount: 5))
        }

        #expect(law == "a slice lies inside its buffer")
    }

    @Test func `a foreign buffer is touched by a name that was given`() {
        let law = brokenLaw(shards: 2) { (world) throws(MachineFailure) in
            let foreign = BufferID(owner: ShardID(1), slot: 0, generation: 0)
            _ = try world.bytes(of: Slice(foreign, position: 0, byteCount: 1))
        }

        #expect(law == "a buffer has a name that was given")
    }

    @Test func `a file that was never opened has no name`() {
        let law = brokenLaw { (world) throws(MachineFailure) in
            try world.submit(.sync(FileID(slot: 7, generation: 0), Token(1)))
        }

        #expect(law == "a file has a name that was given")
    }

    @Test func `two writes of one range are not in flight together`() {
        let universe = Universe { (world, _, event, _) throws(MachineFailure) in
            switch event {
            case .started: try world.submit(.open(.format, .create, Token(1)))
            case .opened(_, let file, _):
                let slice = try world.buffer([1, 2, 3])
                try world.write(file, at: 0, slice, Token(2))
                try world.write(file, at: 3, slice, Token(3))
                try world.write(file, at: 5, slice, Token(4))
            default: break
            }
        }

        universe.run(until: second)

        #expect(universe.finding == .brokenLaw(ShardID(0), law: "one write of a file range is in flight"))
    }

    @Test func `a closed file is not used`() {
        let universe = Universe { (world, _, event, _) throws(MachineFailure) in
            switch event {
            case .started: try world.submit(.open(.format, .create, Token(1)))
            case .opened(_, let file, _):
                try world.submit(.close(file, Token(2)))
                try world.submit(.sync(file, Token(3)))
            default: break
            }
        }

        universe.run(until: second)

        #expect(universe.finding == .brokenLaw(ShardID(0), law: "a file is used by its current name"))
    }

    @Test func `a buffer is not released under an operation of its borrower`() {
        let universe = Universe({ $0.shardCount = 2 }) { (world, shard, event, _) throws(MachineFailure) in
            switch event {
            case .started where shard == ShardID(0):
                let slice = try world.buffer([1, 2, 3])
                try world.submit(.mail(to: ShardID(1), Letter(kind: 1, isReply: false, lent: slice)))
            case .mail(from: let sender, let letter) where shard == ShardID(1):
                guard let lent = letter.lent else { return }
                let slices = [lent, lent, try world.buffer([0])]
                try world.submit(.crypt(slices: 3, Token(1)), slices.span)
                try world.submit(.mail(to: sender, Letter(kind: 2, isReply: true)))
            case .mail: try world.release(BufferID(owner: ShardID(0), slot: 0, generation: 0))
            default: break
            }
        }

        universe.run(until: second)

        #expect(universe.finding == .brokenLaw(ShardID(0), law: "nothing of a released buffer is in flight"))
    }

    @Test func `what a lost shard lent is not touched once that is known`() {
        let fault = Fault(.shardPanic(ShardID(0)), when: .at(10 * millisecond))
        var lent: Slice?
        let universe = Universe({ $0.shardCount = 2 }, faults: [fault]) {
            (world, shard, event, _) throws(MachineFailure) in
            switch event {
            case .started where shard == ShardID(0):
                let slice = try world.buffer([1, 2, 3])
                try world.submit(.mail(to: ShardID(1), Letter(kind: 1, isReply: false, lent: slice)))
                try world.submit(.wake(at: 11 * millisecond))
            case .mail(_, let letter):
                lent = letter.lent
                if let lent { _ = try world.bytes(of: lent) }
            case .shardLost: if let lent { _ = try world.bytes(of: lent) }
            default: break
            }
        }

        universe.run(until: second)

        #expect(universe.finding == .brokenLaw(ShardID(1), law: "a buffer is used by its current name"))
    }

    @Test func `a mailbox overflows when nobody counts credits`() {
        let law = brokenLaw(shards: 2) { (world) throws(MachineFailure) in
            for _ in 0...MailLimits.mailboxCapacity {
                try world.submit(.mail(to: ShardID(1), Letter(kind: 1, isReply: false)))
            }
        }

        #expect(law == "a mailbox has room: requests cost a credit")
    }

    @Test func `fresh and released bytes hold no data`() throws {
        var seen: [UInt8] = []
        _ = brokenLaw { (world) throws(MachineFailure) in
            let slice = try world.buffer([1, 2, 3])
            try world.release(slice.buffer)
            guard let again = world.allocateBuffer(byteCount: 3) else { return }
            seen = try world.array(Slice(again, position: 0, byteCount: 3))
        }

        #expect(seen == [0xa5, 0xa5, 0xa5])
    }

    /// The law that shard 0 breaks in its first step; nil if it breaks none.
    private func brokenLaw(
        shards: Int = 1, _ step: @escaping (inout SimWorld) throws(MachineFailure) -> Void
    ) -> String? {
        let universe = Universe({ $0.shardCount = shards }) { (world, shard, event, _) throws(MachineFailure) in
            if case .started = event, shard == ShardID(0) { try step(&world) }
        }
        universe.run(until: millisecond)
        guard case .brokenLaw(_, let law) = universe.finding else { return nil }
        return law
    }
}
