import Glibc
import Sim

/// One line on a terminal's error output that tells how far a command is, rewritten at most once a second. Nothing where
/// the error output is no terminal.
struct ProgressLine {
    private let isTerminal = isatty(2) == 1
    private var shownAt = now()
    private var isUp = false

    mutating func show(_ text: () -> String) {
        guard isTerminal, now() - shownAt >= 1_000 else { return }
        shownAt = now()
        isUp = true
        // A line that wraps could not be taken back.
        write(error: "\r\u{1B}[K" + text().prefix(max(20, Self.columns - 1)))
    }

    /// Makes way for a line that stays.
    mutating func clear() {
        guard isUp else { return }
        isUp = false
        write(error: "\r\u{1B}[K")
    }

    private static var columns: Int {
        var size = winsize()
        // SAFETY: the structure lives during the call.
        guard unsafe ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
