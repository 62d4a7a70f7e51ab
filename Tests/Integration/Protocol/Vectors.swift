import Foundation

/// One captured exchange of a real client: `Vectors/classic-python-basic.jsonl`, one JSON object per line, the steps
/// of a scenario in order. A scenario begins with an empty server.
struct Exchange: Decodable {
    let scenario: String
    let step: Int
    let command: String
    let request_hex: String
    let response_hex: String
    let response_varies: [Varying]

    /// Bytes that differ between runs or between correct servers.
    struct Varying: Decodable {
        let range: Range<Int>
        let reason: String

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            let start = try values.decode(Int.self)
            range = start..<start + (try values.decode(Int.self))
            reason = try values.decode(String.self)
        }
    }

    var request: [UInt8] { Self.bytes(request_hex) }

    /// What the reply must be, byte for byte, with nil where any byte is right.
    var expected: [UInt8?] {
        var expected: [UInt8?] = Self.bytes(response_hex)
        for varying in response_varies {
            // The recording server had its other transports on their default ports, those of a test are closed:
            // the three ports behind the TCP port vary with it.
            let extra = varying.reason == "tcp port" ? 6 : 0
            for place in varying.range.lowerBound..<varying.range.upperBound + extra { expected[place] = nil }
        }
        return expected
    }

    static func load(_ scenario: String) throws -> [Exchange] {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/classic-python-basic.jsonl")
        return try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(Exchange.self, from: Data($0)) }
            .filter { $0.scenario == scenario }
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8).map { UInt8($0 < 0x3a ? $0 - 0x30 : $0 - 0x61 + 10) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
