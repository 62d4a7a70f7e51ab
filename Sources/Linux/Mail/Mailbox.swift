import Glibc
import Platform
import Synchronization

/// What lies in a mailbox: a letter with the lives it was written in and for, or the news that its sender died.
struct Envelope: BitwiseCopyable {
    enum Content: BitwiseCopyable {
        case letter(Letter)
        /// The sender's Machine is gone; its next one is this generation.
        case lost(UInt32)
    }

    let content: Content
    let senderGeneration: UInt32
    /// The life of the receiver that the sender knew of.
    let receiverGeneration: UInt32
}

/// Mail from one shard to one other: first in, first out, one writer, one reader, no lock.
@safe final class Mailbox: @unchecked Sendable {
    /// Twice what the credits allow, because a receiver that is being rebuilt reads nothing: what was written for
    /// its last life may still lie there. The rest is for news.
    static let capacity = 4 * MailLimits.mailboxCapacity

    private let envelopes: UnsafeMutablePointer<Envelope>
    /// Written by the reader. The two counters lie on cache lines of their own.
    private let taken = Atomic<Int>(0)
    private let padding: InlineArray<8, UInt64> = .init(repeating: 0)
    /// Written by the writer.
    private let appended = Atomic<Int>(0)
    /// The newest life of the writer of which the reader knows; it uses nothing that older lives lent.
    let released = Atomic<UInt32>(0)

    init() {
        precondition(Self.capacity & (Self.capacity - 1) == 0, "a mailbox's capacity is a power of two")
        unsafe envelopes = .allocate(capacity: Self.capacity)
    }

    deinit { unsafe envelopes.deallocate() }

    var isEmpty: Bool { taken.load(ordering: .relaxed) == appended.load(ordering: .acquiring) }

    /// Writer only. False when the box is full.
    func append(_ envelope: Envelope) -> Bool {
        let number = appended.load(ordering: .relaxed)
        guard number - taken.load(ordering: .acquiring) < Self.capacity else { return false }
        // SAFETY: the place is free until `appended` passes it, and the mask keeps it inside.
        unsafe (envelopes + (number & (Self.capacity - 1))).initialize(to: envelope)
        appended.store(number + 1, ordering: .releasing)
        return true
    }

    /// Reader only.
    func take() -> Envelope? {
        let number = taken.load(ordering: .relaxed)
        guard number != appended.load(ordering: .acquiring) else { return nil }
        // SAFETY: the writer initialised the place before it published the number.
        let envelope = unsafe envelopes[number & (Self.capacity - 1)]
        taken.store(number + 1, ordering: .releasing)
        return envelope
    }
}
