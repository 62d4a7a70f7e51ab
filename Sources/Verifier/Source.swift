/// Where the verifier gets a data directory from: an image in memory, or the real one.
///
/// Paths are relative to the data directory, with `/` between names. Both lists may come in any order.
public protocol DirectorySource {
    /// Every directory below the data directory, which is not in the list itself.
    var directories: [String] { get }
    /// Every file that is no directory.
    var files: [String] { get }
    /// All bytes of a file.
    func read(_ path: String) throws(UnreadableFile) -> [UInt8]
}

/// The file could not be read; the reason, in words.
public struct UnreadableFile: Error, Equatable, Sendable {
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
}

/// A data directory as a value.
public struct DirectoryImage: DirectorySource, Equatable, Sendable {
    public var directories: [String]
    public var contents: [String: [UInt8]]

    public init(directories: [String], contents: [String: [UInt8]]) {
        self.directories = directories
        self.contents = contents
    }

    public var files: [String] { contents.keys.sorted() }

    public func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        guard let bytes = contents[path] else { throw UnreadableFile("there is no such file") }
        return bytes
    }
}
