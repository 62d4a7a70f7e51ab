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

        #expect(
            Reload(from: old, to: new).lines == [
                "system.sharding.shutdown_drain_timeout is now \"3s\"",
                "needs a restart, and stays as it was: system.segment.size, system.sharding.cpu_allocation",
            ])
        #expect(Reload(from: new, to: new).lines == ["the configuration is as it was"])
        #expect(Reload.Settings(new).drainTimeout == Interval(seconds: 3))
        #expect(Reload.Settings(old).drainTimeout == Interval(seconds: 10))
    }

    @Test func `a stop may take ten minutes and not more`() {
        let lines = ConfigurationLayers(
            file: Array("system.sharding.shutdown_drain_timeout = \"601 s\"".utf8), environment: [:]
        ).lines(file: "c")
        #expect(lines.first?.contains("'601 s' is more than 10 minutes") == true, "\(lines)")
    }
}
