import Primitives
import Sim
import Wire

/// A client inside the simulated world: it says what it is told to say, and keeps what it hears.
final class SimClient: Actor {
    private(set) var isConnected = false
    /// Refused, closed or reset: nothing comes any more.
    private(set) var isOver = false
    private var connection: UInt32 = 0
    private var heard: [UInt8] = []

    func connect(in universe: Universe) {
        let number = universe.add(self, startingIn: 0)
        connection = universe.connect(number)
    }

    func send(_ frame: [UInt8], in universe: Universe) {
        universe.send(connection, frame)
    }

    func close(in universe: Universe) {
        isOver = true
        universe.close(connection)
    }

    /// The process at the other end is gone, whether or not that has been heard of yet.
    func loseConnection() { isOver = true }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer: break
        case .connected: isConnected = true
        case .readable: heard += universe.take(connection)
        case .refused: isOver = true
        case .ended:
            // What came before the end was an answer all the same.
            heard += universe.take(connection)
            isOver = true
        }
    }

    /// Whether the next answer is here as a whole.
    var hasAnswer: Bool {
        guard let head = ClassicResponseHead(heard.rawSpan) else { return false }
        return heard.count >= ClassicResponseHead.byteCount + head.payloadByteCount
    }

    /// The next answer; nil while it is not here as a whole.
    func takeAnswer() -> Answer? {
        guard hasAnswer, let head = ClassicResponseHead(heard.rawSpan) else { return nil }
        let end = ClassicResponseHead.byteCount + head.payloadByteCount
        let answer = Answer(status: head.status, payload: Array(heard[ClassicResponseHead.byteCount..<end]))
        heard.removeFirst(end)
        return answer
    }
}
