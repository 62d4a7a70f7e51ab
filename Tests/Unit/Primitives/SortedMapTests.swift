import Primitives
import Testing

@Suite struct SortedMapTests {
    @Test func `entries come in the order of their keys, whatever the order they were made in`() {
        let map: SortedMap = ["c": 3, "a": 1, "b": 2, "a": 4]

        #expect(map.keys == ["a", "b", "c"])
        #expect(map.values == [4, 2, 3])
        #expect(map.map { "\($0.key)\($0.value)" } == ["a4", "b2", "c3"])
        #expect(map.first?.key == "a")
        #expect(map.last?.value == 3)
    }

    @Test func `a value is changed in place, made by its default, removed by nil`() {
        var map = SortedMap<Int, [Int]>()

        map[5, default: []].append(1)
        map[5]?.append(2)
        map[6]?.append(9)
        map[7] = [3]
        map[7] = nil
        map[8] = nil

        #expect(map.keys == [5])
        #expect(map[5] == [1, 2])
        #expect(map[6, default: [0]] == [0])
        #expect(map.count == 1)
    }

    @Test(arguments: [
        (9, nil, 10), (10, 10, 10), (11, 10, 20), (20, 20, 20), (29, 20, 30), (30, 30, 30), (31, 30, nil),
    ] as [(Int, Int?, Int?)])
    func `the neighbours of a key are found`(key: Int, floor: Int?, ceiling: Int?) {
        let map: SortedMap = [10: "x", 20: "y", 30: "z"]

        #expect(map.floor(key)?.key == floor)
        #expect(map.ceiling(key)?.key == ceiling)
    }

    @Test func `an empty map has no entries and no neighbours`() {
        var map = SortedMap<Int, Int>()

        #expect(map.first == nil)
        #expect(map.last == nil)
        #expect(map.floor(1) == nil)
        #expect(map.ceiling(1) == nil)
        #expect(map.entry(at: 0) == nil)
        #expect(map.entry(at: -1) == nil)
        #expect(map.popFirst() == nil)
        #expect(map.removeValue(forKey: 1) == nil)
    }

    @Test func `any mix of changes agrees with a dictionary`() {
        var generator = PRNG(seed: 21)
        var map = SortedMap<Int, Int>()
        var model: [Int: Int] = [:]

        for step in 0..<3000 {
            let key = generator.next(below: 200)
            switch generator.next(below: 5) {
            case 0, 1:
                map[key] = step
                model[key] = step
            case 2:
                map[key, default: 100] += 1
                model[key, default: 100] += 1
            case 3:
                #expect(map.removeValue(forKey: key) == model.removeValue(forKey: key))
            default:
                let lowest = model.keys.min()
                #expect(map.popFirst()?.key == lowest)
                if let lowest { model[lowest] = nil }
            }
            #expect(map[key] == model[key])
        }
        #expect(map.keys == model.keys.sorted())
        #expect(map.values == model.keys.sorted().map { model[$0] })
    }
}
