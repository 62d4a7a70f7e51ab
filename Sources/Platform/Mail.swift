/// One piece of mail between shards: a kind and words that only the Server gives a meaning, and at most one
/// lent buffer. FIFO for each pair of shards.
///
/// A lent slice stays the lender's: the borrower may read it (and write it, if the kind says so) until it sends
/// the letter that brings it home, or is lost, which brings it home too.
public struct Letter: BitwiseCopyable, Sendable {
    public let kind: UInt16
    /// A reply has a reserved slot and is never refused; a request costs a credit (`MailLimits`).
    public let isReply: Bool
    public let words: Words
    public let lent: Slice?

    public struct Words: BitwiseCopyable, Equatable, Sendable {
        public var a, b, c, d, e, f: UInt64

        public init(_ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0, _ d: UInt64 = 0, _ e: UInt64 = 0, _ f: UInt64 = 0) {
            (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
        }
    }

    public init(kind: UInt16, isReply: Bool, words: Words = Words(), lent: Slice? = nil) {
        self.kind = kind
        self.isReply = isReply
        self.words = words
        self.lent = lent
    }
}

public enum MailLimits {
    /// Requests that one shard may have unanswered at another. A core out of credit stops reading that socket.
    public static let requestCredits = 256
    /// Room of one direction: the requests, a reply for each request of the other side, and for each of those a
    /// letter that brings home what the reply lent.
    public static let mailboxCapacity = 4 * requestCredits
}
