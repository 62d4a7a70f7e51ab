import Testing

@testable import Server

@Suite struct RouteTests {
    @Test(arguments: [0, 1, 15, 0xff_ffff as UInt64], [1, 0xff_ffff, 0x100_0000, 0xffff_ffff as UInt64])
    func `a login check is found again after any number of logins`(place: UInt64, generation: UInt64) throws {
        let check = generation << 32 | place

        let route = try #require(Route(Route(check: check).token))

        #expect(route.part == .access)
        #expect(route.check == check)
    }
}
