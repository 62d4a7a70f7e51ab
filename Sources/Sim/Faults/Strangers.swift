/// Somebody who opens connections and says nothing on them, until the fault that wants it is over.
final class Strangers: Actor {
    let fault: Int
    var number: UInt16 = 0
    private let count: Int
    private var connections: [UInt32] = []
    private var hasLeft = false

    init(_ fault: Int, count: Int) {
        self.fault = fault
        self.count = count
    }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer:
            guard !hasLeft, connections.count < count else { return }
            connections.append(universe.connect(number))
            universe.remind(number, 0, in: 100 * microsecond)
        case .connected: universe.met(fault)
        // The server may close the oldest of them for others: then it is one less.
        case .refused, .readable, .ended: break
        }
    }

    func leave(_ universe: Universe) {
        hasLeft = true
        for connection in connections { universe.close(connection) }
    }
}
