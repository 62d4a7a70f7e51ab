import Glibc

/// A first-in first-out queue that threads wait at.
@safe final class JobQueue<Element: BitwiseCopyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    /// Both under the mutex.
    private let waiting = Ring<Element>(capacity: 64)
    private var isClosed = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
        waiting.end()
    }

    func append(_ element: Element) {
        unsafe pthread_mutex_lock(mutex)
        waiting.append(element)
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_signal(condition)
    }

    /// The next element, waited for; nil when the queue is closed and empty.
    func take() -> Element? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe _ = pthread_mutex_unlock(mutex) }
        while true {
            if let element = waiting.take() { return element }
            if isClosed { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }

    /// Lets the waiting threads go once the queue is empty.
    func close() {
        unsafe pthread_mutex_lock(mutex)
        isClosed = true
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_broadcast(condition)
    }
}
