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

    /// The path by the names that lead to a key in a file, which do not show which of them are arrays of tables.
    static func path(of names: some BidirectionalCollection<String>) -> String {
        guard let last = names.last else { return "" }
        let table = Self.table(of: Array(names))
        return table.isEmpty ? last : "\(table).\(last)"
    }

    /// The path of the table that the last of the names stands in.
    static func table(of names: [String]) -> String {
        let table = path(of: names.dropLast())
        return byPath[table]?.kind == .tables ? table + "[]" : table
    }

    /// What may have been meant by a name that its table does not have.
    struct Meant {
        let suggestion: String
        /// A secret, perhaps: then the value is one.
        let isSecret: Bool

        /// - Parameters:
        ///   - names: as they are shown.
        ///   - prefix: what stands before them in paths.
        fileprivate init(_ names: [String], under prefix: String = "") {
            let shown = names.map { "`\($0)`" }
            let first = shown.dropLast().joined(separator: ", ")
            suggestion = "did you mean \(first)\(first.isEmpty ? "" : " or ")\(shown.last ?? "")?"
            isSecret = names.contains { Keys.byPath[prefix + $0]?.isSecret == true }
        }

        fileprivate init(saying suggestion: String, of key: String) {
            self.suggestion = suggestion
            isSecret = Keys.byPath[key]?.isSecret == true
        }
    }

    /// A name of the same table, or the same name elsewhere.
    static func meant(by name: String, under prefix: String) -> Meant? {
        let start = prefix.isEmpty ? "" : prefix + "."
        let path = start + name
        if byPath[path] != nil || tables.sortedContains(path) {
            return Meant(saying: "a dot in quotes is part of a name: write `\(path)` without them", of: path)
        }
        let siblings = siblings(below: start)
        let same = siblings.filter { letters($0) == letters(name) }
        if let near = same.first ?? Suggestion.nearest(to: name, among: siblings, count: 1, reach: .near).first {
            return Meant([near], under: start)
        }
        let everywhere = all.filter { !$0.isField }.map(\.path) + tables
        var elsewhere = ascending(
            everywhere.filter { $0.hasSuffix(".\(path)") || $0.hasSuffix(".\(name)") && isNear($0, to: prefix) })
        // Of too many, those that the fewest tables lead to.
        if elsewhere.count > 3 {
            let depths = elsewhere.map { $0.split(separator: ".").count }
            elsewhere = zip(elsewhere, depths).filter { $0.1 == depths.min() }.map(\.0)
        }
        if (1...3).contains(elsewhere.count) { return Meant(elsewhere) }
        if !prefix.isEmpty, tables.sortedContains(name) || byPath[name] != nil { return Meant([name]) }
        if let key = all.first(where: { $0.variable() == name }) {
            return Meant(saying: "this variable is the key `\(key.path)`", of: key.path)
        }
        // `cert` for `cert_file`.
        let longer = siblings.filter { $0.hasPrefix(name + "_") || $0.hasSuffix("_" + name) }
        if (1...3).contains(longer.count) { return Meant(longer, under: start) }
        // However long the path to it is, the name alone may be another.
        let reach = Suggestion.Reach.within(max(1, name.utf8.count / 3))
        return Suggestion.nearest(to: path, among: all.map(\.path), count: 1, reach: reach).first.map { Meant([$0]) }
    }

    /// A key of the table is a secret.
    static func holdsSecrets(_ table: String) -> Bool {
        all.contains { key in
            key.isSecret && key.path.hasPrefix(table + ".") && !key.path.dropFirst(table.count + 1).contains(".")
        }
    }

    /// The names in the table whose path this is, with a dot behind it.
    private static func siblings(below start: String) -> [String] {
        ascending(
            (all.map(\.path) + tables).filter { $0.hasPrefix(start) }.compactMap {
                $0.dropFirst(start.count).split(separator: ".").first.map { String($0.prefix { $0 != "[" }) }
            })
    }

    /// Whatever the case, and with hyphens or nothing for underscores.
    private static func letters(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
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

    /// The fields that each table of the array has to have and this one has not.
    static func missingFields(of key: Key, in fields: [Value.Field]) -> [String] {
        required.filter { $0.hasPrefix(key.path + "[].") }.map { String($0.dropFirst(key.path.count + 3)) }
            .filter { name in !fields.contains { $0.path == name } }
    }

    private static let required = [
        "http.jwt.trusted_issuers[].issuer", "http.jwt.trusted_issuers[].jwks_url",
        "http.jwt.trusted_issuers[].audience", "cluster.node.others[].name", "cluster.node.others[].ip",
        "cluster.nodes[].name", "cluster.nodes[].ip",
    ]
}
