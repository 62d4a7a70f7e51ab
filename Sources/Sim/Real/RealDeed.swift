public import Platform

/// What can be done to a real server by somebody without privileges.
public enum RealDeed: Equatable, Sendable {
    /// SIGKILL; times in nanoseconds.
    case kill(restartIn: Int64)
    /// SIGTERM, and the start after its end.
    case stop(restartIn: Int64)
    /// SIGTERM, then SIGKILL without waiting.
    case stopThenKill(restartIn: Int64)
    case failShard(ShardID)
    /// SIGSTOP, then SIGCONT.
    case pause(for: Int64)
    /// All threads on one CPU.
    case crowd(for: Int64)
    case fillDisk(leaving: Int, for: Int64)
    /// The nth open connection.
    case breakConnection(nth: UInt32)
}

extension Fault {
    /// What it becomes on a real machine, and how that is less or more than what the plan says; nil if nothing comes near.
    public var realDeed: (deed: RealDeed, difference: String?)? {
        let restart = 10 * millisecond
        switch kind {
        case .processKill(let delay): return (.kill(restartIn: delay), nil)
        case .powerCut(let delay): return (.kill(restartIn: delay), "as a kill: what was not synced stays")
        case .rotationRace(.kill): return (.kill(restartIn: restart), "in no rotation")
        case .rotationRace(.power): return (.kill(restartIn: restart), "as a kill, in no rotation")
        case .rotationRace(.panic): return (.failShard(ShardID(0)), "in no rotation")
        case .shardPanic(let shard): return (.failShard(shard ?? ShardID(0)), nil)
        case .shardStall: return (.pause(for: duration), "as a stall of all shards")
        case .smtOversubscription(_, let quota):
            return (.crowd(for: duration), quota == nil ? "all threads on one CPU" : "all threads on one CPU, no quota")
        case .diskFull(let mode, let freeBlocks):
            return (
                .fillDisk(leaving: freeBlocks * 4_096, for: duration), mode == .blocks ? nil : "as disk-full.blocks"
            )
        case .connectionReset(let nth): return (.breakConnection(nth: nth), nil)
        case .disturbance(let disturbance): return disturbance.realDeed(for: duration, restart: restart)
        case .rotationRace(.stall), .syncFails, .slowIO, .clockStep: return nil
        }
    }
}

extension Disturbance {
    fileprivate func realDeed(for duration: Int64, restart: Int64) -> (deed: RealDeed, difference: String?)? {
        switch name {
        case .paused: (.pause(for: duration), nil)
        case .busySibling, .throttled: (.crowd(for: duration), "all threads on one CPU")
        case .trap: (.kill(restartIn: restart), "as a kill")
        case .twoPanics: (.failShard(ShardID(UInt16(truncatingIfNeeded: target))), "one shard")
        case .killInRecovery, .killsInRecovery: (.kill(restartIn: restart), "once, and not in the recovery")
        case .powerInRecovery: (.kill(restartIn: restart), "once, as a kill")
        case .stop: (.stop(restartIn: restart), nil)
        case .stopThenKill: (.stopThenKill(restartIn: restart), nil)
        case .stopThenPower: (.stopThenKill(restartIn: restart), "as a kill: what was not synced stays")
        default: nil
        }
    }
}

/// What the plan's faults become, each when the clients have begun as many operations as they had in the simulated run.
public struct RealSchedule: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        public let begun: Int
        public let deed: RealDeed
    }

    public private(set) var entries: [Entry] = []
    /// Lines for a person: what is carried out, and what is not.
    public private(set) var planned: [String] = []
    public private(set) var skipped: [String] = []

    /// - Parameters:
    ///   - beginnings: which faults began in the simulated run, in their order.
    ///   - hasVolume: the server's volume can be filled.
    public init(_ plan: Plan, beginnings: [FaultBeginning], hasVolume: Bool) {
        for beginning in beginnings where beginning.fault < plan.faults.count {
            let fault = plan.faults[beginning.fault]
            guard let (deed, difference) = fault.realDeed else {
                skipped.append(fault.id)
                continue
            }
            if case .fillDisk = deed, !hasVolume {
                skipped.append("\(fault.id) (no volume of limited size here)")
                continue
            }
            entries.append(Entry(begun: beginning.begun, deed: deed))
            planned.append(fault.id + (difference.map { " (\($0))" } ?? ""))
        }
    }

    /// Whether a volume of limited size is of any use to the plan.
    public static func wantsVolume(_ plan: Plan) -> Bool {
        plan.faults.contains { if case .fillDisk = $0.realDeed?.deed { true } else { false } }
    }
}

/// A fault that began when the clients had begun so many operations.
public struct FaultBeginning: Equatable, Sendable {
    public let fault: Int
    public let begun: Int
}

extension Plan {
    /// Knobs that a real server is started with; for the others it has its own values.
    public static let realKnobs: [Knob] = [.shards, .partitions, .durability, .segmentBytes]

    /// The settings of a real server that say the same: an environment without the data directory and the address.
    public var realSettings: [String: String] {
        [
            "IGGY_SYSTEM_SEGMENT_SIZE": "\(realSegmentBytes) B",
            "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "\(level(.durability) == .power)",
            "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "\(knobs[.shards])", "IGGY_SYSTEM_SHARDING_PIN_CORES": "false",
            "GALGO_FAIL_SHARDS_ON_SIGNAL": "true",
        ]
    }

    /// A real server takes whole sectors.
    var realSegmentBytes: UInt64 { max(512, (knobs[.segmentBytes] + 511) / 512 * 512) }
}
