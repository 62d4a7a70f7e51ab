import Platform
import Server
import Testing

struct DiagnosisTests {
    private func facts(_ change: (inout MachineFacts) -> Void = { _ in }) -> MachineFacts {
        var facts = MachineFacts()
        facts.directory = "/data"
        facts.fileSystem = "ext4"
        facts.freeBytes = 100 << 30
        facts.totalBytes = 200 << 30
        facts.clockSource = "tsc"
        facts.descriptorsMax = 65_536
        if let syncs = MachineFacts.Syncs(nanoseconds: Array(1...100).map { $0 * 100_000 }) {
            facts.syncs = .measured(syncs)
        }
        change(&facts)
        return facts
    }

    private func diagnosis(_ change: (inout MachineFacts) -> Void = { _ in }) -> Diagnosis {
        Diagnosis(facts(change), placement: .success("2: one on each core"))
    }

    @Test func `a good machine needs nothing`() {
        let diagnosis = diagnosis()

        #expect(diagnosis.exitCode == 0, "\(diagnosis.text)")
        #expect(diagnosis.findings.allSatisfy { $0.advice.isEmpty })
        #expect(diagnosis.text.contains("5.1 ms half of the time, 10.0 ms in 99 of 100, of 100"))
    }

    @Test func `each fault of a machine is told with advice`() {
        let faults: [(String, Diagnosis.Severity, (inout MachineFacts) -> Void)] = [
            ("syncs", .problem, { $0.syncs = .failed(.accessDenied) }),
            ("syncs", .advice, { $0.syncs = MachineFacts.Syncs(nanoseconds: [90_000_000]).map { .measured($0) }! }),
            ("syncs", .advice, { $0.syncs = MachineFacts.Syncs(nanoseconds: [1_000]).map { .measured($0) }! }),
            ("file system", .advice, { $0.fileSystem = "tmpfs" }),
            ("file system", .advice, { $0.fileSystem = "overlay" }),
            ("file system", .problem, { $0.fileSystem = "nfs" }),
            ("space", .problem, { $0.freeBytes = 1 << 20 }),
            ("space", .advice, { $0.freeBytes = 10 << 30 }),
            ("clock", .advice, { $0.clockSource = "hpet" }),
            ("limits", .advice, { $0.descriptorsMax = 256 }),
            ("limits", .advice, { $0.dataBytesMax = 64 << 20 }),
            ("control group", .advice, { $0.groupMemoryBytes = 64 << 20 }),
        ]
        for (topic, severity, change) in faults {
            let diagnosis = diagnosis(change)
            let found = diagnosis.findings.filter { $0.severity != .fine }
            #expect(found.map(\.topic) == [topic], "\(diagnosis.text)")
            #expect(found.map(\.severity) == [severity])
            #expect(found.allSatisfy { !$0.advice.isEmpty })
            #expect(diagnosis.exitCode == (severity == .advice ? 1 : 2))
        }
    }

    @Test func `the answer for programs names the worst and every finding`() {
        let diagnosis = diagnosis { $0.fileSystem = "nfs" }

        #expect(diagnosis.json.contains("\"worst\":\"problem\"") || diagnosis.json.contains("\"worst\": \"problem\""))
        #expect(diagnosis.json.contains("nfs"))
    }

    @Test func `the command line says what is meant, and never takes a password`() throws {
        #expect(try Invocation(["doctor", "--json"]) == .diagnose(file: nil, asJSON: true))
        #expect(
            try Invocation(["user", "reset-password", "iggy", "--config", "c"])
                == .resetPassword(name: "iggy", file: "c"))
        #expect(throws: Invocation.Wrong.self) { try Invocation(["user", "reset-password", "iggy", "secret"]) }
        #expect(throws: Invocation.Wrong.self) { try Invocation(["user", "reset-password"]) }
        #expect(throws: Invocation.Wrong.self) { try Invocation(["user"]) }
        #expect(throws: Invocation.Wrong.self) { try Invocation(["doctor", "x"]) }
    }
}
