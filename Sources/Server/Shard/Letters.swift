import Platform

/// What shards say to each other. The words of each kind stand beside it, in the order a, b, c, d, e, f.
enum LetterKind: UInt16 {
    // Start and catalog; requests go to shard 0.
    /// A shard began, or shard 0 did: (generation, bytes and frames that it has of the room for large frames). Answered
    /// with `catalog`.
    case join = 1
    /// Reply; lends the encoded catalog: (same boot, next sequence). Answered with `catalogTaken`.
    case catalog
    /// Closing: the lent catalog goes home.
    case catalogTaken
    /// Request: this shard's partitions are recovered: (of each it is known what is there). Answered with `serve`.
    case recovered
    /// Reply: every shard is; begin to serve.
    case serve
    /// Request; lends the payload of a command: (ref, user, code). Answered with `changed`.
    case change
    /// Reply; the payload goes home: (ref, status, id).
    case changed
    /// Request from shard 0; lends the encoded change: (sequence). Answered with `applied`.
    case apply
    /// Reply; the change goes home: (sequence).
    case applied

    // Partitions; requests go to the owner, and are answered with `answer` except `read`.
    /// Lends the messages: (ref, incarnation, count, classic byte count, smallest origin).
    case append
    /// (ref, incarnation, strategy kind | count << 8 | auto commit << 40, strategy value, consumer, byte count max)
    case read
    /// (ref, incarnation, offset, consumer)
    case storeOffset
    /// (ref, incarnation, consumer)
    case deleteOffset
    /// (ref, incarnation, consumer)
    case getOffset
    /// (ref, incarnation, sync)
    case flush
    /// Reply; what was lent goes home: (ref, status, offset a, offset b, flags)
    case answer
    /// Reply to `read`; lends the list of pieces, and with it the pieces: (ref, status, loan)
    case pieces
    /// Closing: the pieces are sent: (loan).
    case piecesTaken

    // Facts; requests go to every shard.
    /// (ref, what, stream, topic)
    case gather
    /// Reply; lends the encoded facts, or nothing when there is no memory: (ref). Answered with `factsTaken`.
    case facts
    /// Closing: the lent facts go home.
    case factsTaken

    // Memory.
    /// Request to shard 0: (bytes and frames returned, bytes wanted or 0, since when, number). Answered with `roomHeard`.
    case room
    case roomHeard
    /// Room for a large frame, once for each wish: (bytes, number).
    case roomGranted
    /// Request from shard 0: end a frame that is slow. Answered with `roomLooked`.
    case roomRecalled
    case roomLooked
    /// Request to any shard: end those that take nothing of their replies: (bytes, number of the round). Answered with
    /// `memoryFreed`.
    case memoryWanted
    /// Reply: (bytes that come free, bytes of the largest frame that is not whole, its slot and client, number of the
    /// round).
    case memoryFreed
    /// That frame is to end: (slot and client). Once for each round of questions.
    case frameNamed
}

extension LetterKind {
    /// Whether nobody can answer it who does not know the catalog.
    var needsCatalog: Bool {
        switch self {
        case .change, .append, .read, .storeOffset, .deleteOffset, .getOffset, .flush, .gather: true
        case .join, .catalog, .catalogTaken, .recovered, .serve, .changed, .apply, .applied, .answer, .pieces,
            .piecesTaken, .facts, .factsTaken, .room, .roomHeard, .roomGranted, .roomRecalled, .roomLooked, .memoryWanted,
            .memoryFreed, .frameNamed:
            false
        }
    }
}

extension Letter {
    static func request(_ kind: LetterKind, _ words: Words = Words(), lending lent: Slice? = nil) -> Letter {
        Letter(kind: kind.rawValue, isReply: false, words: words, lent: lent)
    }

    static func reply(_ kind: LetterKind, _ words: Words = Words(), lending lent: Slice? = nil) -> Letter {
        Letter(kind: kind.rawValue, isReply: true, words: words, lent: lent)
    }
}
