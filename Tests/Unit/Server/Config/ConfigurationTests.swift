import Foundation
import Platform
import Primitives
import Server
import Support
import Testing
import Wire

/// The defaults with a file and the environment over them.
func configurationLayers(_ text: String? = nil, _ environment: [String: String] = [:]) -> ConfigurationLayers {
    ConfigurationLayers(file: text.map { Array($0.utf8) }, environment: environment)
}

/// Where a configuration comes from, what wins, and what a command line says.
@Suite struct ConfigurationTests {
    private func configuration(
        _ text: String? = nil, _ environment: [String: String] = [:], usesDefaultCredentials: Bool = false
    ) throws -> Configuration {
        let layers = configurationLayers(text, environment)
        #expect(layers.lines(file: "config.toml").filter { $0.contains("error:") } == [])
        return try Configuration(layers, environment: environment, usesDefaultCredentials: usesDefaultCredentials)
    }

    // MARK: Layers

    @Test func `without settings the defaults of the field hold`() throws {
        let configuration = try configuration()

        #expect(configuration.dataDirectory == "local_data")
        #expect(configuration.tcpHost == "127.0.0.1")
        #expect(configuration.tcpPort == 8_090)
        #expect(configuration.segmentSize.bytes == 1 << 30)
        #expect(!configuration.enforcesSync)
        #expect(configuration.cpuAllocation == .all)
        #expect(configuration.pinsCores)
        #expect(configurationLayers().problems == [])
    }

    @Test func `a file wins over the defaults, and the environment over both`() throws {
        let file = """
            [tcp]
            address = "[::1]:9000"
            [system]
            path = "/data"
            segment.size = "2 MiB"
            [system.sharding]
            cpu_allocation = 3
            """
        let configuration = try configuration(
            file,
            [
                "IGGY_SYSTEM_SEGMENT_SIZE": "1 MiB", "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "TRUE",
                "IGGY_SYSTEM_PATH": "", "IGGY_ROOT_USERNAME": "admin", "IGGY_ROOT_PASSWORD": "secret",
            ])

        #expect(configuration.dataDirectory == "/data", "an empty variable counts as none")
        #expect(configuration.tcpHost == "::1")
        #expect(configuration.tcpPort == 9_000)
        #expect(configuration.segmentSize.bytes == 1 << 20)
        #expect(configuration.enforcesSync)
        #expect(configuration.cpuAllocation == .count(3))
        #expect(configuration.rootName == "admin")
        #expect(configuration.rootPassword == Secret("secret"))
    }

    @Test func `a variable is read by its key and never by its looks`() throws {
        let layers = configurationLayers(
            nil,
            [
                "IGGY_CLUSTER_NAME": "12345", "IGGY_TELEMETRY_SERVICE_NAME": "true", "IGGY_HEARTBEAT_INTERVAL": "0",
                "IGGY_HTTP_CORS_ALLOWED_ORIGINS": "[a, \"b,c\", 'true', 4]", "IGGY_SYSTEM_TOPIC_MESSAGE_EXPIRY": "1M",
                "IGGY_SYSTEM_LOGGING_MAX_FILE_SIZE": "1.5 GiB", "IGGY_SYSTEM_SEGMENT_CACHE_INDEXES": "None",
                "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "4", "IGGY_SYSTEM_BACKUP_PATH": "\"quoted\"",
            ])

        #expect(!layers.hasErrors)
        #expect(layers.effective["cluster.name"].value == .text("12345"))
        #expect(layers.effective["telemetry.service_name"].value == .text("true"))
        #expect(layers.effective["heartbeat.interval"].value == .interval(.zero))
        #expect(layers.effective["http.cors.allowed_origins"].value == .texts(["a", "b,c", "true", "4"]))
        #expect(layers.effective.expiry("system.topic.message_expiry") == .after(Interval(seconds: 2_630_016)))
        #expect(layers.effective.size("system.logging.max_file_size").bytes == 1_610_612_736)
        #expect(layers.effective["system.segment.cache_indexes"].value == .indexCache(.none))
        #expect(layers.effective.allocation("system.sharding.cpu_allocation") == .count(4))
        #expect(layers.effective["system.backup.path"].value == .text("\"quoted\""))
    }

