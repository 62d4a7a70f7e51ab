import CLinux
import Glibc

/// Lines from a terminal that does not show what is typed. Whatever happens, it shows it again: also when a signal ends
/// the process meanwhile.
public enum HiddenInput {
    /// The longest line, in bytes.
    private static let lineBytesMax = 4_096

    /// Hides what is typed while `body` asks for lines, which come without their line feeds; nil at the end of input,
    /// or when the process is to end. Nil if the descriptor is no terminal.
    ///
    /// SIGINT, SIGTERM and SIGHUP take their course when the terminal shows again what is typed.
    public static func read<Result>(
        _ descriptor: Int32, _ body: (_ nextLine: () -> [UInt8]?) -> Result?
    ) -> Result? {
        var shown = termios()
        // SAFETY (all calls): the structures outlive them.
        guard unsafe tcgetattr(descriptor, &shown) == 0 else { return nil }
        let opened = galgo_signals(0)
        guard opened >= 0 else { return nil }
        let signals = Int32(truncatingIfNeeded: opened)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // VQUIT and VSUSP, which nobody could wait for.
        (hidden.c_cc.1, hidden.c_cc.10) = (0, 0)
        unsafe _ = tcsetattr(descriptor, TCSAFLUSH, &hidden)
        var ending: Int32?
        let result = body { line(descriptor, signals, &ending) }
        unsafe _ = tcsetattr(descriptor, TCSAFLUSH, &shown)
        _ = galgo_close(signals)
        var set = sigset_t()
        unsafe _ = sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { unsafe _ = sigaddset(&set, number) }
        unsafe _ = pthread_sigmask(SIG_UNBLOCK, &set, nil)
        guard let ending else { return result }
        kill(getpid(), ending)
        return nil
    }

    private static func line(_ descriptor: Int32, _ signals: Int32, _ ending: inout Int32?) -> [UInt8]? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while ending == nil, bytes.count <= lineBytesMax {
            _ = galgo_wait_readable(descriptor, signals, -1)
            var value: Int32 = 0
            let signal = unsafe galgo_next_signal(signals, &value)
            if signal > 0 {
                ending = Int32(truncatingIfNeeded: signal)
                return nil
            }
            // SAFETY: one byte is asked for, and there is room for one.
            let count = unsafe Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return nil }
            if byte == UInt8(ascii: "\n") { return bytes }
            bytes.append(byte)
        }
        return bytes
    }
}
