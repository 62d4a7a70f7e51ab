import Primitives
import Testing

@Suite struct RingBufferTests {
    @Test func `elements leave in the order they came, however pushes and pops mix`() {
        var generator = PRNG(seed: 1)
        var ring = RingBuffer<Int>()
        var model: [Int] = []

        for step in 0..<5000 {
            switch generator.next(below: 5) {
            case 0, 1:
                ring.append(step)
                model.append(step)
            case 2:
                #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            case 3:
                #expect(ring.popLast() == model.popLast())
            default:
                let index = generator.next(in: -1...model.count)
                #expect(ring[index] == (model.indices.contains(index) ? model[index] : nil))
            }
            #expect(ring.count == model.count)
            #expect(ring.first == model.first)
            #expect(ring.last == model.last)
        }
        var rest: [Int] = []
        ring.forEach { rest.append($0) }
        #expect(rest == model)
    }

    @Test func `a copy is a queue of its own`() {
        var ring = RingBuffer<Int>()
        ring.append(1)
        var copy = ring

        copy.append(2)
        _ = copy.popFirst()

        #expect(ring.count == 1)
        #expect(ring.first == 1)
        #expect(copy.first == 2)
    }

    @Test func `removing all leaves an empty queue that works`() {
        var ring = RingBuffer<Int>()
        for number in 0..<20 { ring.append(number) }

        ring.removeAll()
        ring.append(7)

        #expect(ring.count == 1)
        #expect(ring.popFirst() == 7)
        #expect(ring.popFirst() == nil)
    }
}

@Suite struct SharedRingTests {
    @Test(arguments: [(1, 1), (2, 2), (3, 4), (64, 64), (65, 128)])
    func `the room is the next power of two`(asked: Int, expected: Int) {
        let ring = SharedRing<Int>(capacity: asked)
        defer { ring.deallocate() }

        #expect(ring.capacity == expected)
        #expect(ring.available == expected)
    }

    @Test func `a full ring refuses and loses nothing`() {
        let ring = SharedRing<Int>(capacity: 4)
        defer { ring.deallocate() }

        let pushed = (0..<6).map { ring.push($0) }

        #expect(pushed == [true, true, true, true, false, false])
        #expect((0..<5).map { _ in ring.pop() } == [0, 1, 2, 3, nil])
    }

    @Test func `copies of the handle are one ring`() {
        let core = SharedRing<Int>(capacity: 8)
        let driver = core
        defer { core.deallocate() }

        _ = core.push(1)
        _ = core.push(2)

        #expect(driver.pop() == 1)
        #expect(core.count == 1)
        #expect(core.peek() == 2)
    }

    @Test func `elements leave in the order they came, round after round`() {
        let ring = SharedRing<Int>(capacity: 8)
        defer { ring.deallocate() }
        var generator = PRNG(seed: 2)
        var model: [Int] = []

        for step in 0..<5000 {
            if generator.chance(1, in: 2) {
                let hasRoom = model.count < 8
                #expect(ring.push(step) == hasRoom)
                if hasRoom { model.append(step) }
            } else {
                #expect(ring.pop() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(ring.count == model.count)
            let index = generator.next(in: -1...8)
            #expect(ring.peek(index) == (model.indices.contains(index) ? model[index] : nil))
        }
        ring.removeAll()
        #expect(ring.isEmpty)
        #expect(ring.pop() == nil)
    }
}
