import Primitives

/// Judges the names of the data directory itself, and the two texts that say whose it is.
enum RootJudge {
    /// The last two tell of a crash, and only people read them.
    private static let files = ["FORMAT", "boot", "lock", "crash", "crash.told"]
    private static let temporaries = ["FORMAT.tmp", "boot.tmp", "crash.tmp"]
    private static let directories = ["catalog", "partitions", "orphans"]
    /// What is for people and tools, and what a file system makes at the root of a volume.
    private static let foreign = ["logs", "runtime", "lost+found"]

    static func judge(
        files found: [Substring], directories foundDirectories: [Substring], strangers: [String],
        _ findings: inout Findings
    ) {
        let foreign = foreign + strangers
        for name in found where !files.contains(String(name)) {
            if temporaries.contains(String(name)) {
                findings.untidiness(.temporariesAreGone, String(name), "it is still there")
            } else {
                findings.violation(.namesAreKnown, String(name), "no file is named so")
            }
        }
        for name in foundDirectories where !directories.contains(String(name)) && !foreign.contains(String(name)) {
            findings.violation(
                .namesAreKnown, String(name),
                "no directory is named so, if system.logging.path and system.runtime.path do not say it")
        }
        for name in directories where !foundDirectories.contains(Substring(name)) {
            // The first start makes them before FORMAT, which says that all is laid out.
            if found.contains("FORMAT") {
                findings.violation(.layoutIsWhole, name, "there is no such directory")
            } else {
                findings.leftover(.layoutIsWhole, name, "there is no such directory")
            }
        }
    }

    static func judgeTexts(files found: [Substring], of source: some DirectorySource, _ findings: inout Findings) {
        if !found.contains("FORMAT") {
            findings.leftover(.formatIsKnown, "FORMAT", "there is no such file")
        } else if let bytes = findings.read("FORMAT", from: source), bytes != Array("galgo 1\n".utf8) {
            findings.violation(.formatIsKnown, "FORMAT", "it is '\(printable(bytes))'")
        }
        if !found.contains("boot") {
            findings.leftover(.bootIsAnIdentity, "boot", "there is no such file")
        } else if let bytes = findings.read("boot", from: source), !isIdentity(bytes) {
            findings.violation(.bootIsAnIdentity, "boot", "it is '\(printable(bytes))'")
        }
    }

    /// Two numbers of up to 64 bits in lower-case hexadecimal digits, a space between, a line feed behind.
    private static func isIdentity(_ bytes: [UInt8]) -> Bool {
        guard bytes.last == UInt8(ascii: "\n") else { return false }
        let numbers = bytes.dropLast().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        return numbers.count == 2
            && numbers.allSatisfy { digits in
                (1...16).contains(digits.count)
                    && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
                    && (digits.first != 0x30 || digits.count == 1)
            }
    }

    private static func printable(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(64).map { (0x20..<0x7f).contains($0) ? $0 : 0x2e }, as: UTF8.self)
    }
}
