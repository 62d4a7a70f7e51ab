/// One direction of a connection: bytes under way, bytes that arrived and wait, and the end.
struct ByteStream {
    /// Bytes that left the sender, in order, each piece with its arrival still to come.
    private var underway: [[UInt8]] = []
    private var underwayHead = 0
    private(set) var waiting: [UInt8] = []
    private var head = 0
    private var underwayCount = 0
    /// When the last piece arrives: the next one does not overtake it.
    var lastArrival: Int64 = 0
    /// Bytes that may be under way or waiting; beyond it the sender waits.
    let windowBytes: Int
    /// The sender has finished.
    var isFinished = false
    /// The receiver has been told so by an arrival.
    var hasEnded = false

    init(windowBytes: Int) { self.windowBytes = windowBytes }

    var room: Int { max(0, windowBytes - underwayCount - available) }
    var available: Int { waiting.count - head }

    mutating func depart(_ piece: [UInt8]) {
        underway.append(piece)
        underwayCount += piece.count
    }

    /// The oldest piece under way arrives; false when there is none.
    mutating func arrive() -> Bool {
        guard underwayHead < underway.count else { return false }
        underwayCount -= underway[underwayHead].count
        waiting.append(contentsOf: underway[underwayHead])
        underway[underwayHead] = []
        underwayHead += 1
        if underwayHead == underway.count {
            underway.removeAll(keepingCapacity: true)
            underwayHead = 0
        }
        return true
    }

    /// The next bytes, at most `byteCountMax`.
    mutating func take(_ byteCountMax: Int) -> [UInt8] {
        let count = min(byteCountMax, available)
        let bytes = Array(waiting[head..<head + count])
        head += count
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1 << 16 {
            waiting.removeFirst(head)
            head = 0
        }
        return bytes
    }

    var isUnderwayEmpty: Bool { underwayHead == underway.count }

    /// A reset: nothing of it arrives any more.
    mutating func discard() {
        underway = []
        underwayHead = 0
        underwayCount = 0
        waiting = []
        head = 0
    }
}
