import Primitives
import Testing

@Suite struct SlotMapTests {
    /// Something that cannot be copied and says when it ends.
    private struct Owner: ~Copyable {
        final class Ledger {
            var ended: [Int] = []
        }

        let id: Int
        var visits = 0
        let ledger: Ledger

        init(_ id: Int, _ ledger: Ledger) {
            self.id = id
            self.ledger = ledger
        }

        mutating func visit() { visits += 1 }

        deinit { ledger.ended.append(id) }
    }

    @Test func `an element that cannot be copied is changed in place`() {
        let ledger = Owner.Ledger()
        var map = SlotMap<Owner>()
        let key = map.insert(Owner(7, ledger))

        map[key]?.visit()
        map[key]?.visit()
        let visits = map[key]?.visits
        let id = map[key]?.id

        #expect(visits == 2)
        #expect(id == 7)
        #expect(ledger.ended == [])
    }

    @Test func `a removed element goes to the caller and its key finds nothing`() {
        let ledger = Owner.Ledger()
        var map = SlotMap<Owner>()
        let key = map.insert(Owner(1, ledger))

        var id: Int?
        if let owner = map.remove(key) { id = owner.id }
        let isThere = map.contains(key)
        let again = map.remove(key) == nil
        map[key]?.visit()
        let visits = map[key]?.visits

        #expect(id == 1)
        #expect(!isThere)
        #expect(again)
        #expect(visits == nil)
    }

    @Test func `a slot's next life has another key`() {
        var map = SlotMap<Int>()
        let first = map.insert(1)
        map.remove(first)

        let second = map.insert(2)

        #expect(first.slot == second.slot)
        #expect(second.generation == first.generation + 1)
        #expect(map[first] == nil)
        #expect(map[second] == 2)
    }

    @Test func `the slot freed last is filled first`() {
        var map = SlotMap<Int>()
        let keys = (0..<4).map { map.insert($0) }
        map.remove(keys[1])
        map.remove(keys[3])

        let slots = (0..<3).map { map.insert($0).slot }

        #expect(slots == [3, 1, 4])
    }

    @Test func `setting nil removes, setting a value replaces, a dead key takes nothing`() {
        var map = SlotMap<String>()
        let key = map.insert("a")

        map[key] = "b"
        let replaced = map[key]
        map[key] = nil
        map[key] = "c"

        #expect(replaced == "b")
        #expect(map[key] == nil)
        #expect(map.count == 0)
        #expect(map.insert("d").generation == 2)
    }

    @Test func `keys of no life, of later lives and beyond the slots find nothing`() {
        var map = SlotMap<Int>()
        let key = map.insert(1)

        for (slot, generation) in [(0, 0), (0, 2), (1, 1), (.max, 1), (0, .max)] as [(UInt32, UInt32)] {
            let stranger = SlotKey(slot: slot, generation: generation)
            #expect(map[stranger] == nil)
            let removed = map.remove(stranger)
            #expect(removed == nil)
        }
        #expect(map[key] == 1)
    }

    @Test func `the map ends what it owns, once`() {
        let ledger = Owner.Ledger()
        do {
            var map = SlotMap<Owner>()
            let keys = (0..<20).map { map.insert(Owner($0, ledger)) }
            map.remove(keys[5])
            #expect(ledger.ended == [5])
        }

        #expect(ledger.ended.sorted() == Array(0..<20))
    }

    @Test func `removing all ends the elements in slot order and every old key stays dead`() {
        let ledger = Owner.Ledger()
        var map = SlotMap<Owner>()
        let old = (0..<5).map { map.insert(Owner($0, ledger)) }

        map.removeAll()
        let isEmpty = map.isEmpty
        let new = map.insert(Owner(9, ledger))
        let found = old.filter { map.contains($0) }

        #expect(isEmpty)
        #expect(ledger.ended == [0, 1, 2, 3, 4])
        #expect(found == [])
        #expect(map.contains(new) == true)
    }

    @Test func `elements are visited in slot order`() {
        var map = SlotMap<Int>()
        let keys = (0..<6).map { map.insert($0 * 10) }
        map.remove(keys[0])
        map.remove(keys[4])

        map.mutateEach { _, element in element += 1 }
        var visited: [Int] = []
        map.forEach { key, element in visited.append(Int(key.slot) * 1000 + element) }
        var walked: [UInt32] = []
        var cursor = map.firstKey
        while let key = cursor {
            walked.append(key.slot)
            map.remove(key)
            cursor = map.key(after: key)
        }

        #expect(visited == [1011, 2021, 3031, 5051])
        #expect(walked == [1, 2, 3, 5])
        #expect(map.isEmpty == true)
    }

    @Test func `any mix of inserts and removes agrees with a dictionary`() {
        var generator = PRNG(seed: 8)
        var map = SlotMap<Int>()
        var model: [SlotKey: Int] = [:]
        var known: [SlotKey] = []

        for step in 0..<4000 {
            if generator.chance(3, in: 5) {
                let key = map.insert(step)
                let clash = model.updateValue(step, forKey: key)
                #expect(clash == nil)
                known.append(key)
            } else if let key = generator.pick(known) {
                let removed = map.remove(key)
                #expect(removed == model.removeValue(forKey: key))
            }
            #expect(map.count == model.count)
        }
        for key in known { #expect(map[key] == model[key]) }
        #expect(Set(known).count == known.count)
    }
}
