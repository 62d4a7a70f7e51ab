import Platform
import Server
import Testing

/// What the configuration and the environment make of the log.
@Suite struct LogSettingsTests {
    private func settings(_ file: String = "", _ environment: [String: String] = [:]) throws -> LogSettings {
        let layers = ConfigurationLayers(file: Array(file.utf8), environment: environment)
        return try Configuration(layers, environment: environment, usesDefaultCredentials: true).logging
    }

    @Test(arguments: [
        ("", "local_data/logs"), ("path = \"/var/log/galgo\"", "/var/log/galgo"), ("path = \"a/b\"", "local_data/a/b"),
    ])
    func `a relative path is one below the data directory`(line: String, directory: String) throws {
        #expect(try settings("[system.logging]\n\(line)").directory == directory)
    }

    @Test func `limits and intervals are those of the keys`() throws {
        let standard = try settings()
        #expect(standard.limits == .init(fileBytes: 500_000_000, totalBytes: 4_000_000_000, retention: 604_800_000_000))
        #expect(standard.checkInterval == 3_600_000_000_000)

        let other = try settings(
            "[system.logging]\nmax_file_size = \"0\"\nmax_total_size = \"0\"\nretention = \"100 years\"\nfile_enabled = false"
        )
        #expect(other.limits.fileBytes == 0 && other.limits.totalBytes == 0)
        #expect(other.limits.retention == 100 * 31_557_600_000_000)
        #expect(other.directory == nil)
        #expect(other.writer(writesFiles: false, isTerminal: false).file == nil)
    }

    /// Whether lines at INFO and at DEBUG of the catalog are kept, and how many warnings a check of it gives.
    @Test(
        arguments: [
            ([:], "info", true, false, 0), ([:], "warn,server::catalog=debug", true, true, 0),
            ([:], "info,a=b", true, false, 1),
            ([:], "none", false, false, 1), (["RUST_LOG": "debug"], "off", true, true, 0),
            (["RUST_LOG": ""], "info", false, false, 0),
            (["RUST_LOG": "debug, x=y"], "off", true, false, 1),
            (["RUST_LOG": "debug, server=trace"], "off", true, false, 1),
            (["RUST_LOG": "off", "GALGO_LOG": "debug"], "off", true, true, 0),
            ([:], "warning", false, false, 1), (["GALGO_LOG": "verbose"], "info,a=b", false, false, 2),
        ] as [([String: String], String, Bool, Bool, Int)])
    func `the filter is the first of two variables, or the level, and mistakes are warned of`(
        environment: [String: String], level: String, info: Bool, debug: Bool, warnings: Int
    ) throws {
        let file = "[system.logging]\nlevel = \"\(level)\""
        let settings = try settings(file, environment)
        let layers = ConfigurationLayers(file: Array(file.utf8), environment: environment)

        #expect(settings.gate.isOpen(.info, .catalog) == info)
        #expect(settings.gate.isOpen(.debug, .catalog) == debug)
        #expect(layers.problems.count { $0.severity == .warning } == warnings, "\(layers.lines(file: "c"))")
        #expect(!layers.hasErrors)
    }

    @Test func `a mistake in a filter is told with its place and what may have been meant`() {
        let layers = ConfigurationLayers(
            file: Array("[system.logging]\nlevel = \"info, server=debug\"".utf8),
            environment: ["RUST_LOG": "info, server=debug", "GALGO_LOG_FORMAT": "xml"])

        #expect(
            layers.lines(file: "c") == [
                "c:2:9: warning: system.logging.level: ' server=debug' is no directive and is ignored",
                "    2 | level = \"info, server=debug\"", "      |         ^^^^^^^^^^^^^^^^^^^^",
                "      = spaces count: write `server=debug`",
                "RUST_LOG: warning: ' server=debug' is no directive of a log filter, such as info or server=debug; "
                    + "spaces count: write `server=debug`; info counts instead",
                "GALGO_LOG_FORMAT: error: 'xml' is neither text nor json",
            ])
    }

    @Test func `a disk with little room for the log is warned of, and one that cannot be measured`() {
        #expect(LogSpace.warning(directory: "d", freeBytes: 10_000_000) == nil)
        #expect(LogSpace.warning(directory: "d", freeBytes: 9_999_999)?.hasPrefix("d has room for ") == true)
        #expect(LogSpace.warning(directory: "d", freeBytes: nil)?.hasPrefix("nobody knows how much room d ") == true)
    }

    @Test func `the format is text or JSON, coloured on a terminal alone`() throws {
        #expect(try settings().writer(writesFiles: true, isTerminal: true).console == .coloured)
        #expect(try settings().writer(writesFiles: true, isTerminal: false).console == .plain)
        #expect(try settings().writer(writesFiles: true, isTerminal: true).file == .plain)
        let json = try settings("", ["GALGO_LOG_FORMAT": "JSON"]).writer(writesFiles: true, isTerminal: true)
        #expect(json.console == .json && json.file == .json)
        #expect(ConfigurationLayers(file: nil, environment: ["GALGO_LOG_FORMAT": "xml"]).hasErrors)
    }
}
