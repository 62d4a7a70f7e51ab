import Foundation
import Synchronization

/// A thread of its own for blocking work, with a result. Swift's task threads are as few as the cores and must
/// not be blocked by one task waiting for another.
package final class Background<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    package init(_ body: @escaping @Sendable () throws -> Value) {
        let thread = Thread { [self] in
            let result = Result { try body() }
            outcome.withLock { $0 = result }
            finished.signal()
        }
        thread.start()
    }

    /// Waits for the end, once, and returns or throws what the body did.
    package func join() throws -> Value {
        finished.wait()
        guard let result = outcome.withLock({ $0 }) else { throw HarnessError("a thread ended without a result") }
        return try result.get()
    }
}

/// Runs `body` on `count` threads at the same time and returns their results in order.
package func concurrently<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
    try (0..<count).map { index in Background { try body(index) } }.map { try $0.join() }
}

/// A flag that one thread raises and others read.
package final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)

    package init() {}

    package var isRaised: Bool { raised.load(ordering: .acquiring) }
    package func raise() { raised.store(true, ordering: .releasing) }
}
