import Foundation

/// A program of this package: its path in the environment, or the one that was built beside the tests.
package enum Executable: String {
    case server = "galgo-server"
    case bench = "galgo-bench"
    case sim = "galgo-sim"

    package func path() throws -> String {
        let beside = Self.folder.appendingPathComponent(rawValue).path
        let path = ProcessInfo.processInfo.environment[variable] ?? beside
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw HarnessError(
                "no \(rawValue) at \(path): run `swift build --product \(rawValue)`, or set \(variable) to its path")
        }
        return path
    }

    /// An optimised server, for figures that only it has to reach: `GALGO_RELEASE_SERVER`, which `scripts/test` sets.
    package static let releaseServer = ProcessInfo.processInfo.environment["GALGO_RELEASE_SERVER"]

    /// An optimised simulator, the only one that runs seeds: `GALGO_RELEASE_SIM`, which `scripts/test` sets.
    package static let releaseSim = ProcessInfo.processInfo.environment["GALGO_RELEASE_SIM"]

    /// Where the build has put this test process.
    package static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    private var variable: String {
        switch self {
        case .server: "GALGO_SERVER"
        case .bench: "GALGO_BENCH"
        case .sim: "GALGO_SIM"
        }
    }
}
