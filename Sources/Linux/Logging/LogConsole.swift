import CLinux
import Glibc

/// The console: a descriptor that may be a terminal, a pipe, a socket or a file, and that is never waited for.
///
/// Other processes may have it open too, so that it cannot be made non-blocking itself: a terminal or a pipe is opened
/// once more. Where that is refused (another user's terminal, no `/proc`), little is written at a time, and only when
/// poll(2) says that there is room.
public struct LogConsole: ~Copyable, Sendable {
    private let descriptor: Int32
    /// Opened here, and closed here.
    private let own: Int32?
    /// What poll(2) promises to a pipe, and what a pipe takes as a whole or not at all.
    private static let pieceBytes = 4_096

    public init(descriptor: Int32) {
        self.descriptor = descriptor
        let opened = galgo_open_again(descriptor)
        own = opened < 0 ? nil : Int32(truncatingIfNeeded: opened)
    }

    deinit { if let own { _ = galgo_close(own) } }

    /// Waits for a console that takes nothing at the moment, but no longer than so many milliseconds: what it has not
    /// taken then is not shown.
    ///
    /// False when not all of it was taken.
    @discardableResult
    public func show(_ text: String, patience: Int) -> Bool {
        let bytes = Array(text.utf8)
        guard var done = offer(bytes) else { return false }
        var left = patience
        while done < bytes.count, left > 0 {
            _ = galgo_wait_readable(-1, -1, 10)
            left -= 10
            guard let more = offer(Array(bytes[done...])) else { return false }
            done += more
        }
        return done == bytes.count
    }

    /// Bytes that it took; all of them when it is gone: nobody can read them there.
    func show(_ bytes: [UInt8]) -> Int { offer(bytes) ?? bytes.count }

    /// Bytes that it took; nil when it is gone.
    private func offer(_ bytes: [UInt8]) -> Int? {
        let target = own ?? descriptor
        var done = 0
        while done < bytes.count, galgo_is_writable(target) == 1 {
            let piece = bytes[done..<min(done + Self.pieceBytes, bytes.count)]
            // Whole lines, so that what others print does not stand in the middle of one.
            let end = piece.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? piece.endIndex
            let written = unsafe bytes[done..<end].withUnsafeBytes {
                unsafe galgo_show(target, $0.baseAddress, $0.count)
            }
            if written.errorNumber == ErrorNumber.again { break }
            if written <= 0 { return nil }
            done += Int(written)
        }
        return done
    }
}