    @Test(arguments: [
        ("IGGY_SYSTEM_SEGMENT_SIZE", "-1"), ("IGGY_SYSTEM_SEGMENT_SIZE", "512 \u{7}MB"),
        ("IGGY_HEARTBEAT_INTERVAL", "1000"),
        ("IGGY_TCP_ENABLED", "1"), ("IGGY_TCP_ENABLED", "on"), ("IGGY_TCP_ADDRESS", "127.0.0.1:+18092"),
        ("IGGY_TCP_ADDRESS", "127.0.0.1:"), ("IGGY_SYSTEM_SHARDING_CPU_ALLOCATION", "1.5"),
        ("IGGY_PERSONAL_ACCESS_TOKEN_MAX_TOKENS_PER_USER", "10_000"), ("IGGY_HTTP_CORS_ALLOWED_ORIGINS", "*"),
        ("IGGY_CLUSTER_NODE_OTHERS", "x"), ("IGGY_SYSTEM_SHARDING_CPU_ALLOCATION", "\u{1b}[31m5"),
    ])
    func `a variable that is wrong is named, and its control characters are not obeyed`(name: String, text: String) {
        let layers = configurationLayers(nil, [name: text])
        let lines = layers.lines(file: "config.toml")

        #expect(layers.problems.count == 1)
        #expect(lines.first?.contains(name == "IGGY_TCP_ADDRESS" ? name : "\(name): ") == true, "\(lines)")
        #expect(lines.allSatisfy { $0 == printable($0) })
    }

