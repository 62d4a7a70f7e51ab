import Primitives

// The verifier judges the files that a server left, by the documented formats alone. It shares no code with the
// server's reader, so that an error of the reader does not excuse itself.

/// Judges a whole data directory: its layout, the catalog, every partition but those lives that are left out.
public func verify(
    _ source: some DirectorySource, _ options: Options, leavingOut spared: [UInt64] = []
) -> Verdict {
    var findings = Findings(options)
    var verdict = Verdict()
    let files = source.files
    let tree = Tree(files: files, directories: source.directories)
    RootJudge.judge(
        files: tree.files(in: ""), directories: tree.directories(in: ""), strangers: options.strangers, &findings)
    RootJudge.judgeTexts(files: tree.files(in: ""), of: source, &findings)

    var catalog = CatalogJudge()
    for name in tree.directories(in: "catalog") {
        findings.violation(.namesAreKnown, "catalog/\(name)", "the catalog has no directories")
    }
    if tree.hasCatalog { catalog.judge(names: tree.files(in: "catalog"), of: source, &findings) }
    verdict.catalog = catalog.state.facts
    verdict.totals.catalogRecordCount = catalog.recordCount

    judgeLives(tree, catalog, &findings)
    for partition in catalog.state.partitions where !spared.contains(partition.incarnation) {
        var judge = PartitionJudge(partition)
        let directory = "partitions/\(partition.incarnation)"
        for name in tree.directories(in: directory) {
            findings.violation(.namesAreKnown, "\(directory)/\(name)", "a partition has no directories")
        }
        // The directory appears at the first append.
        if tree.hasDirectory(directory) { judge.judge(names: tree.files(in: directory), of: source, &findings) }
        verdict.partitions.append(judge.facts)
        verdict.totals.add(judge.totals)
    }
    verdict.totals.fileCount = files.count
    verdict.totals.byteCount = findings.byteCount
    verdict.findings = findings.all
    verdict.droppedFindingCount = findings.droppedCount
    return verdict
}

/// What stands in `partitions/` and `orphans/` against the lives that the catalog knows.
private func judgeLives(_ tree: Tree, _ catalog: CatalogJudge, _ findings: inout Findings) {
    let living = Set(catalog.state.partitions.map(\.incarnation))
    for directory in ["partitions", "orphans"] {
        for name in tree.files(in: directory) {
            findings.violation(.namesAreKnown, "\(directory)/\(name)", "a file where only directories belong")
        }
    }
    for name in tree.directories(in: "partitions") {
        let path = "partitions/\(name)"
        guard let life = incarnation(named: name) else {
            findings.violation(.namesAreKnown, path, "no directory of a partition is named so")
            continue
        }
        if living.contains(life) { continue }
        if life < catalog.state.nextIncarnation {
            findings.untidiness(.deletionsFinish, path, "the catalog began and ended this life")
        } else if catalog.isWhole {
            // A life's record is durable before its directory is made.
            findings.violation(.directoriesAreNamed, path, "the catalog never began this life")
        }
    }
    for name in tree.directories(in: "orphans") {
        findings.note(.orphansAreKept, "orphans/\(name)", "\(tree.files(in: "orphans/\(name)").count) files")
    }
}

extension Verdict.Totals {
    fileprivate mutating func add(_ other: Self) {
        offsetRecordCount += other.offsetRecordCount
        segmentCount += other.segmentCount
        sealCount += other.sealCount
        batchCount += other.batchCount
        messageCount += other.messageCount
        indexEntryCount += other.indexEntryCount
    }
}

/// The names of a source, by the directory they stand in, ascending.
private struct Tree {
    private let filesByDirectory: [Substring: [Substring]]
    private let directoriesByDirectory: [Substring: [Substring]]
    private let allDirectories: Set<String>

    init(files: [String], directories: [String]) {
        filesByDirectory = Self.grouped(files)
        directoriesByDirectory = Self.grouped(directories)
        allDirectories = Set(directories)
    }

    var hasCatalog: Bool { hasDirectory("catalog") }

    func hasDirectory(_ path: String) -> Bool { allDirectories.contains(path) }
    func files(in directory: String) -> [Substring] { filesByDirectory[Substring(directory)] ?? [] }
    func directories(in directory: String) -> [Substring] { directoriesByDirectory[Substring(directory)] ?? [] }

    private static func grouped(_ paths: [String]) -> [Substring: [Substring]] {
        var groups: [Substring: [Substring]] = [:]
        for path in paths.sorted() {
            if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
                groups[path[..<slash], default: []].append(path[path.utf8.index(after: slash)...])
            } else {
                groups["", default: []].append(path[...])
            }
        }
        return groups
    }
}
