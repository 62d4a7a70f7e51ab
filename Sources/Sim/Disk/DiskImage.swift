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

    func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        var low = 0, high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle] < path { low = middle + 1 } else { high = middle }
        }
        guard low < files.count, files[low] == path else { throw UnreadableFile("there is no such file") }
        return contents[low]
    }
}

/// Judges disks one after the other, and an unchanged one once.
struct DiskJudge {
    private var last: (image: DiskImage, options: Options)?

    /// The first violation.
    mutating func violation(of disk: Disk, _ options: Options) -> Verifier.Finding? {
        let image = DiskImage(disk)
        // A clean end excuses nothing that a crash does not.
        if let last, last.options == options || last.options == options.afterCleanEnd, last.image == image { return nil }
        let found = verify(image, options).violations.first
        last = found == nil ? (image, options) : nil
        return found
    }
}

extension Options {
    /// The same after a clean end.
    fileprivate var afterCleanEnd: Options {
        var options = self
        options.ending = .clean
        return options
    }
}
