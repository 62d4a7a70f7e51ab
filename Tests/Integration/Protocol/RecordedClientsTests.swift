import Client
import Testing

/// Plays what the official Python clients sent and compares what they were satisfied with.
struct RecordedClientsTests {
    @Test(arguments: ["python-0.7.0-basic", "python-0.8.0-basic"])
    func `the recorded client gets the recorded replies`(scenario: String) throws {
        let exchanges = try Exchange.load(scenario)
        #expect(exchanges.count > 30)

        try withServer { server in
            var connection = try server.connection()
            for exchange in exchanges {
                let reply = try connection.ask(exchange.request)

                let bytes = RawFrame.word(reply.status) + RawFrame.word(UInt32(reply.payload.count)) + reply.payload
                let difference = Self.difference(bytes, exchange.expected)
                #expect(difference == nil, "\(exchange.command), step \(exchange.step)")
            }
        }
    }

    /// Says where two replies differ first; nil if nowhere.
    private static func difference(_ bytes: [UInt8], _ expected: [UInt8?]) -> String? {
        for (place, (byte, wanted)) in zip(bytes, expected).enumerated() {
            guard let wanted, byte != wanted else { continue }
            return "byte \(place) is \(byte), not \(wanted)"
        }
        return bytes.count == expected.count ? nil : "\(bytes.count) bytes, not \(expected.count)"
    }
}
