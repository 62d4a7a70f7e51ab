import Primitives
import Testing

@Suite struct TimerWheelTests {
    private func drain(_ wheel: inout TimerWheel<Int>, at now: Int64) -> [Int] {
        var fired: [Int] = []
        while let alarm = wheel.popDue(at: now) { fired.append(alarm.payload) }
        return fired
    }

    @Test func `alarms fire by time, and at equal times in the order they were set`() {
        var wheel = TimerWheel<Int>()
        for (due, payload) in [(30, 1), (10, 2), (20, 3), (10, 4), (30, 5), (10, 6)] as [(Int64, Int)] {
            _ = wheel.schedule(at: due, payload)
        }

        #expect(wheel.nextDue == 10)
        #expect(drain(&wheel, at: 9) == [])
        #expect(drain(&wheel, at: 20) == [2, 4, 6, 3])
        #expect(wheel.nextDue == 30)
        #expect(drain(&wheel, at: .max) == [1, 5])
        #expect(wheel.nextDue == nil)
    }

    @Test func `a cancelled alarm does not fire and its handle is dead`() {
        var wheel = TimerWheel<Int>()
        let first = wheel.schedule(at: 1, 1)
        let second = wheel.schedule(at: 2, 2)

        #expect(wheel.cancel(first) == 1)
        #expect(wheel.cancel(first) == nil)
        #expect(wheel.due(first) == nil)
        #expect(wheel.due(second) == 2)
        #expect(drain(&wheel, at: 5) == [2])
        #expect(wheel.cancel(second) == nil)
    }

    @Test func `an old handle does not cancel the alarm that took its slot`() {
        var wheel = TimerWheel<Int>()
        let old = wheel.schedule(at: 1, 1)
        _ = wheel.popDue(at: 1)
        let new = wheel.schedule(at: 2, 2)

        #expect(old.slot == new.slot)
        #expect(wheel.cancel(old) == nil)
        #expect(wheel.count == 1)
    }

    @Test func `handles nobody was given find nothing`() {
        var wheel = TimerWheel<Int>()
        _ = wheel.schedule(at: 1, 1)

        #expect(wheel.cancel(SlotKey(slot: 9, generation: 1)) == nil)
        #expect(wheel.cancel(SlotKey(slot: 0, generation: 0)) == nil)
        #expect(wheel.count == 1)
    }

    @Test func `alarms set while others fire join their round`() {
        var wheel = TimerWheel<Int>()
        _ = wheel.schedule(at: 5, 1)
        var fired: [Int] = []

        while let alarm = wheel.popDue(at: 5) {
            fired.append(alarm.payload)
            if fired.count < 4 { _ = wheel.schedule(at: Int64(3 + fired.count), fired.count + 1) }
        }

        #expect(fired == [1, 2, 3])
        #expect(wheel.nextDue == 6)
    }

    @Test func `any mix of setting, cancelling and firing agrees with a sorted list`() {
        var generator = PRNG(seed: 12)
        var wheel = TimerWheel<Int>()
        var model: [(due: Int64, sequence: Int, handle: SlotKey)] = []
        var now: Int64 = 0

        for step in 0..<4000 {
            switch generator.next(below: 6) {
            case 0, 1, 2:
                let due = now + Int64(generator.next(below: 40)) - 5
                model.append((due, step, wheel.schedule(at: due, step)))
            case 3:
                guard !model.isEmpty else { continue }
                let gone = model.remove(at: generator.next(below: model.count))
                #expect(wheel.cancel(gone.handle) == gone.sequence)
            default:
                now += Int64(generator.next(below: 8))
                let due = model.filter { $0.due <= now }.sorted { ($0.due, $0.sequence) < ($1.due, $1.sequence) }
                model.removeAll { $0.due <= now }
                #expect(drain(&wheel, at: now) == due.map(\.sequence))
            }
            #expect(wheel.count == model.count)
            #expect(wheel.nextDue == model.map(\.due).min())
        }
        wheel.removeAll()
        #expect(wheel.isEmpty)
        #expect(model.allSatisfy { wheel.due($0.handle) == nil })
    }
}
