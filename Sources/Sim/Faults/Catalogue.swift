/// Everything that can go wrong here: one line for each kind of fault, however many plans draw it.
public struct FaultEntry: Equatable, Sendable {
    /// What plans, reports and command lines call it: the family, or the family, a dot and the kind.
    public let id: String
    public let family: Fault.Family
    /// One sentence.
    public let summary: String
    /// What its effect counts.
    public let effect: String
    /// How it ends.
    public let ending: String
}

extension Fault {
    /// In the order of the families.
    public static let catalogue: [FaultEntry] =
        ofTheirOwn
        + Disturbance.Name.allCases.map { name in
            let row = name.row
            return FaultEntry(
                id: name.rawValue, family: row.family, summary: row.summary, effect: row.effect, ending: row.ending.text)
        }

    /// Its kind's name in the catalogue.
    public var id: String {
        switch kind {
        case .diskFull(let mode, freeBlocks: _): "\(Family.diskFull.rawValue).\(mode.rawValue)"
        case .rotationRace(let action): "\(Family.rotationRace.rawValue).\(action.rawValue)"
        case .clockStep(let microseconds): "\(Family.clockStep.rawValue).\(microseconds < 0 ? "back" : "forward")"
        default: kind.word
        }
    }

    private static let whenMet = "its time after the first effect"
    private static let atOnce = "at once"

    /// Those that are no rows of the table of disturbances.
    private static let ofTheirOwn: [FaultEntry] = [
        .init(.diskFull, "blocks", "the volume is full: short writes, then ENOSPC", "calls refused", whenMet),
        .init(.diskFull, "quota", "the quota is used up: short writes, then EDQUOT", "calls refused", whenMet),
        .init(.diskFull, "at-sync", "writes succeed, the sync that needs the room fails", "calls refused", whenMet),
        .init(.diskFull, "names", "the volume is full for names as well", "calls refused", whenMet),
        .init(.shardPanic, nil, "a shard fails in the middle of a step and is made anew", "failures", atOnce),
        .init(
            .smtOversubscription, nil, "all shards share the siblings of one core, and perhaps a CPU quota",
            "steps slowed or put off", whenMet),
        .init(.rotationRace, "stall", "a rotation's next operations take long", "operations delayed", "after six"),
        .init(.rotationRace, "kill", "the process is killed in a rotation", "kills", atOnce),
        .init(.rotationRace, "power", "the power goes out in a rotation", "cuts", atOnce),
        .init(.rotationRace, "panic", "a shard fails in a rotation", "failures", atOnce),
        .init(.processKill, nil, "the process is killed: what it had written stays", "kills", atOnce),
        .init(.powerCut, nil, "the power goes out: what was not synced may be lost or torn", "cuts", atOnce),
        .init(
            .syncFails, nil, "syncs of a class of files fail with EIO, and part of what they covered is lost",
            "syncs failed", "after its count"),
        .init(.slowIO, nil, "everything on the volume takes so many times as long", "operations slowed", whenMet),
        .init(.shardStall, nil, "a shard does not get to run for a time", "stalls", "after its time"),
        .init(.clockStep, "forward", "the wall clock is set forward", "steps", atOnce),
        .init(.clockStep, "back", "the wall clock is set back", "steps", atOnce),
        .init(.connectionReset, nil, "a connection breaks: both sides see a reset", "resets", atOnce),
    ]
}

extension FaultEntry {
    fileprivate init(_ family: Fault.Family, _ kind: String?, _ summary: String, _ effect: String, _ ending: String) {
        self.init(
            id: kind.map { "\(family.rawValue).\($0)" } ?? family.rawValue, family: family, summary: summary,
            effect: effect, ending: ending)
    }
}

extension Disturbance.Ending {
    fileprivate var text: String {
        switch self {
        case .once: "at once"
        case .count: "after its count"
        case .time: "its time after the first effect"
        case .timeFromBeginning: "after its time"
        }
    }
}
