import Foundation
import Primitives
import Server
import Support
import Testing

/// What is wrong with a configuration: in which words it is told, in which order, and what is not shown of it.
@Suite struct ConfigurationProblemTests {
    /// Every configuration in the file `config/bad.txt` against the words in `config/bad-expected.txt`: place, caret
    /// and suggestion.
    @Test func `bad configurations are refused in the expected words`() throws {
        let folder = try #require(Bundle.module.url(forResource: "Golden/config", withExtension: nil))
        let cases = try sections(folder.appendingPathComponent("bad.txt"))
        let expected = try sections(folder.appendingPathComponent("bad-expected.txt"))
        var written = ""

        for (name, text) in cases {
            let layers = configurationLayers(text)
            #expect(layers.hasErrors, "\(name)")
            let lines = layers.lines(file: "config.toml")
            #expect(lines.allSatisfy { $0 == printable($0) }, "\(name)")
            let told = lines.joined(separator: "\n") + "\n"
            written += "=== \(name)\n\(told)"
            #expect(expected.first { $0.name == name }?.text == told, "\(name)")
        }
        #expect(cases.count >= 60)
        #expect(expected.count == cases.count)
        if let path = ProcessInfo.processInfo.environment["GALGO_WRITE_GOLDEN"] {
            try written.write(toFile: path + "/bad-expected.txt", atomically: true, encoding: .utf8)
        }
    }

