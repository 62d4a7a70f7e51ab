import Verifier

/// The files of a disk as the verifier reads them, in the order of their paths.
struct DiskImage: DirectorySource, Equatable {
    let directories: [String]
    let files: [String]
    private let contents: [[UInt8]]

    init(_ disk: Disk) {
        let all = disk.files()
        directories = disk.directories()
        files = all.map(\.path)
        contents = all.map(\.bytes)
    }

    /// What a power cut leaves if nothing survives that was not synced.
    init(durable disk: Disk) {
        let all = disk.durableFiles()
        directories = disk.durableDirectories()
        files = all.map(\.path)
        contents = all.map { disk.inodes[$0.inode].durable.bytes }
    }

    func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        let place = place(of: path)
        guard place < files.count, files[place] == path else { throw UnreadableFile("there is no such file") }
        return contents[place]
    }

    /// Whether the files of a directory are the same in both, by name and content.
    func agrees(with other: DiskImage, in directory: String) -> Bool {
        let (mine, others) = (range(of: directory), other.range(of: directory))
        return files[mine] == other.files[others] && contents[mine] == other.contents[others]
    }

    private func range(of directory: String) -> Range<Int> {
        // The zero is the character behind the slash.
        place(of: directory + "/")..<place(of: directory + "0")
    }

    /// Of the first path that is not before this one.
    private func place(of path: String) -> Int {
        var low = 0, high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Judges disks one after the other; a partition of which nothing was to be said, not again before it changes.
struct DiskJudge {
    private var last: DiskImage?
    private var spotless: [PartitionFacts] = []

    /// The first violation.
    mutating func violation(of disk: Disk, _ options: Options) -> Verifier.Finding? {
        let image = DiskImage(disk)
        let unchanged = spotless.filter { facts in
            (!options.ending.asksForVouch || facts.vouchedEnd ?? 0 == facts.endOffset)
                && last?.agrees(with: image, in: Self.directory(of: facts)) == true
        }
        let verdict = verify(image, options, leavingOut: unchanged.map(\.incarnation))
        last = image
        spotless = unchanged + verdict.partitions.filter { facts in
            let directory = Self.directory(of: facts) + "/"
            return !verdict.findings.contains { $0.path.hasPrefix(directory) }
        }
        return verdict.violations.first
    }

    private static func directory(of facts: PartitionFacts) -> String { "partitions/\(facts.incarnation)" }
}
