import Client

/// The result of a run, as a table for people or as JSON for scripts.
struct Report {
    let options: Options
    let tally: Tally
    /// Nanoseconds of the measured part.
    let elapsed: UInt64

    private var messagesPerSecond: UInt64 { perSecond(tally.messageCount) }
    private var bytesPerSecond: UInt64 { perSecond(tally.byteCount) }

    private func perSecond(_ count: UInt64) -> UInt64 {
        guard elapsed > 0 else { return 0 }
        // The product of bytes and nanoseconds needs more than 64 bits after a few seconds.
        return UInt64(UInt128(count) * 1_000_000_000 / UInt128(elapsed))
    }

    /// Name and per mille of the percentiles shown.
    private static let percentiles: [(name: String, perMille: UInt64)] = [
        ("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999),
    ]

    var table: String {
        let setup = """
            \(options.mode.rawValue): \(options.connectionCount) connections, \(options.partitionCount) partitions, \
            batches of \(options.batchCount) x \(options.payloadByteCount) bytes, \(options.inFlightMax) in flight
            """
        var rows = [
            ("messages", Format.grouped(tally.messageCount)),
            ("requests", Format.grouped(tally.requestCount)),
            ("seconds", Format.decimal(elapsed, unit: 1_000_000_000, digits: 2)),
            ("msg/s", Format.grouped(messagesPerSecond)),
            ("MB/s", Format.decimal(bytesPerSecond, unit: 1_000_000, digits: 1)),
        ]
        for (name, perMille) in Self.percentiles {
            rows.append(("latency \(name)", Format.duration(tally.latency.value(atPerMille: perMille))))
        }
        rows.append(("latency max", Format.duration(tally.latency.max)))
        return setup + "\n" + Format.aligned(rows)
    }

    var json: String {
        let latency = Self.percentiles.map { "\"\($0.name)\":\(tally.latency.value(atPerMille: $0.perMille))" }
        return """
            {"mode":"\(options.mode.rawValue)","connections":\(options.connectionCount),\
            "partitions":\(options.partitionCount),"batch":\(options.batchCount),"bytes":\(options.payloadByteCount),\
            "in_flight":\(options.inFlightMax),"elapsed_ns":\(elapsed),"requests":\(tally.requestCount),\
            "messages":\(tally.messageCount),"payload_bytes":\(tally.byteCount),\
            "messages_per_second":\(messagesPerSecond),"bytes_per_second":\(bytesPerSecond),\
            "latency_ns":{\(latency.joined(separator: ",")),"max":\(tally.latency.max)}}
            """
    }
}

/// Numbers for people, from integers.
enum Format {
    /// 1234567 as 1,234,567.
    static func grouped(_ value: UInt64) -> String {
        var text = ""
        for (index, digit) in String(value).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// `value / unit` with `digits` decimals, cut, not rounded.
    static func decimal(_ value: UInt64, unit: UInt64, digits: Int) -> String {
        guard digits > 0 else { return grouped(value / unit) }
        var rest = value % unit
        var text = grouped(value / unit) + "."
        for _ in 0..<digits {
            let (high, low) = rest.multipliedFullWidth(by: 10)
            let (digit, left) = unit.dividingFullWidth((high, low))
            text += String(digit)
            rest = left
        }
        return text
    }

    /// Nanoseconds in the unit that leaves one to three digits before the point.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<1000: "\(nanoseconds) ns"
        case ..<1_000_000: decimal(nanoseconds, unit: 1000, digits: 1) + " µs"
        case ..<1_000_000_000: decimal(nanoseconds, unit: 1_000_000, digits: 1) + " ms"
        default: decimal(nanoseconds, unit: 1_000_000_000, digits: 2) + " s"
        }
    }

    /// Names to the left, values to the right.
    static func aligned(_ rows: [(String, String)]) -> String {
        let left = rows.map(\.0.count).max() ?? 0
        let right = rows.map(\.1.count).max() ?? 0
        return rows.map { name, value in
            "  " + name + String(repeating: " ", count: left - name.count + 2)
                + String(repeating: " ", count: right - value.count) + value
        }.joined(separator: "\n")
    }
}
