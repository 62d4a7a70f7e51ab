import Foundation
import Primitives
import Wire

/// One captured exchange between an official client and a server that the client was content with.
struct ClassicVector: Decodable, CustomStringConvertible {
    let sdk: String
    let version: String
    let scenario: String
    let step: Int
    let command: String
    let code: UInt32
    let status: UInt32
    let requestHex: String
    let responseHex: String

    enum CodingKeys: String, CodingKey {
        case sdk, scenario, step, command, code, status
        case version = "sdk_version"
        case requestHex = "request_hex"
        case responseHex = "response_hex"
    }

    var request: [UInt8] { [UInt8](hex: requestHex) }
    var response: [UInt8] { [UInt8](hex: responseHex) }
    var requestPayload: [UInt8] { [UInt8](request.dropFirst(8)) }
    var responsePayload: [UInt8] { [UInt8](response.dropFirst(8)) }
    var description: String { "\(scenario) step \(step): \(command)" }

    static let all: [ClassicVector] = {
        let text = String(decoding: goldenFile("wire-classic-vectors", "jsonl"), as: UTF8.self)
        return text.split(separator: "\n").map { line in
            try! JSONDecoder().decode(ClassicVector.self, from: Data(line.utf8))
        }
    }()
}

func goldenFile(_ name: String, _ kind: String) -> [UInt8] {
    [UInt8](try! Data(contentsOf: Bundle.module.url(forResource: "Golden/\(name)", withExtension: kind)!))
}

extension [UInt8] {
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    var hex: String { map { String(format: "%02x", $0) }.joined() }
}

/// Decodes and hands over the outcome, since spans cannot be used inside expectations.
func decodeRequest(_ payload: [UInt8], _ code: CommandCode) -> Result<Request, WireError> {
    do { return .success(try Request(decoding: payload.rawSpan, code: code)) } catch { return .failure(error) }
}

func encoded(_ request: Request) -> [UInt8] {
    var writer = ByteWriter()
    request.encode(into: &writer)
    return writer.bytes
}

func encodedFrame(_ request: Request) -> [UInt8] {
    var writer = ByteWriter()
    request.encodeFrame(into: &writer)
    return writer.bytes
}
