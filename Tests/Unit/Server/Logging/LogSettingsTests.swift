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

    /// Whether lines at INFO and at DEBUG of the catalog are kept, and how many notices there are.
    @Test(
        arguments: [
            ([:], "info", true, false, 0), ([:], "warn,server::catalog=debug", true, true, 0),
            ([:], "info,a=b", true, false, 1),
            ([:], "none", false, false, 1), (["RUST_LOG": "debug"], "off", true, true, 0),
            (["RUST_LOG": ""], "info", false, false, 0),
            (["RUST_LOG": "debug, x=y"], "off", true, false, 1),
            (["RUST_LOG": "off", "GALGO_LOG": "debug"], "off", true, true, 0),
        ] as [([String: String], String, Bool, Bool, Int)])
    func `the filter is the first of two variables, or the level`(
        environment: [String: String], level: String, info: Bool, debug: Bool, notices: Int
    ) throws {
        let settings = try settings("[system.logging]\nlevel = \"\(level)\"", environment)

        #expect(settings.gate.isOpen(.info, .catalog) == info)
        #expect(settings.gate.isOpen(.debug, .catalog) == debug)
        #expect(settings.notices.count == notices)
    }

    @Test func `the format is text or JSON, coloured on a terminal alone`() throws {
        #expect(try settings().writer(writesFiles: true, isTerminal: true).console == .coloured)
        #expect(try settings().writer(writesFiles: true, isTerminal: false).console == .plain)
        #expect(try settings().writer(writesFiles: true, isTerminal: true).file == .plain)
        let json = try settings("", ["GALGO_LOG_FORMAT": "JSON"]).writer(writesFiles: true, isTerminal: true)
        #expect(json.console == .json && json.file == .json)
        #expect(throws: ConfigurationProblems.self) { try settings("", ["GALGO_LOG_FORMAT": "xml"]) }
    }
}
