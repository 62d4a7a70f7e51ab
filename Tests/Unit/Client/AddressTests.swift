import Client
import Testing

struct AddressTests {
    @Test(arguments: [
        ("localhost:8090", "localhost", 8090), ("127.0.0.1", "127.0.0.1", 8090), ("[::1]:99", "::1", 99),
        ("[::1]", "::1", 8090), ("::1", "::1", 8090), ("example.org:65535", "example.org", 65535),
    ] as [(String, String, UInt16)])
    func `an address is a host and maybe a port`(text: String, host: String, port: UInt16) {
        #expect(Address(text) == Address(host: host, port: port))
    }

    @Test(arguments: ["", ":8090", "host:", "host:0", "host:65536", "host:x", "[::1", "[::1]8090", "[]:1"])
    func `anything else is no address`(text: String) {
        #expect(Address(text) == nil)
    }

    @Test func `an IPv6 address is printed in brackets`() {
        #expect("\(Address(host: "::1", port: 5))" == "[::1]:5")
    }
}
