/// What single values cannot tell: bounds, and keys that have to fit each other. Iggy's rules, with ours where they
/// are stricter.
struct Validation {
    /// With the keys that they are about.
    private(set) var problems: [(key: String, problem: Problem)] = []
    private let effective: Effective
    private let texts: WrittenTexts
    private let doubts: Doubts

    /// - Parameter doubts: about keys, which are not held against others.
    init(_ effective: Effective, _ texts: WrittenTexts, doubts: Doubts) {
        self.effective = effective
        self.texts = texts
        self.doubts = doubts
        checkMemory()
        checkIntervals()
        checkSegments()
        checkTelemetry()
        checkCluster()
        checkLogging()
        checkTopics()
        checkTransports()
        checkSharding()
    }

    private mutating func require(_ holds: Bool, _ path: String, _ message: String, suggestion: String? = nil) {
        guard !holds else { return }
        problems.append(
            (path, Problem(.error, effective[path].source, "\(path): \(message)", suggestion: suggestion)))
    }

    /// Of each key it is known what it means.
    private func areSure(_ paths: String...) -> Bool { !paths.contains { doubts.cover(effective[$0]) } }

    /// The flag is set, for sure.
    private func isSet(_ path: String) -> Bool { effective.flag(path) && areSure(path) }

    /// The value of a key as it was written.
    private func told(_ path: String) -> String { texts.told(effective[path]) }

    private mutating func checkMemory() {
        if let limit = effective.sizeIfSet("galgo.memory_limit") {
            require(
                limit.bytes >= MemoryPlan.limitBytesMin && limit.bytes <= 1 << 46, "galgo.memory_limit",
                "\(told("galgo.memory_limit")) is not from 64 MiB to 64 TiB")
        }
        guard isSet("system.memory_pool.enabled") else { return }
        let pool = "system.memory_pool.size"
        let size = effective.size(pool)
        require(size.bytes >= 512 << 20, pool, "\(told(pool)) is less than 512 MiB")
        require(size.bytes.isMultiple(of: 4_096), pool, "\(told(pool)) is no multiple of 4096 bytes")
        let capacity = effective.integer("system.memory_pool.bucket_capacity")
        require(
            capacity >= 128 && capacity.nonzeroBitCount == 1, "system.memory_pool.bucket_capacity",
            "\(capacity) is no power of two from 128 on")
    }

    private mutating func checkIntervals() {
        let drain = effective.interval("system.sharding.shutdown_drain_timeout")
        require(
            drain <= Interval(seconds: 600), "system.sharding.shutdown_drain_timeout",
            "\(told("system.sharding.shutdown_drain_timeout")) is more than 10 minutes")
        if isSet("data_maintenance.messages.cleaner_enabled") {
            require(
                effective.interval("data_maintenance.messages.interval") > .zero, "data_maintenance.messages.interval",
                "it cannot be zero while the cleaner is enabled")
        }
        if isSet("personal_access_token.cleaner.enabled") {
            require(
                effective.interval("personal_access_token.cleaner.interval") > .zero,
                "personal_access_token.cleaner.interval", "it cannot be zero while the cleaner is enabled")
        }
        require(
            effective.integer("personal_access_token.max_tokens_per_user") > 0,
            "personal_access_token.max_tokens_per_user", "it cannot be 0")
    }

    private mutating func checkSegments() {
        let size = effective.size("system.segment.size")
        require(
            size.bytes >= 512 && size.bytes <= Configuration.segmentSizeMax && size.bytes.isMultiple(of: 512),
            "system.segment.size", "\(told("system.segment.size")) is no multiple of 512 bytes from 512 B to 1 GiB")
    }

    private mutating func checkTelemetry() {
        for part in ["logs", "traces"] {
            let transport = effective.text("telemetry.\(part).transport")
            require(
                transport == "grpc" || transport == "http", "telemetry.\(part).transport",
                "\(quoted(transport)) is neither grpc nor http")
            if isSet("telemetry.enabled") {
                require(
                    !effective.text("telemetry.\(part).endpoint").isEmpty, "telemetry.\(part).endpoint", "it is empty")
            }
        }
        if isSet("telemetry.enabled") {
            require(!isBlank("telemetry.service_name"), "telemetry.service_name", "it is blank")
        }
    }

