/// Something about a data directory that somebody should know.
public struct Finding: Equatable, Sendable {
    public enum Severity: String, Equatable, Sendable {
        /// A fact out of the ordinary that breaks no law.
        case note
        /// What a crash may leave, and the next start puts right without losing anything promised.
        case recoverable
        /// A broken law.
        case violation
    }

    public let severity: Severity
    /// Relative to the data directory.
    public let path: String
    /// Byte in the file; nil for what has no place in one.
    public let position: Int?
    public let law: Law
    public let detail: String
}

extension Finding: CustomStringConvertible {
    public var description: String {
        let place = position.map { "\(path) at \($0)" } ?? path
        return switch severity {
        case .violation: "violation: \(place): \(detail); the law that it breaks: \"\(law.rawValue)\""
        case .recoverable: "recoverable: \(place): \(detail); the next start mends it: \"\(law.rawValue)\""
        case .note: "note: \(place): \(detail); \(law.rawValue)"
        }
    }
}

/// Collects findings, and knows which of them a crash excuses.
struct Findings {
    private(set) var all: [Finding] = []
    let options: Options
    /// Beyond this many the rest is counted only: a directory of noise must not fill the memory. Violations have a
    /// bound of their own, so that no noise hides the one that counts.
    static let countMax = 10_000
    private var violationCount = 0
    private(set) var droppedCount = 0
    /// Bytes of all files that were read.
    private(set) var byteCount = 0

    init(_ options: Options) { self.options = options }

    mutating func violation(_ law: Law, _ path: String, at position: Int? = nil, _ detail: String) {
        add(.violation, law, path, position, detail)
    }

    /// What a crash may leave: after a clean end it is a broken law, and when a start has recovered everything.
    mutating func leftover(_ law: Law, _ path: String, at position: Int? = nil, _ detail: String) {
        add(options.ending == .crashed ? .recoverable : .violation, law, path, position, detail)
    }

    /// What a server that serves may have still to tidy up: after a clean end it is a broken law.
    mutating func untidiness(_ law: Law, _ path: String, at position: Int? = nil, _ detail: String) {
        let isFault = options.ending == .clean && !options.unremoved.contains(path)
        add(isFault ? .violation : .recoverable, law, path, position, detail)
    }

    mutating func note(_ law: Law, _ path: String, at position: Int? = nil, _ detail: String) {
        add(.note, law, path, position, detail)
    }

    private mutating func add(
        _ severity: Finding.Severity, _ law: Law, _ path: String, _ position: Int?, _ detail: String
    ) {
        let count = severity == .violation ? violationCount : all.count - violationCount
        guard count < Self.countMax else { return droppedCount &+= 1 }
        if severity == .violation { violationCount += 1 }
        all.append(Finding(severity: severity, path: path, position: position, law: law, detail: detail))
    }

    /// The bytes of a file, or a finding.
    mutating func read(_ path: String, from source: some DirectorySource) -> [UInt8]? {
        do {
            let bytes = try source.read(path)
            byteCount += bytes.count
            return bytes
        } catch {
            violation(.filesAreReadable, path, error.reason)
            return nil
        }
    }
}
