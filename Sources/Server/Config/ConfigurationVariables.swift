import Primitives

/// The environment against the table of keys: `IGGY_SYSTEM_SEGMENT_SIZE` and so on.
struct ConfigurationVariables {
    private(set) var problems: [Problem] = []
    private(set) var settings: [ConfigurationFile.Setting] = []
    /// Keys whose variables cannot be read.
    private(set) var wrongKeys: [String] = []

    /// How many tables of an array can be set, as in Iggy.
    static let elementsMax = 10

    /// What the process reads beside the keys, and what Iggy's tools leave in an environment.
    private static let others = [
        "GALGO_FAIL_SHARDS_ON_SIGNAL", "GALGO_LOG", "GALGO_LOG_FORMAT", "IGGY_CI_BUILD", "IGGY_CONFIG_PATH",
        "IGGY_CONNECTORS_CONFIG_PATH",
        "IGGY_DISPLAY_CONFIG", "IGGY_ENV_PATH", "IGGY_MCP_CONFIG_PATH", "IGGY_ROOT_PASSWORD", "IGGY_ROOT_USERNAME",
        "IGGY_SHARD_RUNTIME_CAPACITY", "IGGY_TEST_CLEANUP_DISABLED", "IGGY_TEST_CLUSTER_NODES", "IGGY_TEST_VERBOSE",
    ]
    private static let otherPrefixes = ["IGGY_CONNECTORS_SINK_", "IGGY_CONNECTORS_SOURCE_"]

    /// An empty variable counts as none.
    init(reading environment: [String: String]) {
        var known = Self.others
        for key in Keys.all where !key.isField {
            let name = key.variable()
            known.append(name)
            if key.kind == .tables { known += readTables(key, environment) }
            if let text = environment[name], !text.isEmpty, let value = value(of: text, for: key, named: name) {
                settings.append(.init(key: key, value: value, source: .variable(name)))
            }
        }
        var unknownCount = 0
        for name in environment.keys.sorted() where name.hasPrefix("IGGY_") || name.hasPrefix("GALGO_") {
            guard !known.contains(name), !Self.otherPrefixes.contains(where: name.hasPrefix) else { continue }
            unknownCount += 1
            let isShown = unknownCount <= [Problem].shownMax
            let near = isShown ? Self.near(name, among: known) : []
            problems.append(
                Problem(
                    .warning, .variable(shortened(name)), "no setting of this version; it has no effect",
                    suggestion: near.isEmpty ? nil : "did you mean \(near.joined(separator: ", "))?"))
        }
    }

    /// Names that are hardly another, and those that have one part more: `IGGY_SYSTEM_PATH` for `IGGY_PATH`.
    private static func near(_ name: String, among known: [String]) -> [String] {
        let parts = name.split(separator: "_")
        let longer = known.filter { candidate in
            let more = candidate.split(separator: "_")
            guard parts.count > 1, more.count == parts.count + 1 else { return false }
            return (1..<more.count - 1).contains { more[..<$0] + more[($0 + 1)...] == parts[...] }
        }
        // A key's name before what is no key's.
        let keys = longer.filter { name in Keys.all.contains { !$0.isField && $0.variable() == name } }
        let slips = Suggestion.nearest(to: name, among: known, count: 3, reach: .far)
        let ordered = slips + keys + longer
        return Array(
            ordered.enumerated().filter { place, name in !ordered[..<place].contains(name) }.map(\.element).prefix(3))
    }

    /// Setting one field of one table replaces the whole array; a table that is left out in between is an error. The
    /// names of all variables that set fields.
    private mutating func readTables(_ key: Key, _ environment: [String: String]) -> [String] {
        let fields = Keys.all.filter { $0.path.hasPrefix(key.path + "[]") }
        var names: [String] = []
        var tables: [[Value.Field]] = []
        var count = 0
        for element in 0..<Self.elementsMax {
            var table: [Value.Field] = []
            for field in fields {
                let name = field.variable(element: element)
                names.append(name)
                guard let text = environment[name], !text.isEmpty else { continue }
                count = element + 1
                guard let value = value(of: text, for: field, named: name) else {
                    wrongKeys.append(key.path)
                    continue
                }
                table.append(.init(path: String(field.path.dropFirst(key.path.count + 3)), value: value))
            }
            tables.append(table.sorted { $0.path < $1.path })
        }
        guard count > 0 else { return names }
        for (element, table) in tables.prefix(count).enumerated() {
            for missing in Keys.missingFields(of: key, in: table) {
                let field = Keys.byPath["\(key.path)[].\(missing)"]?.variable(element: element) ?? ""
                // One that cannot be read is told.
                guard environment[field]?.isEmpty ?? true else { continue }
                problems.append(
                    Problem(
                        .error, .variable(field),
                        "not set, and each table of \(key.path) needs it: variables replace all of them"))
            }
        }
        let source = Problem.Source.variable(key.variable() + "_…")
        settings.append(.init(key: key, value: .tables(Array(tables.prefix(count))), source: source))
        return names
    }

    private mutating func value(of text: String, for key: Key, named name: String) -> Value? {
        do throws(Malformed) {
            return try Value(variable: text, of: key.kind)
        } catch {
            problems.append(
                Problem(
                    .error, .variable(name), "\(key.path): \(error)",
                    suggestion: Hint.suggestion(for: .string(text), of: key)))
            wrongKeys.append(key.path)
            return nil
        }
    }
}
