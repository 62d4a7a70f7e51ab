import Foundation

/// The server under test: `GALGO_SERVER` in the environment, or `galgo-server` beside the test bundle.
enum ServerBinary {
    static func path() throws -> String { try find("galgo-server", override: "GALGO_SERVER") }

    static func bench() throws -> String { try find("galgo-bench", override: "GALGO_BENCH") }

    private static func find(_ name: String, override variable: String) throws -> String {
        let beside = Bundle.module.bundleURL.deletingLastPathComponent().appendingPathComponent(name).path
        let path = ProcessInfo.processInfo.environment[variable] ?? beside
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw HarnessError(
                "no \(name) at \(path): run `swift build --product \(name)`, or set \(variable) to its path")
        }
        return path
    }
}
