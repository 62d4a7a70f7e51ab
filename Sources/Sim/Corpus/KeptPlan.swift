/// A plan that is kept, and why. The reasons stand as comments behind the first line of its text:
///
///     galgo plan 1
///     # what: a stop waited for a file that a rotation opened meanwhile
///     # property: liveness
///     # fix: e0bb5c1
///     seed 1
///
/// A plan with a planted bug must fail, and with this property; a plan of a bug that was fixed must hold; so must one
/// without a property, which is kept for what it reaches.
public struct KeptPlan: Equatable, Sendable {
    public var plan: Plan
    /// One line.
    public var what: String
    /// What was violated, by its name; nil if nobody wrote it down, or if nothing was. `died` for a run that did not end.
    public var property: String?
    /// The commit that mended it; nil while it is not, and for planted bugs.
    public var fix: String?

    public init(_ plan: Plan, what: String, property: String? = nil, fix: String? = nil) {
        self.plan = plan
        self.what = Self.line(what)
        self.property = property
        self.fix = fix
    }

    public init(text: String) throws(Plan.Malformed) {
        plan = try Plan(text: text)
        let lines = text.split(separator: "\n")
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix("# \(key): ") }.map { String($0.dropFirst(key.count + 4)) }
        }
        what = value("what") ?? ""
        property = value("property")
        fix = value("fix")
    }

    public var text: String {
        let reasons = [("what", what as String?), ("property", property), ("fix", fix)].compactMap { key, value in
            value.map { "# \(key): \($0)\n" }
        }
        let lines = plan.text
        let head = lines.firstIndex(of: "\n").map { lines.index(after: $0) } ?? lines.endIndex
        return lines[..<head] + reasons.joined() + lines[head...]
    }

    /// A bug is planted in it, in the server or in the world.
    public var isPlanted: Bool { plan.mutation != nil || plan.sabotage != nil }

    /// It is kept for the marks that it hits, not for what it found.
    public var isForMarks: Bool { !isPlanted && property == nil && fix == nil }

    /// What is wrong with a run of it; nil if nothing is. `violated` is the property that failed, if one did.
    public func complaint(violated: String?) -> String? {
        switch (isPlanted, violated) {
        case (false, nil): nil
        case (false, let violated?): "it must hold, and violates \(violated)"
        case (true, nil): "its planted bug was not found: it must violate \(property ?? "something")"
        case (true, let violated?):
            property ?? violated == violated ? nil : "it must violate \(property ?? ""), and violates \(violated)"
        }
    }

    /// A name for its file, from what it is about.
    public var fileName: String {
        let words = what.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        var name = ""
        for word in words where name.count + word.count < 60 { name += (name.isEmpty ? "" : "-") + word }
        return (name.isEmpty ? "seed-\(plan.seed)" : name) + ".plan"
    }

    /// Text for a comment: one line.
    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// Which of the plans that are kept for their marks add none, given what each hits: hits of all others cover theirs.
///
/// The largest goes first, so that what is left is small.
public func withoutNewMarks(_ plans: [(isForMarks: Bool, operationCount: Int, marks: Set<Int>)]) -> [Int] {
    var kept = Set(plans.indices)
    let candidates = plans.indices.filter { plans[$0].isForMarks }
        .sorted { (plans[$0].operationCount, $0) > (plans[$1].operationCount, $1) }
    for candidate in candidates {
        let others = plans.indices.filter { $0 != candidate && kept.contains($0) }
            .reduce(into: Set<Int>()) { $0.formUnion(plans[$1].marks) }
        if plans[candidate].marks.isSubset(of: others) { kept.remove(candidate) }
    }
    return candidates.filter { !kept.contains($0) }.sorted()
}
