import Testing

struct SyncBeforeReplyTests {
    /// Two producers whose messages share one write and one sync; a second sync runs on another thread.
    private static let honest = """
        11 1.000001 recvfrom(5<socket:[70]>, "..mark-1;", 4096, 0, NULL, NULL) = 9
        11 1.000002 recvfrom(6<socket:[71]>, "..mark-2;", 4096, 0, NULL, NULL) = 9
        11 1.000003 recvfrom(6<socket:[71]>, 0x7f, 4096, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
        11 1.000004 pwritev(8</data/0.log>, [{iov_base="mark-1;", iov_len=7}, {iov_base="mark-2;", iov_len=7}], 2, 0) = 14
        12 1.000005 fdatasync(8</data/0.log> <unfinished ...>
        11 1.000006 recvfrom(5<socket:[72]>, "..mark-3;", 4096, 0, NULL, NULL) = 9
        11 1.000007 pwrite64(8</data/0.log>, "mark-3;", 7, 14) = 7
        12 1.000008 <... fdatasync resumed>) = 0
        11 1.000009 sendto(5<socket:[70]>, "\\0", 8, MSG_NOSIGNAL, NULL, 0) = 8
        11 1.000010 sendto(6<socket:[71]>, "\\0", 8, MSG_NOSIGNAL, NULL, 0) = 8
        12 1.000011 fdatasync(8</data/0.log>) = 0
        11 1.000012 sendto(5<socket:[72]>, "\\0", 8, MSG_NOSIGNAL, NULL, 0) = 8
        12 1.000013 +++ exited with 0 +++
        """

    @Test func `an honest trace passes and every reply is counted`() throws {
        let checked = try SyncBeforeReply.check(Trace.calls(of: Self.honest))

        #expect(checked == 3)
    }

    @Test func `a reply whose sync is missing is refused`() {
        let doctored = without("1.000011")

        #expect(throws: SyncBeforeReply.Violation.replyWithoutSync(mark: "mark-3;")) {
            try SyncBeforeReply.check(Trace.calls(of: doctored))
        }
    }

    @Test func `a sync entered before the write does not cover it`() {
        // mark-3 is written while the first sync runs; answering it after that sync is a lie.
        let doctored = Self.honest.replacing("socket:[72]>, \"\\0\"", with: "socket:[99]>, \"\\0\"")
            .replacing(
                "11 1.000010", with: "11 1.0000095 sendto(5<socket:[72]>, \"\\0\", 8, 0, NULL, 0) = 8\n11 1.000010")

        #expect(throws: SyncBeforeReply.Violation.replyWithoutSync(mark: "mark-3;")) {
            try SyncBeforeReply.check(Trace.calls(of: doctored))
        }
    }

    @Test func `a failed sync covers nothing`() {
        let doctored = Self.honest.replacing(
            "fdatasync resumed>) = 0", with: "fdatasync resumed>) = -1 EIO (Input/output error)")

        #expect(throws: SyncBeforeReply.Violation.replyWithoutSync(mark: "mark-1;")) {
            try SyncBeforeReply.check(Trace.calls(of: doctored))
        }
    }

    @Test func `a sync of another file covers nothing`() {
        let doctored = Self.honest.replacing(
            "1.000011 fdatasync(8</data/0.log>", with: "1.000011 fdatasync(8</data/1.log>")

        #expect(throws: SyncBeforeReply.Violation.replyWithoutSync(mark: "mark-3;")) {
            try SyncBeforeReply.check(Trace.calls(of: doctored))
        }
    }

    @Test func `a reply to what was never written is refused`() {
        let doctored = without("1.000007")

        #expect(throws: SyncBeforeReply.Violation.replyWithoutWrite(mark: "mark-3;")) {
            try SyncBeforeReply.check(Trace.calls(of: doctored))
        }
    }

    @Test func `a call that never returned has no result`() {
        let calls = Trace.calls(of: "7 1.0 fdatasync(3</x> <unfinished ...>\n7 1.1 +++ killed by SIGKILL +++")

        #expect(calls.map(\.result) == [nil])
        #expect(calls.first?.target == "/x")
    }

    private func without(_ time: String) -> String {
        Self.honest.split(separator: "\n").filter { !$0.contains(time) }.joined(separator: "\n")
    }
}
