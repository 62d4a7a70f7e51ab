import Platform
import Primitives

/// Events and operations of the log writer, for people and for hashes.
enum RotationWords {
    static func text(_ event: LogEvent) -> String {
        switch event {
        case .started: "started"
        case .records(let bytes, let dropped): "records of \(bytes.count) bytes, \(dropped) lost behind them"
        case .opened(let count, let endsInLine):
            "opened with \(count) bytes\(endsInLine ? ", the last line without its end" : "")"
        case .done(let count): "done, \(count)"
        case .surveyed(let entries):
            "surveyed: "
                + entries.map { $0.isFile ? "\($0.number) (\($0.byteCount))" : "\($0.number) (no file)" }.joined(
                    separator: ", ")
        case .failed(let errno): "failed: \(errno.text)"
        case .shown(let count): "shown \(count)"
        case .timerDue: "timer"
        case .limited(let limits): "limited to \(limits.fileBytes) and \(limits.totalBytes) bytes"
        case .stopRequested: "stop"
        }
    }

    static func text(_ operation: LogOperation) -> String {
        switch operation {
        case .open: "open"
        case .write(let bytes): "write \(bytes.count) bytes"
        case .close: "close"
        case .survey: "survey"
        case .move(let from, let to): "move \(from) to \(to)"
        case .delete(let number): "delete \(number)"
        case .show(let bytes): "show \(bytes.count) bytes"
        case .wake(let time): "wake at \(time / 1_000_000) ms"
        case .stopped: "stopped"
        }
    }

    static func digest(_ operation: LogOperation) -> UInt64 {
        switch operation {
        case .open: 1
        case .write(let bytes): XXH3.hash(bytes.rawSpan) | 2
        case .close: 3
        case .survey: 4
        case .move(let from, let to): 5 | UInt64(from) << 8 | UInt64(to) << 32
        case .delete(let number): 6 | UInt64(number) << 8
        case .show(let bytes): XXH3.hash(bytes.rawSpan) | 7
        case .wake(let time): 8 ^ UInt64(bitPattern: time) << 4
        case .stopped: 9
        }
    }
}
