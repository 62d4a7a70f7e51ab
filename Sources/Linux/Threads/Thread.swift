import CLinux
import Glibc
import Platform

/// A thread of the system. It is joined, never abandoned.
struct Thread: @unchecked Sendable {
    private let handle: pthread_t

    /// Shards keep the stack small things fit in; deep recursion is forbidden anyway.
    static let stackBytes = 1 << 20

    /// `isDeaf`: no signal from outside is delivered to it, also when it starts before others block those that they
    /// wait for. Those of a fault of its own are.
    init(named name: String, isDeaf: Bool = false, _ body: @escaping @Sendable () -> Void) throws(StartFailure) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe _ = pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, Self.stackBytes)
        var handle = pthread_t()
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var before = sigset_t()
        if isDeaf { unsafe galgo_block_signals(&before) }
        defer { if isDeaf { unsafe _ = pthread_sigmask(SIG_SETMASK, &before, nil) } }
        // SAFETY: the new thread takes the retained object over.
        let code = unsafe pthread_create(&handle, &attributes, runThread, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw .noThread
        }
        self.handle = handle
    }

    func join() { _ = pthread_join(handle, nil) }
}

private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private nonisolated func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    // SAFETY: `Thread.init` passed exactly this retained object.
    let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    unsafe galgo_name_thread(start.name)
    let signalStack = unsafe galgo_begin_signal_stack()
    start.body()
    unsafe galgo_end_signal_stack(signalStack)
    return nil
}
