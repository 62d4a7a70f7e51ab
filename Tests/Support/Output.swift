import Foundation
import Glibc

/// What programs printed, one after the other, and a way to wait for more. A copy goes to a file, for those who look
/// at a kept directory.
package final class Output: @unchecked Sendable {
    package let path: String
    /// Guards everything here, and wakes who waits at every change.
    private let condition = NSCondition()
    private var bytes: [UInt8] = []
    private let file: Int32

    package init(copiedTo path: String) {
        self.path = path
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    }

    deinit { close(file) }

    package var text: String { locked { String(decoding: bytes, as: UTF8.self) } }

    /// How many bytes there are: what is printed later stands behind them.
    package var byteCount: Int { locked { bytes.count } }

    func append(_ more: ArraySlice<UInt8>) {
        change { bytes += more }
        more.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
    }

    /// Changes something that `wait` may look at, and wakes who waits.
    func change(_ body: () -> Void) {
        condition.lock()
        defer { condition.unlock() }
        body()
        condition.broadcast()
    }

    func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }

    /// The first value that `attempt` returns, tried at every change; nil when there is none within `limit`.
    func wait<Value>(atMost limit: Duration, _ attempt: (_ text: () -> String) -> Value?) -> Value? {
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = attempt({ String(decoding: bytes, as: UTF8.self) }) { return value }
            guard condition.wait(until: deadline) else {
                return attempt { String(decoding: bytes, as: UTF8.self) }
            }
        }
    }
}
