// swift-tools-version: 6.2
import PackageDescription

// The module graph: an arrow here is the only way one folder may import another.
// Tests/Unit/Architecture reads this file and the imports and keeps both true.

let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    // Without it a generic from another module is not specialised: the seam would cost 8 to 100 times more.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

// One universe, touched by one thread: debug builds check each access to it, sweeps can't afford the fifth it costs. And
// a release of galgo-sim has no other thread that could count references meanwhile; tests, which have, are debug builds.
let sweeping: [SwiftSetting] =
    common + [
        .unsafeFlags(
            ["-enforce-exclusivity=unchecked", "-Xfrontend", "-assume-single-threaded"],
            .when(configuration: .release))
    ]

// Tests may say `!` and use the test macros, whose expansions are not annotated for memory safety.
let testing: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "Galgo",
    products: [
        .executable(name: "galgo-server", targets: ["galgo-server"]),
        .executable(name: "galgo-sim", targets: ["galgo-sim"]),
        .executable(name: "galgo-bench", targets: ["galgo-bench"]),
        .executable(name: "galgo-verify", targets: ["galgo-verify"]),
        // Only for tests, which preload it into the server.
        .library(name: "AllocationCounter", type: .dynamic, targets: ["AllocationCounter"]),
    ],
    targets: [
        // Pure: no libc, no Foundation, no clock, no dice.
        .target(name: "Primitives", swiftSettings: common),
        .target(name: "Platform", dependencies: ["Primitives"], swiftSettings: common),
        .target(name: "Wire", dependencies: ["Primitives"], swiftSettings: common),
        .target(name: "Server", dependencies: ["Platform", "Primitives", "Wire"], swiftSettings: common),
        .target(
            name: "Sim", dependencies: ["Platform", "Primitives", "Server", "Verifier", "Wire"],
            swiftSettings: sweeping),
        .target(name: "Gherkin", dependencies: ["Primitives"], swiftSettings: common),
        // Judges data directories by the documented formats; never by the server's own reader.
        .target(name: "Verifier", dependencies: ["Primitives", "Wire"], swiftSettings: common),

        // The machine.
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(name: "CHwloc", pkgConfig: "hwloc", providers: [.apt(["libhwloc-dev"])]),
        .target(name: "Linux", dependencies: ["CHwloc", "CLinux", "Platform", "Primitives"], swiftSettings: common),
        .target(name: "Client", dependencies: ["Primitives", "Wire"], swiftSettings: common),

        // Holds the simulator's disk against this machine's.
        .target(
            name: "Conformance", dependencies: ["CLinux", "Linux", "Platform", "Primitives", "Sim"],
            swiftSettings: common),
        // Deals with a server from outside: its directory, the volume under it.
        .target(name: "Outside", dependencies: ["CLinux", "Verifier"], swiftSettings: common),

        // Thin executables.
        .executableTarget(
            name: "galgo-server", dependencies: ["CLinux", "Linux", "Platform", "Primitives", "Server"],
            path: "Sources/Commands/galgo-server", swiftSettings: common),
        // Its traps for clocks and dice replace symbols of the libraries, which takes exported symbols.
        .target(name: "CSimTraps"),
        .executableTarget(
            name: "galgo-sim",
            dependencies: [
                "CLinux", "CSimTraps", "Client", "Conformance", "Outside", "Platform", "Primitives", "Server", "Sim",
                "Verifier",
            ],
            path: "Sources/Commands/galgo-sim", swiftSettings: common,
            linkerSettings: [.unsafeFlags(["-Xlinker", "-export-dynamic"])]),
        .executableTarget(
            name: "galgo-bench", dependencies: ["Client", "CLinux", "Primitives", "Wire"],
            path: "Sources/Commands/galgo-bench", swiftSettings: common),
        .executableTarget(
            name: "galgo-verify", dependencies: ["Outside", "Primitives", "Verifier"],
            path: "Sources/Commands/galgo-verify", swiftSettings: common),

        .testTarget(
            name: "Unit",
            dependencies: [
                "CLinux", "Client", "Conformance", "Gherkin", "Linux", "Platform", "Primitives", "Server", "Sim",
                "Support",
                "Verifier", "Wire",
            ],
            path: "Tests/Unit", resources: [.copy("Golden")], swiftSettings: testing),
        // Starts and ends the real programs, for the two below.
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        // How fast the log is; scripts/log-pace runs it.
        .executableTarget(
            name: "galgo-log-pace", dependencies: ["Linux", "Platform", "Server"], path: "Tests/LogPace",
            swiftSettings: [.swiftLanguageMode(.v5)]),
        .target(name: "Support", dependencies: ["CLinux", "Outside"], path: "Tests/Support", swiftSettings: testing),
        .testTarget(
            name: "Integration", dependencies: ["Client", "Support", "Verifier", "Wire"],
            path: "Tests/Integration", resources: [.copy("Vectors")], swiftSettings: testing),
        .testTarget(
            name: "BDD",
            dependencies: ["Client", "Gherkin", "Platform", "Primitives", "Server", "Sim", "Support", "Wire"],
            path: "Tests/BDD", swiftSettings: testing),
    ]
)
