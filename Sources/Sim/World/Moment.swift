public import Platform

/// Something worth knowing that a run goes through: a mark of the server's, a turn that the world takes, or a change of
/// names on the disk that begins.
public enum Moment: Hashable, Sendable {
    case mark(Mark)
    case turn(Turn)
    case disk(IOClass, IOKind)

    /// What becomes of processes, shards and calls.
    public enum Turn: String, CaseIterable, Sendable {
        case start, serving, kill
        case powerCut = "power-cut"
        case shardFailure = "shard-failure"
        case syncFailure = "sync-failure"
        case noSpace = "no-space"
        case stop
    }

    private static let marks = Turn.allCases.count
    private static let disks = marks + Mark.allCases.count
    static let count = disks + IOClass.allCases.count * IOKind.allCases.count

    /// Its place among all.
    var index: Int {
        switch self {
        case .turn(let turn): turn.index
        case .mark(let mark): Self.marks + Int(mark.rawValue)
        case .disk(let ioClass, let kind): Self.disks + Int(ioClass.rawValue) * IOKind.allCases.count + kind.index
        }
    }

    init(index: Int) {
        if index < Self.marks {
            self = .turn(Turn.allCases[index])
        } else if index < Self.disks {
            self = .mark(Mark.allCases[index - Self.marks])
        } else {
            let (ioClass, kind) = (index - Self.disks).quotientAndRemainder(dividingBy: IOKind.allCases.count)
            self = .disk(IOClass.allCases[ioClass], IOKind.allCases[kind])
        }
    }

    /// Something goes wrong in it: what was under way then is cut off.
    var isBlow: Bool {
        switch self {
        case .turn(.kill), .turn(.powerCut), .turn(.shardFailure), .turn(.syncFailure), .turn(.noSpace): true
        case .turn(.start), .turn(.serving), .turn(.stop), .mark, .disk: false
        }
    }

    /// As plans and command lines name it: a mark and a turn by its name, a change of the disk as `segment/unlink`.
    public var text: String {
        switch self {
        case .mark(let mark): mark.text
        case .turn(let turn): turn.rawValue
        case .disk(let ioClass, let kind): "\(ioClass.text)/\(kind.rawValue)"
        }
    }

    public init?(text: some StringProtocol) {
        if let turn = Turn(rawValue: String(text)) {
            self = .turn(turn)
        } else if let mark = Mark(text: String(text)) {
            self = .mark(mark)
        } else {
            let parts: [String] = text.split(separator: "/").map { String($0) }
            guard parts.count == 2, let ioClass = IOClass(text: parts[0]), let kind = IOKind(rawValue: parts[1]) else {
                return nil
            }
            self = .disk(ioClass, kind)
        }
    }
}

extension Moment.Turn {
    fileprivate var index: Int {
        switch self {
        case .start: 0
        case .serving: 1
        case .kill: 2
        case .powerCut: 3
        case .shardFailure: 4
        case .syncFailure: 5
        case .noSpace: 6
        case .stop: 7
        }
    }
}

/// The nth time that a run goes through a moment, counted from 1.
public struct Waypoint: Hashable, Sendable {
    public let moment: Moment
    public let nth: UInt32

    public init(_ moment: Moment, nth: UInt32) {
        self.moment = moment
        self.nth = nth
    }
}

/// Two moments of which the second came soon after the first: what one run can show that another does not.
public struct MomentPair: Hashable, Sendable {
    public let first, second: Moment

    public init(_ first: Moment, _ second: Moment) {
        self.first = first
        self.second = second
    }

    static let count = Moment.count * Moment.count

    /// A number that stands for it among all pairs of this build.
    public var code: Int { first.index * Moment.count + second.index }

    public init?(code: Int) {
        guard code >= 0, code < Self.count else { return nil }
        self.init(Moment(index: code / Moment.count), Moment(index: code % Moment.count))
    }
}

/// How often a run went through each moment, and when each pair of them came first.
struct Passage {
    private(set) var counts = [UInt32](repeating: 0, count: Moment.count)
    /// The moments passed last, the latest first, each once.
    private var recent: [Int] = []
    private var isSeen = [Bool](repeating: false, count: MomentPair.count)
    /// By code, in the order in which they came: the pair, and the count of its second moment then.
    private(set) var pairs: [(code: Int, nth: UInt32)] = []

    /// So many different moments back the first one of a pair may lie.
    private static let reach = 6

    init() { recent.reserveCapacity(Self.reach + 1) }

    mutating func pass(_ moment: Moment) {
        let second = moment.index
        counts[second] &+= 1
        guard recent.first != second else { return }
        for first in recent where first != second {
            let code = first * Moment.count + second
            guard !isSeen[code] else { continue }
            isSeen[code] = true
            pairs.append((code, counts[second]))
        }
        if let place = recent.firstIndex(of: second) {
            recent.remove(at: place)
        } else if recent.count == Self.reach {
            recent.removeLast()
        }
        recent.insert(second, at: 0)
    }
}
