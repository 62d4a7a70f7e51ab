/// What each connection of a shard may take of what all of them share, in bytes. Divided when their number changes, not for
/// each frame.
struct Shares: Equatable {
    /// The largest reply to a poll: less the more connections there are, so that those who do not read what they asked for
    /// do not keep all memory from the others.
    let pollBytesMax: Int
    /// Replies that may wait when a connection's next request is begun: together with that one's reply twice the share of a
    /// poll.
    let repliesBytesMax: Int
    /// The largest receive buffer that a connection gets for a guess. An idle connection keeps its buffer, so that many of
    /// them have to be content with less.
    let receiveBytesMax: Int

    init(_ limits: Limits, among count: Int) {
        let count = max(count, 1)
        pollBytesMax = min(max(limits.replyBytesTotal / 2 / count, limits.pollBytesMin), Int(limits.pollBytesMax))
        repliesBytesMax = min(pollBytesMax, limits.repliesBytesMax)
        receiveBytesMax = max(min(limits.receiveBytesTotal / count, limits.receiveBytesMax), limits.receiveBytesMin)
    }
}