    @Test func `variables for the tables of an array replace all of them, and need every field`() {
        let whole = configurationLayers(
            "[[cluster.node.others]]\nname = \"x\"\nip = \"y\"",
            [
                "IGGY_CLUSTER_NODE_OTHERS_0_NAME": "b", "IGGY_CLUSTER_NODE_OTHERS_0_IP": "10.0.0.2",
                "IGGY_CLUSTER_NODE_OTHERS_0_PORTS_TCP": "8091",
            ])
        let hole = configurationLayers(
            nil, ["IGGY_CLUSTER_NODE_OTHERS_1_NAME": "b", "IGGY_CLUSTER_NODE_OTHERS_1_IP": "10.0.0.2"])

        #expect(!whole.hasErrors)
        #expect(
            whole.effective["cluster.node.others"].value.description
                == "[{ ip = \"10.0.0.2\", name = \"b\", ports.tcp = 8091 }]")
        #expect(hole.lines(file: "").first?.hasPrefix("IGGY_CLUSTER_NODE_OTHERS_0_NAME: error:") == true)
    }

    @Test func `a misspelt variable is pointed out with what may have been meant`() {
        let lines = configurationLayers(
            nil,
            [
                "IGGY_TCP_ADRESS": "x", "IGGY_PARTITION_ENFORCE_FSYNC": "true", "HOME": "z",
                "GALGO_FAIL_SHARDS_ON_SIGNAL": "1",
                "IGGY_DISPLAY_CONFIG": "true", "IGGY_CONNECTORS_SINK_A": "b",
            ]
        ).lines(file: "")

        #expect(
            lines == [
                "IGGY_PARTITION_ENFORCE_FSYNC: warning: no setting of this version; it has no effect",
                "      = did you mean IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC?",
                "IGGY_TCP_ADRESS: warning: no setting of this version; it has no effect",
                "      = did you mean IGGY_TCP_ADDRESS?",
            ])
    }

    // MARK: Notices

    @Test func `a size in bits is taken as such, and said`() {
        let lines = configurationLayers("[system.segment]\nsize = \"512 Mb\"").lines(file: "c.toml")

        #expect(
            lines == [
                "c.toml:2:8: warning: system.segment.size: a lower-case b counts bits: this is 64000000 bytes",
                "    2 | size = \"512 Mb\"", "      |        ^^^^^^^^", "      = write a capital B for bytes",
            ])
    }

    @Test func `keys that change nothing make one line, and only if they say something else than holds anyway`() {
        let lines = configurationLayers(
            """
            [http]
            enabled = true
            address = "0.0.0.0:3000"
            [system.backup]
            path = "elsewhere"
            [message_bus]
            max_batch = 256
            [cluster.tls]
            whatever = true
            """
        ).lines(file: "c.toml")

        #expect(
            lines == [
                "note: without effect: http.address (this version has no HTTP); system.backup.path (no version of Iggy "
                    + "uses it); message_bus.max_batch, cluster.tls (of Iggy 0.9)"
            ])
    }

    @Test func `the old name of the size of a log file is taken, with a note`() {
        let layers = configurationLayers("[system.logging]\nmax_size = \"1 MB\"")

        #expect(!layers.hasErrors)
        #expect(layers.effective.size("system.logging.max_file_size").bytes == 1_000_000)
        #expect(layers.lines(file: "c").contains { $0.contains("note: system.logging.max_size is now called") })
    }

    @Test func `shards that this machine cannot have are refused where they are asked for`() {
        let topology = Topology(
            cpus: (0..<2).map { .init(number: $0, core: $0, node: nil, isAllowed: true) }, quotaMilliCPU: nil,
            memoryBytes: 8 << 30)
        for (setting, reason) in [
            ("3", "3 shards on 2 available CPUs"), ("\"0..3\"", "3 shards on 2 available CPUs"),
            ("\"1..3\"", "this process may not use CPU 2"), ("\"numa:nodes=1\"", "this machine has no NUMA nodes"),
        ] {
            let text = "[system.sharding]\ncpu_allocation = \(setting)"
            var layers = configurationLayers(text)
            #expect(!layers.hasErrors)
            let wrong = #expect(throws: Problem.self) { try Placement(layers.effective, on: topology) }
            layers.add(wrong.map { [$0] } ?? [])
            let lines = layers.lines(file: "c")
            #expect(lines.first?.hasPrefix("c:2:18: error: system.sharding.cpu_allocation = ") == true, "\(lines)")
            #expect(lines.first?.contains(reason) == true, "\(lines)")

            let variable = configurationLayers(
                nil, ["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": setting.replacingOccurrences(of: "\"", with: "")])
            let named = #expect(throws: Problem.self) { try Placement(variable.effective, on: topology) }
            #expect(named?.source == .variable("IGGY_SYSTEM_SHARDING_CPU_ALLOCATION"))
        }
    }

    // MARK: Much of it

    @Test func `of thousands of mistakes the first are told and the others counted`() {
        let file = (0..<20_000).map { "unknown_key_\($0) = 1\n" }.joined()
        let environment = Dictionary(uniqueKeysWithValues: (0..<20_000).map { ("IGGY_UNKNOWN_\($0)", "1") })

        var (keys, variables): ([String], [String]) = ([], [])
        let time = cpuTime {
            keys = configurationLayers(file).lines(file: "c")
            variables = configurationLayers(nil, environment).lines(file: "c")
        }

        #expect(time < .seconds(30))
        #expect(keys.count { $0.hasPrefix("c:") } == 50)
        #expect(keys.last == "… and 19950 more errors")
        #expect(variables.count { $0.hasPrefix("IGGY_") } == 50)
        #expect(variables.last == "… and 19950 others")
        #expect(configurationLayers(file).problems.errorCount == 20_000)
    }

    @Test func `a long value is told by its beginning`() {
        let long = String(repeating: "x", count: 10_000)

        for lines in [
            configurationLayers("[system.segment]\nsize = \"1 \(long)\"").lines(file: "c"),
            configurationLayers("\(long) = 1").lines(file: "c"),
            configurationLayers(nil, ["IGGY_HEARTBEAT_INTERVAL": long]).lines(file: "c"),
            configurationLayers(nil, ["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": long]).lines(file: "c"),
            configurationLayers(nil, ["IGGY_\(long)": "1"]).lines(file: "c"),
        ] {
            #expect(!lines.isEmpty && lines.allSatisfy { $0.utf8.count < 400 }, "\(lines)")
        }
    }

    @Test(arguments: [
        ("[a, b,]", ["a", "b"]), ("[a, b, ]", ["a", "b"]), ("[]", []), ("[ ]", []), ("[\"\"]", [""]),
        ("[a, \"\"]", ["a", ""]), ("[,a]", ["", "a"]),
    ])
    func `a comma behind the last item of a list begins no other`(text: String, items: [String]) {
        let effective = configurationLayers(nil, ["IGGY_HTTP_CORS_ALLOWED_ORIGINS": text]).effective

        #expect(effective["http.cors.allowed_origins"].value == .texts(items))
        #expect(configurationLayers(nil, ["IGGY_HTTP_CORS_ALLOWED_ORIGINS": "[a, \"b]"]).hasErrors)
    }

    // MARK: Whole files

    /// Iggy 0.8's own file, by the list of its keys and defaults.
    @Test func `the field's default configuration loads without an error, written in full`() {
        let defaults = ConfigurationDump.toml(Effective())
        let layers = configurationLayers(defaults)

        #expect(layers.lines(file: "config.toml") == [])
        #expect(Effective().entries.count > 150)
    }

    @Test func `the file in the repository says what holds without it`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let layers = ConfigurationLayers(
            file: [UInt8](try Data(contentsOf: root.appendingPathComponent("config.toml"))), environment: [:])

        #expect(layers.lines(file: "config.toml") == [])
        let unsaid = layers.effective.entries.filter { $0.source == .standard && $0.value != .unset }
        #expect(unsaid.map(\.key) == [], "every key is in the file")
        let standard = Effective()
        #expect(layers.effective.entries.allSatisfy { $0.value == standard[$0.key].value })
    }

    @Test func `what is dumped reads back as the same configuration`() throws {
        let original = configurationLayers(
            """
            [system]
            path = "a \\"quoted\\" \\\\ path\\n"
            [system.logging]
            max_file_size = "1.024 MB"
            retention = "1 year 3 ns"
            [system.topic]
            message_expiry = "1M"
            max_size = "10 GiB"
            [system.segment]
            cache_indexes = true
            [system.sharding]
            cpu_allocation = "numa:cores=4;no_ht=false"
            [[cluster.node.others]]
            name = "b"
            ip = "10.0.0.2"
            ports.tcp = 1
            [http.jwt]
            encoding_secret = "hidden"
            """, ["IGGY_HTTP_CORS_ALLOWED_ORIGINS": "[a,\"b\"]"])
        let text = ConfigurationDump.toml(original.effective)
        let again = configurationLayers(text, ["IGGY_HTTP_JWT_ENCODING_SECRET": "hidden"])

        #expect(!original.hasErrors && !again.hasErrors, "\(again.lines(file: "dump"))")
        for entry in original.effective.entries { #expect(again.effective[entry.key].value == entry.value) }
        #expect(!text.contains("hidden") && !ConfigurationDump.json(original.effective).contains("hidden"))
        #expect(text.contains("allowed_origins = [\"a\", \"b\"]  # IGGY_HTTP_CORS_ALLOWED_ORIGINS"))
        let json = try JSON(parsing: ConfigurationDump.json(original.effective))
        #expect(json["system.logging.max_file_size"]?["value"]?.string == "1.024 MB")
        #expect(json["system.logging.max_file_size"]?["source"]?.string == "file")
        #expect(json["tcp.address"]?["source"]?.string == "default")
    }

    @Test func `a dump says of each secret whether it is set, and is no file before the secret is there`() throws {
        let original = configurationLayers("[http.jwt]\nencoding_secret = \"\"\ndecoding_secret = \"hidden\"").effective
        let text = ConfigurationDump.toml(original)
        let json = try JSON(parsing: ConfigurationDump.json(original))
        let lines = configurationLayers(text).lines(file: "c").filter { !$0.hasPrefix(" ") }

        #expect(text.contains("\nencoding_secret = \"\"  # file\n"))
        #expect(text.contains("\ndecoding_secret = \"********\"  # file; the secret is not shown\n"))
        #expect(text.contains("\nkey = \"\"  # default\n"))
        #expect(json["http.jwt.encoding_secret"]?["value"]?.string == "")
        #expect(json["http.jwt.decoding_secret"]?["value"]?.string == "********")
        #expect(lines.count == 1, "\(lines)")
        #expect(
            lines.first?.hasSuffix(
                "error: http.jwt.decoding_secret: this stands in a dump for a secret that is not shown")
                == true)
    }

    // MARK: The first account

    @Test func `a name without a password is refused, and lengths are bounded`() {
        for environment in [
            ["IGGY_ROOT_USERNAME": "admin"], ["IGGY_ROOT_PASSWORD": "secret"],
            ["IGGY_ROOT_USERNAME": "ab", "IGGY_ROOT_PASSWORD": "secret"],
            ["IGGY_ROOT_USERNAME": "admin", "IGGY_ROOT_PASSWORD": "ab"], ["GALGO_FAIL_SHARDS_ON_SIGNAL": "maybe"],
        ] {
            #expect(throws: ConfigurationProblems.self) { try configuration(nil, environment) }
        }
    }

    @Test func `the default credentials fill in what is missing`() throws {
        let both = try configuration(usesDefaultCredentials: true)
        let named = try configuration(nil, ["IGGY_ROOT_USERNAME": "admin"], usesDefaultCredentials: true)
        let neither = try configuration(
            nil, ["IGGY_ROOT_USERNAME": "admin", "IGGY_ROOT_PASSWORD": "secret"], usesDefaultCredentials: true)

        #expect(both.rootName == "iggy" && both.rootPassword == Secret("iggy") && both.usesDefaultCredentials)
        #expect(named.rootName == "admin" && named.rootPassword == Secret("iggy"))
        #expect(neither.rootPassword == Secret("secret") && !neither.usesDefaultCredentials)
    }

    // MARK: The command line

    @Test func `a command line says what is to be done`() throws {
        var serving = Invocation.Serving()
        serving.file = "a.toml"
        serving.usesDefaultCredentials = true

        #expect(try Invocation([]) == .serve(.init()))
        #expect(try Invocation(["--config", "a.toml", "--with-default-root-credentials"]) == .serve(serving))
        #expect(try Invocation(["--with-default-root-credentials", "--config=a.toml"]) == .serve(serving))
        #expect(try Invocation(["-c", "file"]) == .serve(.init()))
        #expect(try Invocation(["config", "check", "a.toml"]) == .checkConfiguration(file: "a.toml"))
        #expect(try Invocation(["config", "dump", "--json"]) == .dumpConfiguration(file: nil, asJSON: true))
        #expect(
            try Invocation(["topology", "--synthetic", "core:4 pu:2"])
                == .showTopology(synthetic: "core:4 pu:2", file: nil))
        #expect(try Invocation(["config", "--json", "dump"]) == .dumpConfiguration(file: nil, asJSON: true))
        #expect(try Invocation(["--json", "config", "dump", "a"]) == .dumpConfiguration(file: "a", asJSON: true))
        #expect(try Invocation(["--config", "a", "config", "check"]) == .checkConfiguration(file: "a"))
        #expect(try Invocation(["--json", "doctor", "--config=a"]) == .diagnose(file: "a", asJSON: true))
        #expect(try Invocation(["config", "--help"]) == .showHelp(.config))
        #expect(try Invocation(["-h", "user", "reset-password"]) == .showHelp(.user))
        #expect(try Invocation(["--help"]) == .showHelp(nil))
        var iggys = Invocation.Serving()
        iggys.removesData = true
        iggys.idleOptions = ["--follower", "--replica-id"]
        #expect(try Invocation(["-f", "--replica-id", "2", "--follower"]) == .serve(iggys))
        for wrong in ["x", "256", "-1"] {
            #expect(throws: Invocation.Wrong.self) { try Invocation(["--replica-id", wrong]) }
        }
        #expect(try Invocation(["-V"]) == .showVersion)
    }

    @Test(arguments: [
        ["--confg", "a"], ["--config"], ["--config", "a", "--config", "b"], ["-c", "http"], ["config"],
        ["config", "chek"], ["config", "check", "a", "b"], ["config", "check", "--json"], ["topology", "core:4"],
        ["serve"], ["--config="], ["\u{1b}[2J"], ["--json"], ["doctor", "--fresh"], ["--json=yes", "doctor"],
        ["config", "check", "a", "--config", "b"], ["topology", "--json"], ["--synthetic", "core:2"],
    ])
    func `another command line is refused in words`(arguments: [String]) {
        let wrong = #expect(throws: Invocation.Wrong.self) { try Invocation(arguments) }
        #expect(wrong.map { $0.message == printable($0.message) } == true)
    }

    @Test func `text for a terminal shows control characters`() {
        #expect(printable("a\u{1b}[31mb\n") == "a\\u{1b}[31mb\\u{a}")
    }
}
