import CLinux
import Platform

/// One epoll set. Everything in it is edge triggered: a descriptor is added once and never changed.
@safe struct Poller: ~Copyable {
    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static let capacity = 256

    init() throws(StartFailure) {
        let opened = galgo_epoll()
        if let number = opened.errorNumber { throw .noDescriptor(Errno(number: number)) }
        descriptor = Int32(truncatingIfNeeded: opened)
        unsafe events = .allocate(capacity: Self.capacity)
    }

    deinit {
        _ = galgo_close(descriptor)
        unsafe events.deallocate()
    }

    /// False when the system has no memory for one more.
    func add(_ target: Int32, _ subject: Subject) -> Bool {
        let interest = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        return galgo_epoll_add(descriptor, target, interest, subject.data) == 0
    }

    func remove(_ target: Int32) {
        // Fails only for what is not in the set.
        _ = galgo_epoll_remove(descriptor, target)
    }

    /// Waits for at most this long (-1: for ever) and returns how many events there are to look at.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe galgo_epoll_wait(descriptor, events, Int32(Self.capacity), milliseconds)
        precondition(count >= 0, "an epoll set that exists can be waited for")
        return Int(count)
    }

    /// An event of the last wait.
    subscript(index: Int) -> (subject: Subject, readiness: Readiness) {
        // SAFETY: the caller stays below the count that `wait` returned.
        let event = unsafe events[index]
        return unsafe (Subject(data: event.data.u64), Readiness(bits: event.events))
    }
}

/// What a descriptor in the set is.
enum Subject: Equatable {
    case waker
    case listener
    case connection(ConnectionID)

    /// A slot that no connection has.
    private static let special: UInt32 = .max

    var data: UInt64 {
        switch self {
        case .waker: UInt64(Self.special) << 32
        case .listener: UInt64(Self.special) << 32 | 1
        case .connection(let id): UInt64(id.slot) << 32 | UInt64(id.generation)
        }
    }

    init(data: UInt64) {
        let (slot, low) = (UInt32(truncatingIfNeeded: data >> 32), UInt32(truncatingIfNeeded: data))
        if slot == Self.special {
            self = low == 0 ? .waker : .listener
        } else {
            self = .connection(ConnectionID(slot: slot, generation: low))
        }
    }
}

struct Readiness {
    let bits: UInt32

    var canReceive: Bool { bits & EPOLLIN.rawValue != 0 || hasHungUp }
    var canSend: Bool { bits & (EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    /// The peer sends no more: no new edge will say that there is something to receive.
    var hasHungUp: Bool { bits & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
}
