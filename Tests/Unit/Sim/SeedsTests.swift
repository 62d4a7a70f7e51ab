import Support
import Testing

/// Which seeds the environment means.
@Suite struct SeedsTests {
    @Test func `seeds are named one by one, as a range, as a number or not at all`() {
        #expect(Seeds(["SIM_SEED": "7"]) { nil }.list(from: 1, count: 3) == [7])
        #expect(Seeds(["SIM_SEED": "0xff"]) { nil }.list(from: 1, count: 3) == [255])
        #expect(Seeds(["SIM_SEEDS": "5..7"]) { nil }.list(from: 1, count: 3) == [5, 6, 7])
        #expect(Seeds(["SIM_SEEDS": "2"]) { nil }.list(from: 1, count: 3) == [1, 2])
        #expect(Seeds([:]) { nil }.list(from: 0, count: 3) == [0, 1, 2])
        #expect(Seeds(["SIM_FOR": "60s"]) { nil }.seconds == 60)
        #expect(Seeds(["SIM_FOR": "5"]) { nil }.seconds == 5)
    }

    @Test(arguments: [
        ["SIM_SEED": "x"], ["SIM_SEEDS": "7..3"], ["SIM_SEEDS": "1..x"], ["SIM_SEEDS": "0"], ["SIM_FOR": "soon"],
        ["SIM_FOR": "0"], ["SIM_SEED": "1", "SIM_SEEDS": "2"],
    ])
    func `what cannot be meant is said`(environment: [String: String]) {
        #expect(Seeds(environment) { nil }.problem != nil)
    }

    @Test func `in CI the commit is one more seed`() {
        let seeds = Seeds(["CI": "true"]) { "0123abcd" }

        #expect(seeds.list(from: 1, count: 2) == [1, 2, Seeds.seed(of: "0123abcd")])
        #expect(Seeds(["CI": "true", "GALGO_COMMIT": "ff"]) { nil }.ofCommit == Seeds.seed(of: "ff"))
        #expect(Seeds([:]) { "0123abcd" }.ofCommit == nil)
        #expect(Seeds(["CI": "true", "SIM_SEED": "7"]) { "0123abcd" }.list(from: 1, count: 2) == [7])
        #expect(Seeds.seed(of: "0123abcd") != Seeds.seed(of: "0123abce"))
    }
}
