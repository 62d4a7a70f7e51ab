import Client

extension TestServer {
    /// A client logged in as iggy.
    func client() throws -> Client {
        let client = try Client(to: address, timeouts: Self.timeouts)
        try client.login("iggy", password: "iggy")
        return client
    }
}
