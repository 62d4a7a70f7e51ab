import Server
import Testing
import Wire

private struct NotAConfiguration: Error {}

@Suite struct ConfigurationTests {
    private func configuration(
        _ environment: [String: String], _ arguments: [String] = []
    ) throws -> Configuration {
        let command = try Configuration.command(arguments: arguments, environment: environment)
        guard case .serve(let configuration) = command else {
            throw NotAConfiguration()
        }
        return configuration
    }

    @Test func `without settings the defaults of the field hold`() throws {
        let configuration = try configuration([:])

        #expect(configuration.tcpHost == "127.0.0.1")
        #expect(configuration.tcpPort == 8_090)
        #expect(configuration.segmentSize.bytes == 1 << 30)
        #expect(!configuration.enforcesSync)
        #expect(configuration.cpuAllocation == .all)
    }

    @Test func `every variable is read`() throws {
        let configuration = try configuration([
            "IGGY_SYSTEM_PATH": "/data", "IGGY_TCP_ADDRESS": "[::1]:9000", "IGGY_ROOT_USERNAME": "admin",
            "IGGY_ROOT_PASSWORD": "secret", "IGGY_SYSTEM_SEGMENT_SIZE": "1 MiB",
            "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "true", "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "2",
        ])

        #expect(configuration.dataDirectory == "/data")
        #expect(configuration.tcpHost == "::1")
        #expect(configuration.tcpPort == 9_000)
        #expect(configuration.rootName == "admin")
        #expect(configuration.rootPassword == Secret("secret"))
        #expect(configuration.segmentSize.bytes == 1_048_576)
        #expect(configuration.enforcesSync)
        #expect(configuration.cpuAllocation == .count(2))
    }

    @Test func `all problems are told at once`() {
        do {
            _ = try configuration(
                [
                    "IGGY_TCP_ADDRESS": "8090", "IGGY_SYSTEM_SEGMENT_SIZE": "1000",
                    "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "maybe", "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "0",
                    "IGGY_ROOT_USERNAME": "admin",
                ], ["--wrong"])
            Issue.record("accepted")
        } catch let problems as Configuration.Problems {
            #expect(problems.lines.count == 6)
        } catch {
            Issue.record("an unknown error")
        }
    }

    @Test(arguments: [
        ["IGGY_TCP_ADDRESS": "127.0.0.1:+18092"], ["IGGY_TCP_ADDRESS": "127.0.0.1:"],
        ["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "+2"], ["IGGY_SYSTEM_SEGMENT_SIZE": "\u{1b}[31m5"],
        ["IGGY_SYSTEM_SEGMENT_SIZE": "512 \u{7}MB"],
    ])
    func `a value that is none is refused, and its control characters are not obeyed`(environment: [String: String]) {
        do {
            _ = try configuration(environment)
            Issue.record("accepted")
        } catch let problems as Configuration.Problems {
            #expect(problems.lines.count == 1)
            #expect(problems.lines.allSatisfy { $0 == printable($0) })
        } catch {
            Issue.record("an unknown error")
        }
    }

    @Test func `a size in bits is taken as such, and said`() throws {
        let inBits = try configuration(["IGGY_SYSTEM_SEGMENT_SIZE": "512 Mb"])
        let inBytes = try configuration(["IGGY_SYSTEM_SEGMENT_SIZE": "512 MB"])

        #expect(inBits.segmentSize.bytes == 64_000_000)
        #expect(inBits.hints.count == 1)
        #expect(inBytes.hints.isEmpty)
    }

    @Test func `a misspelt variable is pointed out`() {
        let names = Configuration.unknownVariables(in: ["IGGY_TCP_ADRESS": "x", "IGGY_TCP_ADDRESS": "y", "HOME": "z"])

        #expect(names == ["IGGY_TCP_ADRESS"])
    }

    @Test func `text for a terminal shows control characters`() {
        #expect(printable("a\u{1b}[31mb\n") == "a\\u{1b}[31mb\\u{a}")
    }
}
