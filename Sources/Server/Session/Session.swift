import Platform
import Wire

/// One connection: who is at the other end, what it still sends, what it still awaits.
///
/// A class, because it has an identity and is touched on every batch: a copy of its queues would be made anew.
final class Session {
    let connection: ConnectionID
    let peer: PeerAddress
    /// The number that other clients see; unique in the process, from 1.
    let clientID: UInt32
    let acceptedAt: Int64
    var userID: UInt32?
    var input = FrameInput()
    var output = ReplyOutput()
    var path = PathCache()
    var state = State.open
    /// Requests that have no reply yet, in the order of their frames.
    private(set) var pending: [PendingRequest] = []
    /// Waits for memory or for mail credit: looked at again when some may have come free.
    var isStalled = false
    /// The next login is not looked at before, because of others that failed; nil unless one waits.
    var loginNotBefore: Int64?
    /// Stands in the shard's row of those that wait for another try, or of those to look at now.
    var isInRow = false
    var isTouched = false
    /// What it holds memory for beyond the usual.
    var largeFrame = LargeFrame.none
    /// The stream cannot be understood any more: nothing more is read from it.
    var hasRefusedStream = false

    enum State: Equatable {
        case open
        /// Takes no more frames; closes when its replies are sent.
        case finishing
        /// The World was asked to close it; `disconnected` is still to come.
        case closing
    }

    /// A frame that is larger than most, with the bytes of the buffer that it takes.
    enum LargeFrame: Equatable {
        case none
        /// There is no room for it yet.
        case waiting
        /// It may take its buffer.
        case coming(byteCount: Int, since: Int64)
        /// It is whole, and its request has no answer yet: its buffer may be in use.
        case underWay(byteCount: Int, serial: UInt32)
        /// It is answered, and its room is to be given back.
        case over(byteCount: Int)

        var byteCount: Int {
            switch self {
            case .none, .waiting: 0
            case .coming(let byteCount, _), .underWay(let byteCount, _), .over(let byteCount): byteCount
            }
        }

        var isComing: Bool {
            switch self {
            case .coming: true
            case .none, .waiting, .underWay, .over: false
            }
        }
    }

    init(_ connection: ConnectionID, peer: PeerAddress, clientID: UInt32, acceptedAt: Int64) {
        self.connection = connection
        self.peer = peer
        self.clientID = clientID
        self.acceptedAt = acceptedAt
    }

    var isLoggedIn: Bool { userID != nil }

    /// The first frame has not come yet.
    var isSilent: Bool { input.framesTaken == 0 }
}

/// A request in progress. A send waits for nothing before it; every other command runs alone, after all before it.
struct PendingRequest {
    let serial: UInt32
    /// SendMessages: several may wait at a time.
    var isSend = false
    /// The shard that was asked; its loss leaves the outcome unknown.
    var asked: ShardID?
    /// Bytes of the frame lent to that shard.
    var lent: BufferID?
    var answer: Answer?
    /// The partition it concerns, for its reply.
    var partition: UInt32 = 0
    /// What a create command made, for its reply.
    var creates: Creates?

    enum Answer: Equatable {
        case ok
        case status(ErrorCode)
    }

    enum Creates {
        case stream
        case topic(of: Identifier)
    }
}

extension Session {
    func begin(_ request: PendingRequest) { pending.append(request) }

    /// Notes the answer of a request with a mere status; false when the session no longer waits for it.
    func answer(_ serial: UInt32, _ answer: PendingRequest.Answer) -> Bool {
        guard let place = pending.firstIndex(where: { $0.serial == serial }) else { return false }
        pending[place].answer = answer
        endLargeFrame(of: serial)
        return true
    }

    /// The request of a large frame has begun: what it holds is held until the answer, which may be there already.
    func largeFrameIsUnderWay(_ serial: UInt32) {
        guard case .coming(let byteCount, _) = largeFrame else { return }
        largeFrame =
            pendingRequest(serial) == nil ? .over(byteCount: byteCount) : .underWay(byteCount: byteCount, serial: serial)
    }

    private func endLargeFrame(of serial: UInt32) {
        if case .underWay(let byteCount, serial) = largeFrame { largeFrame = .over(byteCount: byteCount) }
    }

    /// Takes back a request that could not begin.
    func withdraw(_ serial: UInt32) { pending.removeAll { $0.serial == serial } }

    func pendingRequest(_ serial: UInt32) -> PendingRequest? { pending.first { $0.serial == serial } }

    func setCreates(_ serial: UInt32, _ creates: PendingRequest.Creates) {
        guard let place = pending.firstIndex(where: { $0.serial == serial }) else { return }
        pending[place].creates = creates
    }

    func setPartition(_ serial: UInt32, _ partition: UInt32) {
        guard let place = pending.firstIndex(where: { $0.serial == serial }) else { return }
        pending[place].partition = partition
    }

    func setLoan(_ serial: UInt32, asked: ShardID, lent: BufferID?) {
        guard let place = pending.firstIndex(where: { $0.serial == serial }) else { return }
        pending[place].asked = asked
        pending[place].lent = lent
    }

    /// The buffer that is home again, if the request lent one.
    func takeLoan(_ serial: UInt32) -> BufferID? {
        guard let place = pending.firstIndex(where: { $0.serial == serial }) else { return nil }
        defer { pending[place].lent = nil }
        return pending[place].lent
    }

    /// Moves the statuses that may be sent now, those before the first unanswered request, to the output.
    func moveAnswers(_ page: StatusPage) {
        var count = 0
        while count < pending.count, let answer = pending[count].answer {
            switch answer {
            case .ok: page.append(nil, to: &output)
            case .status(let code): page.append(code, to: &output)
            }
            count += 1
        }
        pending.removeFirst(count)
    }

    /// Takes a request out whose reply goes to the output as it is. Only the first one may be answered so.
    func finish(_ serial: UInt32) -> Bool {
        guard let first = pending.first, first.serial == serial else { return false }
        pending.removeFirst()
        endLargeFrame(of: serial)
        return true
    }
}
