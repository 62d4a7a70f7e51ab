import Testing
import Verifier

// Every end of a server is followed by a look at what it left: an independent reader, not the server's own next start,
// says whether the files are as they should be.

extension TestServer {
    /// Fails the test if the files break a law that this end does not excuse.
    func verifyData(after ending: Options.Ending) {
        guard settings.verifiesData, let files = DataFiles(dataPath) else { return }
        let verdict = verify(files, Options(ending, segmentByteCount: segmentByteCount))
        guard !verdict.isClean else { return }
        let list = verdict.findings.prefix(20).map(\.description).joined(separator: "\n")
        let flag = ending == .crashed ? " --crashed" : ""
        Issue.record(
            """
            the server left files that break \(verdict.violations.count) laws:
            \(list)
            To see all: GALGO_TEST_KEEP=1, then galgo-verify \(dataPath)\(flag)
            """)
    }

    /// What the environment says, as far as tests say it.
    private var segmentByteCount: UInt64? {
        guard let text = settings.environment["IGGY_SYSTEM_SEGMENT_SIZE"] else { return 1 << 30 }
        let words = text.split(separator: " ")
        guard words.count == 2, words[1] == "KiB", let count = UInt64(words[0]) else { return nil }
        return count * 1024
    }
}
