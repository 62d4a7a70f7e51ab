extension Sabotage {
    /// It strikes each time that so many of its calls have come.
    public var usualPeriod: Int {
        switch self {
        case .writeMisdirected, .writeLost, .readMisdirected, .readFlipsBit, .readEndsEarly, .closeSwallowed: 16
        case .mailTwice, .mailLost, .requestTwice, .receiveLosesByte, .replyLost, .replyTwice: 64
        case .completionForgotten, .completionTwice: 256
        case .disconnectUntold: 4
        // Counted over all shards and starts: few of them live for longer.
        case .wakeForgotten: 2
        default: 1
        }
    }
}
