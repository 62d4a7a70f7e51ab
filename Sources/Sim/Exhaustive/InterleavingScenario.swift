import Platform

/// What is explored in every order: two or three clients that have met, a few operations each, segments of one batch,
/// and what may interrupt them once.
public enum InterleavingScenario: String, CaseIterable, Sendable {
    case rotatePoll = "rotate-poll"
    case rotateCrash = "rotate-crash"
    case firstAppend = "first-append"
    case appendAppend = "append-append"
    case backgroundSync = "background-sync"
    case offsetCommit = "offset-commit"
    case purgeRace = "purge-race"
    case purgeBeside = "purge-beside"
    case delete
    case stop
    case lentMessages = "lent-messages"

    public var summary: String {
        switch self {
        case .rotatePoll: "an append that rotates, and polls across the boundary"
        case .rotateCrash: "the same, synced before the answer, and a kill or a power cut at any point"
        case .firstAppend: "the first appends of a partition, and a power cut"
        case .appendAppend: "two clients append across a rotation, one polls; a power cut"
        case .backgroundSync: "appends answered when written, the sync of the background at any time, and a power cut"
        case .offsetCommit: "two consumers store offsets while their file is compacted; a kill or a power cut"
        case .purgeRace: "a topic is emptied while it is appended to across a rotation, and polled; a power cut"
        case .purgeBeside: "a topic is emptied beside a rotation of another; a kill or a power cut"
        case .delete: "a topic is deleted and made again beside a rotation; a power cut"
        case .stop: "a clean stop at any point of appends across a rotation, and the start after it"
        case .lentMessages: "two shards, messages that arrive on one are written by the other; a power cut"
        }
    }

    /// In the order of time, with nothing between.
    var plan: Plan {
        var plan = Plan.smallest
        plan.schedule = .firstCome
        plan.clients = clients
        plan.owners = owners
        plan.interleaving = PlannedInterleaving(interruptions)
        switch self {
        case .rotatePoll, .backgroundSync:
            plan.knobs[.durability] = UInt64(PromisedLevel.process.rawValue)
            plan.knobs[.offsetsDurability] = UInt64(PromisedLevel.process.rawValue)
        case .lentMessages:
            plan.knobs[.shards] = 2
            plan.knobs[.partitions] = 2
        case .rotateCrash, .firstAppend, .appendAppend, .offsetCommit, .purgeRace, .purgeBeside, .delete, .stop: break
        }
        return plan
    }

    private var interruptions: [PlannedInterleaving.Interruption] {
        switch self {
        case .rotatePoll: []
        case .rotateCrash: [.powerCut(.nothing), .powerCut(.torn), .kill]
        case .firstAppend, .appendAppend, .purgeRace, .delete, .lentMessages: [.powerCut(.nothing)]
        case .backgroundSync: [.alarm, .powerCut(.nothing)]
        case .offsetCommit, .purgeBeside: [.powerCut(.nothing), .kill]
        case .stop: [.stop]
        }
    }

    private var clients: [PlannedClient] {
        switch self {
        case .rotatePoll: [Self.client([Self.fill], [Self.fill]), Self.client([], [Self.read, Self.read])]
        case .rotateCrash: [Self.client([Self.fill], [Self.fill, Self.small]), Self.client([], [Self.read, Self.read])]
        case .firstAppend: [Self.client([], [Self.small, Self.fill]), Self.client([], [Self.small])]
        case .appendAppend:
            [Self.client([Self.fill], [Self.fill]), Self.client([], [Self.small]), Self.client([], [Self.read])]
        case .backgroundSync: [Self.client([Self.fill], [Self.small, Self.fill]), Self.client([], [Self.read])]
        case .offsetCommit: Array(repeating: Self.client([Self.several, Self.poll], Self.commits), count: 2)
        case .purgeRace:
            [Self.client([Self.fill], [Self.fill]), Self.client([], [.purge]), Self.client([], [Self.read, Self.read])]
        case .purgeBeside: [Self.client([Self.fill], [Self.fill])]
        case .delete: [Self.client([Self.fill], [Self.fill, Self.read])]
        case .stop: [Self.client([Self.fill], [Self.fill, Self.small]), Self.client([], [Self.read])]
        case .lentMessages:
            (0..<2 as Range<UInt32>).map {
                Self.client(
                    [.append(partition: $0, messages: 1, payloadBytes: 650)],
                    [.append(partition: 1 - $0, messages: 1, payloadBytes: 650), .poll(partition: $0, messages: 10)])
            }
        }
    }

    private var owners: [PlannedOwner] {
        switch self {
        case .purgeBeside:
            [
                Self.owner([
                    .meet, .purge(topic: 0), .append(topic: 0, partition: 0, messages: 1, payloadBytes: 40),
                    .read(topic: 0, partition: 0, messages: 5),
                ])
            ]
        case .delete: [Self.owner([.meet, .drop(topic: 0), .make(topic: 0, partitions: 1)])]
        case .rotatePoll, .rotateCrash, .firstAppend, .appendAppend, .backgroundSync, .offsetCommit, .purgeRace,
            .stop, .lentMessages:
            []
        }
    }

    // MARK: Operations

    /// First these, then, once all have met, those.
    private static func client(_ before: [PlannedOperation], _ then: [PlannedOperation]) -> PlannedClient {
        PlannedClient(.patient, before + [.meet] + then)
    }

    private static func owner(_ then: [OwnerOperation]) -> PlannedOwner {
        PlannedOwner(
            .patient,
            [.make(topic: 0, partitions: 1), .append(topic: 0, partition: 0, messages: 1, payloadBytes: 650)] + then)
    }

    /// A segment is full with it.
    private static let fill = PlannedOperation.append(partition: 0, messages: 1, payloadBytes: 650)
    private static let small = PlannedOperation.append(partition: 0, messages: 1, payloadBytes: 40)
    private static let several = PlannedOperation.append(partition: 0, messages: 3, payloadBytes: 20)
    private static let read = PlannedOperation.poll(partition: 0, messages: 10)
    private static let poll = PlannedOperation.poll(partition: 0, messages: 1)
    private static let commits: [PlannedOperation] = [.store(partition: 0), .poll(partition: 0, messages: 1)]
        + [.store(partition: 0), .fetch(partition: 0)]
}
