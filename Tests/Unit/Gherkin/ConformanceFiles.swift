import Foundation
import Testing

/// The community's test data: `Golden/gherkin/good` and `bad`.
enum ConformanceFiles {
    static let directory = Bundle.module.resourceURL!.appending(path: "Golden/gherkin")

    static let good = features(in: "good")
    static let bad = features(in: "bad")

    private static func features(in folder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: directory.appending(path: folder).path)
        return (names ?? []).filter { $0.hasSuffix(".feature") }.sorted().map { "\(folder)/\($0)" }
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: directory.appending(path: name)))
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// The values under this key, one per line that is not empty.
    static func values(_ key: String, in name: String) throws -> [NSDictionary] {
        try text(name).split(whereSeparator: \.isNewline).map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require((object as? [String: NSDictionary])?[key])
        }
    }

    /// What the data call the file.
    static func uri(_ name: String) -> String { "../testdata/\(name)" }
}