    @Test func `everything that is wrong is told at once, in the order of the lines`() {
        let lines = configurationLayers(
            """
            [system.segment]
            size = "1000 B"
            sise = 1
            size = "2 MiB"
            [system.logging]
            max_total_size = "1 MB"
            max_file_size = 5 MB
            retention = "1 ms"
            [sytem]
            path = 1
            [tcp]
            enabled = "yes"
            """, ["IGGY_TCP_ADDRESS": "nowhere"]
        ).lines(file: "c").filter { $0.contains(": error: ") }

        #expect(
            lines.map { String($0.prefix { $0 != " " }) } == [
                "c:2:8:", "c:3:1:", "c:4:1:", "c:7:19:", "c:8:13:", "c:9:2:", "c:12:11:", "IGGY_TCP_ADDRESS:",
            ], "\(lines)")
    }

    /// Each with the lines of its errors.
    @Test(arguments: [
        // 500 MB would be held against what could not be read.
        ("[system.logging]\nmax_total_size = \"1 MB\"\nmax_file_size = 5", [3]),
        ("[system.logging]\nmax_total_size = \"1 MB\"\nmax_file_size = 5 MB", [3]),
        ("[system.logging]\nmax_total_size = \"1 MB\"\nmax_size = \"x\"", [3]),
        ("[system.logging]\nmax_total_size = \"1 MB\"\nmax_file_size \"5 MB\"", [3]),
        ("[system.logging]\nmax_total_size = \"1 MB\"\n[system.\nx = 1", [3]),
        // What was read elsewhere is.
        ("[system.logging]\nmax_total_size = \"1 MB\"\n[tcp]\naddress = x", [2, 4]),
        ("[system.logging]\nmax_total_size = \"1 MB\"\nmax_file_size = \"2 MB\"\nretention", [2, 4]),
        ("[system.logging]\nmax_total_size = \"1 MB\"\nmax_file_size = \"2 MB\"\n[tcp.]", [2, 4]),
        ("[system.topic]\nmax_size = \"1 MB\"\n[system.segment]\nsize = 5\n[system]\nruntime.path = \"boot\"", [4, 6]),
        ("[personal_access_token]\ncleaner = { enabled = \"no\", interval = \"0\" }", [2]),
        (
            "[cluster]\nenabled = true\nnode.current.name = 5\n[[cluster.node.others]]\nname = \"iggy-node-1\"\nip = \"a\"",
            [3]
        ),
        ("[system] path = \"a\"\nsise = 1\n[tcp\nadress = 1\n[[http]]\nenabeld = 1", [1, 2, 3, 4, 5, 6]),
    ])
    func `what depends on a value that cannot be read is not judged, and everything else is`(text: String, lines: [Int])
    {
        let told = configurationLayers(text).told(file: "c").filter { $0.severity == .error }

        #expect(told.map { Int($0.line.split(separator: ":")[1]) } == lines, "\(told)")
    }

    @Test func `a variable that cannot be read leaves its key in doubt`() {
        let lines = configurationLayers(
            "[system.logging]\nmax_file_size = \"2 MB\"",
            ["IGGY_SYSTEM_LOGGING_MAX_FILE_SIZE": "x", "IGGY_SYSTEM_LOGGING_MAX_TOTAL_SIZE": "1 MB"])

        #expect(lines.problems.count == 1 && !lines.isSure(of: "system.logging.max_file_size"), "\(lines.problems)")
        #expect(lines.isSure(of: "system.logging.max_total_size"))
    }

    @Test func `a value of the file that breaks a rule is a warning where a variable takes its place`() {
        let file = "[system.segment]\nsize = \"3 GiB\"\n[tcp]\naddress = \"nowhere\"\n[system]\npath = \"x\""
        let layers = configurationLayers(
            file, ["IGGY_SYSTEM_SEGMENT_SIZE": "1 MiB", "IGGY_TCP_ADDRESS": "127.0.0.1:0", "IGGY_SYSTEM_PATH": "y"])

        #expect(!layers.hasErrors)
        #expect(
            layers.told(file: "c").map(\.line) == [
                "c:2:8: warning: system.segment.size: '3 GiB' is no multiple of 512 bytes from 512 B to 1 GiB; "
                    + "IGGY_SYSTEM_SEGMENT_SIZE takes its place",
                "c:4:11: warning: tcp.address: 'nowhere' is not HOST:PORT, such as 127.0.0.1:8090 or [::1]:8090; "
                    + "IGGY_TCP_ADDRESS takes its place",
            ])
    }

    @Test func `what may have been meant is told to a log, too`() {
        let told = configurationLayers("[tcp]\nadress = 1").told(file: "c").map(\.line)

        #expect(told == ["c:2:1: error: unknown key tcp.adress; did you mean `address`?"])
    }

    /// Each with the place of its error, the line and the carets as they are shown.
    @Test(arguments: [
        ("\u{FEFF}sytem = 1", "1:1", "    1 | sytem = 1", "      | ^^^^^"),
        ("\u{FEFF}[tcp]\r\nadress = 1\r\n", "2:1", "    2 | adress = 1", "      | ^^^^^^"),
        (
            "[http.cors]\nallowed_origins = [\n\t\"a\", 17,\n]", "3:7", "    3 |  \"a\", 17,", "      |       ^^"
        ),
        ("cluster.name = \"日本\" x", "1:21", "    1 | cluster.name = \"日本\" x", "      |                       ^"),
        ("\"日本\" = 1", "1:1", "    1 | \"日本\" = 1", "      | ^^^^^^"),
        ("\"👩‍👩‍👧\" = 1", "1:1", "    1 | \"👩‍👩‍👧\" = 1", "      | ^^^^"),
        ("\"e\u{301}\" = 1", "1:1", "    1 | \"e\u{301}\" = 1", "      | ^^^"),
        ("system.path\u{A0}= 1", "1:12", "    1 | system.path?= 1", "      |            ^"),
        ("tcp.enabled = Yes # so", "1:15", "    1 | tcp.enabled = Yes # so", "      |               ^^^"),
    ])
    func `carets stand below what is wrong`(text: String, place: String, line: String, carets: String) {
        let lines = configurationLayers(text).lines(file: "c")

        #expect(lines.first?.hasPrefix("c:\(place): error: ") == true && lines.count >= 3, "\(lines)")
        #expect(lines.dropFirst().prefix(2) == [line, carets], "\(lines)")
    }

    @Test func `every wrong element of a list is told`() {
        let layers = configurationLayers("[http.cors]\nallowed_origins = [1, \"a\", true]")

        #expect(layers.told(file: "c").map { $0.line.prefix(7) } == ["c:2:20:", "c:2:28:"])
    }

    @Test(arguments: [
        ("", false), (".", false), ("catalog", false), ("./partitions/x", false), ("/d", false), ("/d/orphans", false),
        ("logs", true), ("/d/logs", true), ("/catalog", true), ("var/catalog", true),
    ])
    func `a log among the data is refused`(path: String, isAllowed: Bool) {
        let layers = configurationLayers("[system]\npath = \"/d\"\n[system.logging]\npath = \"\(path)\"")

        #expect(layers.hasErrors == !isAllowed, "\(layers.lines(file: "c"))")
    }

    @Test func `what is no configuration at all is not told line by line`() {
        let lines = configurationLayers(String(repeating: "- a: b\n", count: 1_000)).lines(file: "c")

        #expect(lines.count { $0.contains(": error: ") } == 20)
        #expect(lines.contains { $0.hasSuffix("note: the rest of the file was not read") })
    }

    @Test(arguments: [
        "[system.encryption]\nkey = \"hunter2\" x", "[system.encryption]\nkey = hunter2",
        "system.encryption.key hunter2",
        "[system.encryption]\nkey = \"hunter2", "[system.encryption]\n'key' = \"hunter2\\q\"",
        "[system]\nencryption = { enabled = yes, key = \"hunter2\" }",
        "[system]\nencryption = { key = \"hunter2\", x = }",
        "[system.encryption]\nkey = \"\"\"\nhunter2\\q\n\"\"\"", "root_password = \"hunter2\"", "Password = 'hunter2'",
        "[http.jwt]\nencoding_secret = [\"hunter2\"]", "[[http.jwt.trusted_issuers]]\ntoken = \"hunter2\"",
        "passwd: hunter2",
        "users = [{ name = \"a\", password \"hunter2\" }]", "[http.jwt]\nencoding_secret = [\nhunter2",
        "[http.jwt]\nencoding_secret = [\nhunter2 = 1\n]", "[system.encryption]\nkey = [\n\"aGk\",\nhunter2=\n]",
        "[system.encryption]\nkey = \"\"\"\nbm8gb25lIGtub3dzIQ==\nhunter2\\q\n\"\"\"",
        "[system.encryption]\nkey = \"\"\"\nx = y\nhunter2 \u{1} = 1", "[system.encryption]\nkey =\nhunter2=",
        "api-key = hunter2", "encryptionkey = hunter2", "API.Keys = hunter2", "x = hunter2 # the password",
        "[passwords]\nadmin = hunter2", "passwords.admin = hunter2",
        "users = [\n{ password =\n\"a\", name = hunter2 }\n]",
        "# \"\"\"\n[system.encryption]\nkey = \"\"\"\na = b\nhunter2\\q\n\"\"\"",
        "[system.encryption]\nkye = \"hunter2\"", "[http.jwt]\nencoding_sercet = \"hunter2\"",
        "[http.jwt]\nencoding_sercet = hunter2", "[system.encryption]\naes = \"hunter2\"",
        "[system.encryption]\nhunter2",
        "http.jwt.encoding_sercet = \"hunter2\"", "[system.encryption]\nkey = 'a\nb = c\nhunter2 ='",
        "[system.encryption]\nkey = \"a # it's\nb = c\nhunter2 =\"",
        "credentials = { root = hunter2 }", "path = \"\"\"\nits secret = \"\"\"hunter2",
    ])
    func `a message shows no secret of the file`(text: String) {
        let layers = configurationLayers(text)
        let lines = layers.lines(file: "c")

        #expect(layers.hasErrors)
        #expect(!lines.contains { $0.contains("hunter2") }, "\(lines)")
        #expect(!layers.told(file: "c").contains { $0.line.contains("hunter2") })
        #expect(lines.contains { $0.contains("********") }, "\(lines)")
    }

    @Test(arguments: ["a = hunter2", "[system]\nhunter2 = 1\nhunter2 = 2", "[hunter2]\na = 1\n[hunter2]"])
    func `a log has no word of what is no TOML`(text: String) {
        let told = configurationLayers(text).told(file: "c").filter { !$0.line.contains("unknown key") }

        #expect(!told.isEmpty && !told.contains { $0.line.contains("hunter2") }, "\(told)")
    }

    @Test(arguments: [
        ("[tcp.tls]\nkey_file = \"a\" x", "key_file = \"a\" x"), ("[system]\npath = a x", "path = a x"),
        ("[system.encryption]\nkey = \"a\"\n[system]\npath = b x", "path = b x"),
        ("[system.encryption]\nkey = \"a\"\nenabled = yes", "enabled = yes"),
        ("[system.encryption]\nkey = [\n\"a\"\n]\nenabled = yes", "enabled = yes"),
        ("[system.encryption]\nkey = \"\"\"\na\"\"\"\nenabled = yes", "enabled = yes"),
        ("[system.encryption]\nkey = 'a'\nenabled = yes", "enabled = yes"),
        ("[system.encryption]\nkey = a # it's\nenabled = yes", "enabled = yes"),
        ("[system.encryption]\nkey = 'a\nb'\nenabled = yes", "enabled = yes"),
        ("[system.encryption]\nenabeld = true", "enabeld = true"),
        ("[system.encryption]\nkey = [\n[http.jwt]\naccess_token_expiry = 1 h", "access_token_expiry = 1 h"),
    ])
    func `what is no secret is shown, also below one`(text: String, line: String) {
        let lines = configurationLayers(text).lines(file: "c")

        #expect(lines.contains { $0.hasSuffix("| \(line)") }, "\(lines)")
    }

    @Test(
        arguments: [
            "a = " + String(repeating: "key ", count: 260_000), String(repeating: "key ", count: 260_000),
            String(repeating: "k\n", count: 500_000), String(repeating: "key = [\n", count: 100_000),
            "key = \"\"\"\n" + String(repeating: "a = b\n", count: 150_000) + "\\q",
            String(repeating: "access_token_expiry ", count: 50_000),
        ])
    func `a file as large as is read is told of in no time`(text: String) {
        let time = cpuTime {
            let layers = configurationLayers(text)

            #expect(layers.hasErrors)
            #expect(layers.lines(file: "c").allSatisfy { $0.utf8.count < 400 })
            #expect(!layers.told(file: "c").isEmpty)
        }
        #expect(time < .seconds(30))
    }

    @Test func `what protects data and is not there is a warning, told once`() {
        let lines = configurationLayers("[tcp.tls]\nenabled = true\n[system]\nencryption.enabled = true").lines(
            file: "c")

        #expect(
            lines.filter { $0.contains("tcp.tls") } == [
                "c:2:11: warning: tcp.tls.enabled is true, and this version has no TLS: clients talk in clear"
            ])
        #expect(lines.contains { $0.hasPrefix("c:4:22: warning: system.encryption.enabled is true") })
        #expect(!lines.contains { $0.contains("without effect") }, "\(lines)")
    }

    @Test(arguments: [
        ("[foo]", nil), ("[logging]\nlevel = \"info\"", "did you mean `system.logging`?"),
        ("[system.partition]\nsize = \"1 GiB\"", "did you mean `system.memory_pool.size` or `system.segment.size`?"),
        ("[system.loging]", "did you mean `logging`?"), ("[SYSTEM]", "did you mean `system`?"),
        ("[tcp.system]", "did you mean `system`?"), ("[tcp]\ntsl = 1", "did you mean `tls`?"),
        ("[tcp.tls]\ncert = 1", "did you mean `cert_file`?"),
        (
            "enforce_fsync = true",
            "did you mean `message_saver.enforce_fsync`, `system.partition.enforce_fsync` or "
                + "`system.state.enforce_fsync`?"
        ),
    ])
    func `only a name that is near is suggested`(text: String, suggestion: String?) {
        let lines = configurationLayers(text).lines(file: "c")

        #expect(
            lines.first { $0.contains("did you mean") }?.contains(suggestion ?? "nothing") ?? (suggestion == nil),
            "\(lines)")
    }

    @Test func `a variable that lacks a part of its name is pointed out`() {
        let lines = configurationLayers(nil, ["IGGY_PATH": "x", "IGGY_ADDRESS": "x"]).lines(file: "c")

        #expect(lines.contains { $0.hasPrefix("      = did you mean IGGY_SYSTEM_PATH") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("      = did you mean ") && $0.contains("IGGY_TCP_ADDRESS") }, "\(lines)")
        #expect(
            configurationLayers(nil, ["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "numa:nodes=0,0"]).lines(file: "c").first
                == "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION: error: system.sharding.cpu_allocation: NUMA node 0 is listed twice"
        )
    }

    private func sections(_ file: URL) throws -> [(name: String, text: String)] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "=== ").map { section in
            let end = section.firstIndex(of: "\n") ?? section.endIndex
            return (String(section[..<end]), String(section[end...].dropFirst()))
        }
    }

    @Test func `a binary file is refused at its first byte that is no text`() {
        let binary = ConfigurationLayers(file: [0x7F, 0x45, 0x4C, 0x46, 0xFF, 0, 0, 0x0A], environment: [:])
        let picture = ConfigurationLayers(file: [0x61, 0x3D, 0, 0, 0], environment: [:])

        #expect(binary.lines(file: "elf").first == "elf:1:5: error: this is not UTF-8 text")
        #expect(picture.lines(file: "b").first?.contains("b:1:3: error: control character 0x00") == true)
    }
}
