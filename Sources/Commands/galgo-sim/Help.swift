import Sim

/// What `--help` prints: the commands, the options that many of them share, and the exit codes.
let helpText = """
    galgo-sim: the server's own code under seeded faults

    Usage: galgo-sim COMMAND [options]
           galgo-sim COMMAND --help      what it is for, examples, all its options, its exit codes

    To find
      run                 explore seeds: each draws a plan, plays it and is judged
      verify              run --twice: every seed in two differing processes, or in two builds
      sweep [SCENARIO…]   small scenarios, crashed at every change of the disk, or in every order
      branch SEED|PLAN    many ways on from one moment of a run; --auto searches by itself
      rotation [SCENARIO…] the log writer: seeds, orders, planted bugs
      metamorphic         the same operations under other circumstances must leave the same

    To understand: SEED or PLAN, a file that shrink or replay --plan made
      replay SEED|PLAN    one run, narrated; --binary on a real server
      shrink SEED|PLAN    a failing run, as small as it fails in the same way
      explain SEED|PLAN   when a failure became inevitable, and what it takes
      confirm SEED|PLAN   how often it fails; whether it is gone
      corpus …            plans that are kept: add, run, list, prune
      report --html       what JSON lines say, and runs from inside, as one page

    To prove the simulator itself
      canary              each of eight planted bugs must be found
      mutants             the first seed that finds each bug that can be planted
      marks               which marks and checkers the seeds exercise
      conform             the model of the disk against real directories
      list                all that a command line, a plan or a report may name

    Options of many commands
      --seeds A..B, --seed S, --for SECONDS   which seeds
      --profile NAME                          how much happens in them
      --only FAULT,…, --without FAULT,…       which faults; what else a seed draws stays as it was
      --mutant ID, --sabotage ID              plant this bug, or let the world break this promise
      --jobs N                                worker processes
      --json                                  lines of JSON, as docs/simulation.md has them
      -o FILE                                 where a plan or a page goes

    Exit code
       0  all held                              14  the runs did too little to mean anything
      10  a safety property was violated        15  a planted bug was not found, a mark not hit; --gate not met
      11  liveness was violated                 16  no plan that can be run, or no such point
      12  two runs of a seed differ             64  wrong command line
      13  trapped, hung or took too much memory 70  the simulator itself failed
    """

func table(_ rows: [(name: String, text: String)]) -> String {
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    return rows.map { "  " + $0.name + String(repeating: " ", count: width - $0.name.count) + $0.text }
        .joined(separator: "\n")
}

extension PlanGenerator.Profile {
    var summary: String {
        switch self {
        case .std: "at least 500 operations of clients, 12 faults and a crash"
        case .disk: "the same with faults of the disk and crashes alone"
        case .shards: "the same with faults of shards, connections and memory, and no crash"
        case .quick: "the same shape, a tenth of it"
        case .calm: "500 operations, no faults"
        }
    }
}

extension Fault.Family {
    var summary: String {
        switch self {
        case .diskFull: "the volume has no room, for writes, at a sync or for names"
        case .shardPanic: "a shard fails and is rebuilt from disk"
        case .smtOversubscription: "all shards share the siblings of one core, and perhaps a CPU quota"
        case .rotationRace: "a segment's rotation is delayed, or a crash or failure meets it"
        case .processKill: "the process ends at once; what it had written stays"
        case .powerCut: "the machine ends at once; what was not synced may be lost or garbled"
        case .syncFails: "syncs of a class of files fail"
        case .slowIO: "every operation on the volume takes many times as long"
        case .shardStall: "a shard does not get to run"
        case .clockStep: "the wall clock jumps"
        case .connectionReset: "a connection breaks"
        case .diskError: "calls of one kind fail with EIO, or do a part"
        case .shortage: "no descriptors, no inodes, a stale report of the room"
        case .diskTime: "some calls take long, one is stuck, or all are"
        case .medium: "bits flip, sectors cannot be read"
        case .network: "pieces, stalls, connects that fail or hang, cut and corrupt requests, lost answers"
        case .timing: "the wall clock drifts, alarms ring late"
        case .memory: "buffers are refused"
        case .processor: "quota, siblings, neighbours, far memory, preemption, pauses"
        case .crash: "crashes in a recovery, two panics, panics in a row, traps"
        case .stop: "the server is stopped under load, and started again"
        case .mail: "letters between shards are late"
        }
    }
}

extension Survival {
    var summary: String {
        switch self {
        case .drawn: "as the tape says, sector by sector"
        case .nothing: "nothing of the unsynced survives"
        case .everything: "all of it"
        case .torn: "of each file, and of the names, a prefix; part of the next write"
        case .garbage: "all names; every sector as it was, as it should be, or noise"
        }
    }
}

extension Leak {
    var summary: String {
        switch self {
        case .hashOrder: "a process that ends resets its connections in the order of a Set"
        case .hashValue: "some alarms ring later by a bit of a hash value"
        case .address: "of the free buffers a shard is given the one at the lowest address"
        }
    }
}
