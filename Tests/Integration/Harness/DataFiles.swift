import Foundation
import Verifier

/// The data directory of a server that has ended, as the verifier wants it.
struct DataFiles: DirectorySource {
    let root: String
    private(set) var directories: [String] = []
    private(set) var files: [String] = []

    /// Nil if there is no such directory.
    init?(_ root: String) {
        self.root = root
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: root) else { return nil }
        for path in paths.sorted() {
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory)
            if isDirectory.boolValue { directories.append(path) } else { files.append(path) }
        }
    }

    func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else {
            throw UnreadableFile("it cannot be read")
        }
        return [UInt8](data)
    }
}
