import Platform
import Server
import Testing

struct ReloadTests {
    private func effective(_ text: String) -> Effective {
        ConfigurationLayers(file: Array(text.utf8), environment: [:]).effective
    }

    @Test func `a reload names what holds now and, in one line, what needs a restart`() {
        let old = effective("")
        let new = effective(
            """
            [system.sharding]
            shutdown_drain_timeout = "3 s"
            cpu_allocation = 2
            [system.segment]
            size = "1 MiB"
            [heartbeat]
            enabled = true
            """)

        let reload = Reload(from: old, to: new, environment: [:])
        let waiting = "needs a restart, and stays as it was: system.segment.size, system.sharding.cpu_allocation"
        #expect(reload.lines.map(\.text) == ["system.sharding.shutdown_drain_timeout is now \"3s\"", waiting])
        #expect(reload.lines.map(\.level) == [.info, .warning])
        #expect(Reload(from: new, to: new, environment: [:]).lines.map(\.text) == ["the configuration is as it was"])
        #expect(new.drainTimeout == Interval(seconds: 3) && old.drainTimeout == Interval(seconds: 10))

        // What holds is neither of the two, and a second look says again what waits.
        #expect(reload.holding.drainTimeout == Interval(seconds: 3))
        #expect(reload.holding.allocation("system.sharding.cpu_allocation") == .all)
        #expect(Reload(from: reload.holding, to: new, environment: [:]).lines.map(\.text) == [waiting])
    }

    @Test func `the limits of the log change at once, and a variable that wins over the level is named`() {
        let old = effective("")
        let new = effective(
            """
            [system.logging]
            level = "debug"
            max_file_size = "1 MB"
            max_total_size = "3 MB"
            rotation_check_interval = "2 s"
            retention = "3 s"
            path = "elsewhere"
            """)

        let free = Reload(from: old, to: new, environment: [:])
        let bound = Reload(from: old, to: new, environment: ["GALGO_LOG": "warn"])

        #expect(free.lines.count == 6, "\(free.lines)")
        #expect(free.lines.last?.text == "needs a restart, and stays as it was: system.logging.path")
        let limits = LogSettings(free.holding, environment: [:]).changeable
        #expect(limits.fileBytes == 1_000_000 && limits.totalBytes == 3_000_000)
        #expect(limits.checkInterval == 2_000_000_000 && limits.retention == 3_000_000)
        #expect(limits.gate.isOpen(.debug, .server))
        #expect(
            bound.lines.map(\.text).contains(
                "GALGO_LOG wins over system.logging.level: lines are kept as before, by the filter warn (GALGO_LOG)"))
        #expect(!LogSettings(bound.holding, environment: ["GALGO_LOG": "warn"]).changeable.gate.isOpen(.info, .server))
    }

    @Test func `a stop may take ten minutes and not more`() {
        let lines = ConfigurationLayers(
            file: Array("system.sharding.shutdown_drain_timeout = \"601 s\"".utf8), environment: [:]
        ).lines(file: "c")
        #expect(lines.first?.contains("'601 s' is more than 10 minutes") == true, "\(lines)")
    }
}
