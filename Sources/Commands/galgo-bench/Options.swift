import Client

/// What the command line asks for.
struct Options: Equatable {
    enum Mode: String {
        case produce, consume
    }

    var mode: Mode
    var address = Address()
    var user = "iggy"
    var password = "iggy"
    var stream = "bench"
    var topic = "bench"
    var partitionCount = 4
    /// One thread and one TCP connection each.
    var connectionCount = 4
    /// Messages in a request to send, or asked for by a poll.
    var batchCount = 1000
    /// Payload bytes in a message.
    var payloadByteCount = 256
    /// Requests sent ahead on a connection before a reply is waited for.
    var inFlightMax = 1
    var seconds = 10
    /// Seconds before the measured ones, not counted.
    var warmupSeconds = 1
    /// Makes the stream and the topic if they are missing.
    var creates = true
    /// Leaves a stream that this run made.
    var keeps = false
    /// Consumes each message once and stops, instead of starting over until the time is up.
    var readsOnce = false
    var printsJSON = false
}

/// What is wrong with the command line, in one line.
struct UsageError: Error, Equatable {
    let line: String
}

// MARK: - Parsing

extension Options {
    /// Reads the words behind the program's name; nil when they ask for help.
    init?(arguments: [String]) throws(UsageError) {
        guard !arguments.contains("--help"), !arguments.contains("-h"), arguments.first != "help" else { return nil }
        guard let first = arguments.first else {
            throw UsageError(line: "say produce or consume")
        }
        guard let mode = Mode(rawValue: first) else {
            throw UsageError(line: "\"\(first)\" is neither produce nor consume")
        }
        self.init(mode: mode)
        var rest = arguments.dropFirst()
        while let flag = rest.popFirst() {
            try take(flag, &rest)
        }
        try check()
    }

    private mutating func take(_ flag: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        switch flag {
        case "--address": address = try Self.address(Self.text(flag, &rest))
        case "--user": user = try Self.text(flag, &rest)
        case "--password": password = try Self.text(flag, &rest)
        case "--stream": stream = try Self.text(flag, &rest)
        case "--topic": topic = try Self.text(flag, &rest)
        case "--partitions": partitionCount = try Self.number(flag, 1...1000, &rest)
        case "--connections": connectionCount = try Self.number(flag, 1...1000, &rest)
        case "--batch": batchCount = try Self.number(flag, 1...100_000, &rest)
        case "--bytes": payloadByteCount = try Self.number(flag, 0...64_000_000, &rest)
        case "--in-flight": inFlightMax = try Self.number(flag, 1...1000, &rest)
        case "--seconds": seconds = try Self.number(flag, 1...86_400, &rest)
        case "--warmup": warmupSeconds = try Self.number(flag, 0...3600, &rest)
        case "--no-create": creates = false
        case "--keep": keeps = true
        case "--once": readsOnce = true
        case "--json": printsJSON = true
        default: throw UsageError(line: "there is no flag \(flag)")
        }
    }

    private func check() throws(UsageError) {
        if batchCount * (payloadByteCount + 64) > 64_000_000 {
            throw UsageError(line: "--batch \(batchCount) of --bytes \(payloadByteCount) is more than 64 MB in a request")
        }
        if mode == .consume, connectionCount > partitionCount {
            throw UsageError(
                line: "--connections \(connectionCount) is more than --partitions \(partitionCount): some would idle")
        }
        if mode == .produce, readsOnce {
            throw UsageError(line: "--once is for consume")
        }
    }

    private static func text(_ flag: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let value = rest.popFirst(), !value.isEmpty else {
            throw UsageError(line: "\(flag) needs a value")
        }
        return value
    }

    private static func number(
        _ flag: String, _ range: ClosedRange<Int>, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> Int {
        let value = try text(flag, &rest)
        guard let number = Int(value), range.contains(number) else {
            throw UsageError(
                line: "\(flag) is a number from \(range.lowerBound) to \(range.upperBound), not \"\(value)\"")
        }
        return number
    }

    private static func address(_ text: String) throws(UsageError) -> Address {
        guard let address = Address(text) else {
            throw UsageError(line: "--address is host:port, not \"\(text)\"")
        }
        return address
    }
}
