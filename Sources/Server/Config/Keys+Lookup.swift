import Primitives

extension Keys {
    static let byPath: SortedMap<String, Key> = {
        var map = SortedMap<String, Key>()
        for key in all { map[key.path] = key }
        return map
    }()

    /// Every path that leads to a key: `system`, `system.segment`, `cluster.node.others[].ports`.
    static let tables: [String] = {
        var tables: [String] = []
        for key in all {
            var path = key.path[...]
            while let dot = path.lastIndex(of: ".") {
                path = path[..<dot]
                tables.append(String(path))
            }
        }
        return ascending(tables)
    }()

    /// What may have been meant by a name that its table does not have: a name of that table, or the same name
    /// elsewhere.
    static func suggestion(for name: String, under prefix: String) -> String? {
        let start = prefix.isEmpty ? "" : prefix + "."
        let siblings = ascending(
            (all.map(\.path) + tables).filter { $0.hasPrefix(start) }.compactMap {
                $0.dropFirst(start.count).split(separator: ".").first.map { String($0.prefix { $0 != "[" }) }
            })
        if let near = Suggestion.nearest(to: name, among: siblings, count: 1, reach: .near).first {
            return "did you mean `\(near)`?"
        }
        let path = start + name
        let everywhere = all.filter { !$0.isField }.map(\.path) + tables
        let elsewhere = ascending(
            everywhere.filter { $0.hasSuffix(".\(path)") || $0.hasSuffix(".\(name)") && isNear($0, to: prefix) })
        if (1...3).contains(elsewhere.count) {
            let names = elsewhere.map { "`\($0)`" }
            let first = names.dropLast().joined(separator: ", ")
            return "did you mean \(first)\(first.isEmpty ? "" : " or ")\(names.last ?? "")?"
        }
        return Suggestion.nearest(to: path, among: all.map(\.path), count: 1, reach: .near).first.map {
            "did you mean `\($0)`?"
        }
    }

    /// Whoever wrote a key in a table may have meant another table of the same first name.
    private static func isNear(_ path: String, to prefix: String) -> Bool {
        prefix.isEmpty || path.prefix { $0 != "." } == prefix.prefix { $0 != "." }
    }

    /// Each name once.
    private static func ascending(_ names: [String]) -> [String] {
        names.sorted().reduce(into: []) { unique, name in
            if unique.last != name { unique.append(name) }
        }
    }

    /// The first field that each table of the array has to have and this one has not.
    static func missingField(of key: Key, in fields: [Value.Field]) -> String? {
        required.first { path in
            path.hasPrefix(key.path + "[].") && !fields.contains { $0.path == path.dropFirst(key.path.count + 3) }
        }.map { String($0.dropFirst(key.path.count + 3)) }
    }

    private static let required = [
        "http.jwt.trusted_issuers[].issuer", "http.jwt.trusted_issuers[].jwks_url",
        "http.jwt.trusted_issuers[].audience", "cluster.node.others[].name", "cluster.node.others[].ip",
        "cluster.nodes[].name", "cluster.nodes[].ip",
    ]
}