    private mutating func checkCluster() {
        guard isSet("cluster.enabled") else { return }
        require(!isBlank("cluster.name"), "cluster.name", "it is blank")
        require(!isBlank("cluster.node.current.name"), "cluster.node.current.name", "it is blank")
        guard areSure("cluster.node.others"), case .tables(let others) = effective["cluster.node.others"].value
        else { return }
        var names = [effective.text("cluster.node.current.name")]
        var places: [String] = []
        for fields in others {
            let text = { (path: String) -> String in
                guard case .text(let text)? = fields.first(where: { $0.path == path })?.value else { return "" }
                return text
            }
            let (name, address) = (text("name"), text("ip"))
            require(!name.allSatisfy(\.isWhitespace), "cluster.node.others", "a name is blank")
            require(!address.allSatisfy(\.isWhitespace), "cluster.node.others", "an ip is blank")
            require(
                !names.contains(name) || !areSure("cluster.node.current.name"), "cluster.node.others",
                "the name \(quoted(name)) is given twice")
            names.append(name)
            for transport in ["tcp", "quic", "http", "websocket"] {
                guard case .integer(let port)? = fields.first(where: { $0.path == "ports.\(transport)" })?.value
                else { continue }
                require(port > 0, "cluster.node.others", "the \(transport) port of \(quoted(name)) is 0")
                let place = "\(transport) \(address):\(port)"
                require(!places.contains(place), "cluster.node.others", "\(printable(place)) is given twice")
                places.append(place)
            }
        }
    }

    private mutating func checkLogging() {
        require(!effective.text("system.logging.level").isEmpty, "system.logging.level", "it is empty")
        let second = Interval(seconds: 1)
        for path in ["system.logging.rotation_check_interval", "system.logging.retention"] {
            require(
                effective.interval(path) >= second, path, "\(told(path)) is less than a second",
                suggestion: effective.interval(path) == .zero
                    ? "nothing turns it off; write a long one: `100 years`" : nil)
        }
        let (total, file) = (
            effective.size("system.logging.max_total_size"), effective.size("system.logging.max_file_size")
        )
        let isFileSet = effective["system.logging.max_file_size"].source != .standard
        let areKnown =
            areSure("system.logging.max_total_size", "system.logging.max_file_size")
            && (isFileSet || areSure("system.logging.max_size"))
        require(
            !areKnown || total.bytes == 0 || total.bytes >= file.bytes, "system.logging.max_total_size",
            "\(told("system.logging.max_total_size")) is less than system.logging.max_file_size, \(file)")
        for path in ["system.logging.path", "system.runtime.path"] {
            require(
                !isAmongData(effective.text(path)), path,
                "\(told(path)) is where the server has messages and its catalog")
        }
    }

    /// The directory is the data directory itself, or one that the server keeps its data in.
    private func isAmongData(_ directory: String) -> Bool {
        var directory = directory[...]
        let root = effective.text("system.path")
        if areSure("system.path"), directory == root || directory.hasPrefix("\(root)/") {
            directory = directory.dropFirst(root.count)
        } else if directory.hasPrefix("/") {
            return false
        }
        guard let first = directory.split(separator: "/").first(where: { $0 != "." }) else { return true }
        return DataDirectory.storage.contains(String(first))
    }

    private mutating func checkTopics() {
        let limit = effective.topicSize("system.topic.max_size")
        require(
            limit != .serverDefault, "system.topic.max_size", "this means the server's default, which it would set",
            suggestion: "write `unlimited`")
        let segment = effective.size("system.segment.size")
        if case .bytes(let bytes) = limit {
            require(
                bytes >= segment.bytes || !areSure("system.topic.max_size", "system.segment.size"),
                "system.topic.max_size",
                "\(told("system.topic.max_size")) is less than system.segment.size, \(segment)")
        }
        let expiry = effective.expiry("system.topic.message_expiry")
        require(
            expiry != .serverDefault, "system.topic.message_expiry",
            "this means the server's default, which it would set", suggestion: "write `none`")
        require(
            expiry.microseconds > 0 || expiry == .serverDefault, "system.topic.message_expiry",
            "messages would expire at once", suggestion: "write `none` for never")
        if isSet("http.enabled") {
            require(
                effective.expiry("http.jwt.access_token_expiry") != .serverDefault, "http.jwt.access_token_expiry",
                "this means the server's default, which it would set")
        }
    }

    /// What is wrong on every machine.
    private mutating func checkSharding() {
        let path = "system.sharding.cpu_allocation"
        switch effective.allocation(path) {
        case .count(0): require(false, path, PlacementError.noShards.description)
        case .range(let start, let end):
            require(start < end, path, PlacementError.emptyRange(start: start, end: end).description)
        case .all, .count, .numa: break
        }
    }

    private mutating func checkTransports() {
        require(
            effective.flag("tcp.enabled"), "tcp.enabled", "without TCP this version serves nobody", suggestion: nil)
        do throws(Malformed) {
            _ = try ListenHost(parsing: effective.text("tcp.address"))
        } catch {
            require(false, "tcp.address", error.description)
        }
        let path = effective.text("system.path")
        require(!path.isEmpty, "system.path", "the data directory's path is empty")
        require(!path.utf8.contains(0), "system.path", "the data directory's path holds a zero byte")
    }

    private func isBlank(_ path: String) -> Bool {
        effective.text(path).allSatisfy(\.isWhitespace)
    }
}
