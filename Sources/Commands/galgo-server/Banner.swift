import Server

/// One screen that says what runs where, what it promises, and how to try it.
struct Banner {
    let configuration: Configuration
    let placement: Placement
    /// The CPUs that each shard stays on; none when shards may run anywhere.
    let homes: [[UInt32]]
    let credentials: Credentials
    let port: UInt16

    var text: String {
        let address = configuration.tcpHost.contains(":")
            ? "[\(configuration.tcpHost)]:\(port)" : "\(configuration.tcpHost):\(port)"
        var lines = [
            "",
            "  Galgo \(Version.text) — persistent message streaming, Iggy-compatible (SDKs 0.7 and 0.8)",
            "",
            "  tcp         \(address)",
            "  data        \(printable(configuration.dataDirectory)), segments of \(configuration.segmentSize.bytes) bytes",
            "  durability  \(durability)",
            "  shards      \(placement.shards.count) — \(placement.reason)",
        ]
        lines += homes.prefix(8).enumerated().map { number, cpus in
            "              shard \(number) stays on CPUs \(cpus.map { String($0) }.joined(separator: ", "))"
        }
        if homes.count > 8 { lines.append("              …") }
        lines.append("  account     \(account)")
        lines += warnings
        lines += [
            "",
            "  Try it with an official client:   pip install apache-iggy==0.8.0",
            "",
            firstMessage(address),
            "",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var durability: String {
        configuration.enforcesSync
            ? "power — acknowledged after a sync: survives a power cut"
            : "process — acknowledged after the write: survives kill -9; a power cut may cost the last second"
    }

    private var account: String {
        let origin =
            switch credentials.source {
            case .environment: "\(printable(credentials.name)), from IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD"
            case .defaults: "iggy / iggy, from --with-default-root-credentials"
            case .generated: "iggy / \(credentials.shown ?? ""), made up now and not shown again"
            }
        return origin + " (a directory that has a root account keeps its own)"
    }

    private var warnings: [String] {
        let isLoopback = configuration.tcpHost.hasPrefix("127.") || ["localhost", "::1"].contains(configuration.tcpHost)
        guard credentials.source == .defaults, !isLoopback else { return [] }
        let warning = "  WARNING     the default password is open to the network: set IGGY_ROOT_PASSWORD"
        return [isTerminal ? "\u{1b}[31m\(warning)\u{1b}[0m" : warning]
    }

    private func firstMessage(_ address: String) -> String {
        let password = credentials.shown ?? (credentials.source == .defaults ? "iggy" : "PASSWORD")
        return """
                python3 - <<'END'
                import asyncio
                from apache_iggy import IggyClient, PollingStrategy, SendMessage
                async def main():
                    client = IggyClient("\(address)")
                    await client.connect()
                    await client.login_user("\(printable(credentials.name))", "\(password)")
                    await client.create_stream(name="hello")
                    await client.create_topic(stream="hello", name="world", partitions_count=1)
                    await client.send_messages(stream="hello", topic="world", partitioning=0, messages=[SendMessage("first message")])
                    for message in await client.poll_messages(stream="hello", topic="world", partition_id=0,
                            polling_strategy=PollingStrategy.First(), count=10, auto_commit=False):
                        print(message.offset(), message.payload())
                asyncio.run(main())
                END
            """
    }
}
