import Primitives
import Testing

@Suite struct RandomTests {
    private func numbers(_ generator: PRNG, count: Int) -> [UInt64] {
        var generator = generator
        return (0..<count).map { _ in generator.next() }
    }

    @Test func `SplitMix64 gives its published numbers`() {
        var mixer = SplitMix64(state: 1_234_567)

        let numbers = (0..<5).map { _ in mixer.next() }

        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    // Made by an implementation apart from this one, itself checked against the published xoshiro256++ numbers.
    @Test(arguments: [
        (
            0,
            [
                0x5317_5d61_490b_23df, 0x61da_6f3d_c380_d507, 0x5c0f_df91_ec9a_7bfc, 0x02ee_bf8c_3bbe_5e1a,
                0x7eca_04eb_af4a_5eea,
            ]
        ),
        (
            1,
            [
                0xcfc5_d07f_6f03_c29b, 0xbf42_4132_963f_e08d, 0x19a3_7d57_57aa_f520, 0xbf08_119f_05cd_56d6,
                0x2f47_184b_8618_6fa4,
            ]
        ),
        (
            0x5eed_0042,
            [
                0xb116_48b4_0193_620b, 0x610c_3bd9_8e3d_0269, 0xb3a0_c5e8_240b_ca61, 0xfed6_c661_618d_bf3e,
                0x7436_7363_f916_8cd7,
            ]
        ),
    ] as [(UInt64, [UInt64])])
    func `a seed always gives the same numbers`(seed: UInt64, expected: [UInt64]) {
        let generator = PRNG(seed: seed)

        #expect(numbers(generator, count: 5) == expected)
    }

    @Test func `a label always names the same substream, apart from all others`() {
        let disk = PRNG(seed: 42, label: "faults/disk/node0")
        let network = PRNG(seed: 42, label: "faults/network/node0")
        let other = PRNG(seed: 43, label: "faults/disk/node0")

        let expected: [UInt64] = [0xd2bf_0207_89da_1396, 0x2fb3_1084_0b98_ba05, 0xedde_f999_bc4a_b6e2]
        #expect(numbers(disk, count: 3) == expected)
        #expect(numbers(network, count: 3) != expected)
        #expect(numbers(other, count: 3) != expected)
    }

    @Test(arguments: [2, 3, 7, 10, 1000] as [UInt64])
    func `numbers below a bound are all about equally frequent`(bound: UInt64) {
        var generator = PRNG(seed: bound)
        var counts = [Int](repeating: 0, count: Int(bound))
        let expected = 200

        for _ in 0..<(Int(bound) * expected) { counts[Int(generator.next(below: bound))] += 1 }

        // Five standard deviations: about one table in a million would fail, and the seed is fixed.
        let slack = 5 * 14.2
        #expect(counts.allSatisfy { abs(Double($0 - expected)) < slack })
    }

    @Test func `a bound just above half of all numbers rejects and stays fair`() {
        var generator = PRNG(seed: 9)
        let bound: UInt64 = (1 << 63) + 1

        let drawn = (0..<4000).map { _ in generator.next(below: bound) }

        #expect(drawn.allSatisfy { $0 < bound })
        let low = drawn.filter { $0 < bound / 2 }.count
        #expect((1800...2200).contains(low))
    }

    @Test func `bounds that leave no choice give zero`() {
        var generator = PRNG(seed: 1)

        #expect(generator.next(below: 0 as UInt64) == 0)
        #expect(generator.next(below: 1 as UInt64) == 0)
        #expect(generator.next(below: -5) == 0)
        #expect(generator.nextSkewed(below: 0) == 0)
        #expect(generator.nextSkewed(below: 1) == 0)
    }

    @Test func `ranges include both ends and may span all numbers`() {
        var generator = PRNG(seed: 3)

        let small = Set((0..<200).map { _ in generator.next(in: -2...2) })
        let all = (0..<200).map { _ in generator.next(in: Int.min...Int.max) }

        #expect(small == [-2, -1, 0, 1, 2])
        #expect(all.contains { $0 < 0 } && all.contains { $0 > 0 })
        #expect(generator.next(in: 7...7) == 7)
    }

    @Test func `chances are as frequent as their ratio, never at nothing and always at one`() {
        var generator = PRNG(seed: 4)

        let thirds = (0..<9000).filter { _ in generator.chance(1, in: 3) }.count
        let never = (0..<100).filter { _ in generator.chance(0, in: 3) }.count
        let always = (0..<100).filter { _ in generator.chance(3, in: 3) }.count

        #expect((2775...3225).contains(thirds))
        #expect(never == 0)
        #expect(always == 100)
    }

    @Test func `picking by weight follows the weights and skips nothing else`() {
        var generator = PRNG(seed: 5)
        var counts = [0, 0, 0, 0]

        for _ in 0..<6000 {
            if let index = generator.pick(weights: [1, 0, 2, 3]) { counts[index] += 1 }
        }

        #expect((880...1120).contains(counts[0]))
        #expect(counts[1] == 0)
        #expect((1850...2150).contains(counts[2]))
        #expect((2850...3150).contains(counts[3]))
        #expect(generator.pick(weights: []) == nil)
        #expect(generator.pick(weights: [0, 0]) == nil)
        #expect(generator.pick(weights: [1, .max]) == 0)
        #expect(generator.pick([Int]()) == nil)
    }

    @Test func `shuffling keeps the elements and reaches every order`() {
        var generator = PRNG(seed: 6)
        var seen: Set<[Int]> = []

        for _ in 0..<400 { seen.insert(generator.shuffled([1, 2, 3, 4])) }

        #expect(seen.count == 24)
        #expect(seen.allSatisfy { $0.sorted() == [1, 2, 3, 4] })
    }

    @Test(arguments: [2, 3, 5, 100, 1 << 40, .max] as [UInt64])
    func `skewed numbers stay below the bound and come in all sizes`(bound: UInt64) {
        var generator = PRNG(seed: 7)

        let drawn = (0..<2000).map { _ in generator.nextSkewed(below: bound) }

        #expect(drawn.allSatisfy { $0 < bound })
        #expect(drawn.contains(0))
        #expect(drawn.contains { $0 >= bound / 2 })
    }
}
