import Platform
import Sim

/// What `--help` prints: the commands, every option with its default, and what their values mean.
let helpText = """
    galgo-sim: the server's own code under seeded faults

    Usage: galgo-sim run [options]               explore seeds; each draws a plan, runs it and is judged
           galgo-sim replay SEED|PLAN [options]  one run, narrated; PLAN is a file that --plan or shrink made
           galgo-sim shrink SEED|PLAN [options]  a failing run, as small as it fails in the same way
           galgo-sim verify [options]            run --twice
           galgo-sim sweep [options]             one scenario, crashed at every change of the disk
           galgo-sim canary [options]            each of eight planted bugs must be found
           galgo-sim mutants [options]           the first seed that finds each of all that can be planted
           galgo-sim list [--json]               faults, marks, classes and kinds of IO, checkers, planted bugs
           galgo-sim --help | -h

    Which runs (run, verify, canary, mutants)
      --seeds A..B          these seeds                                 1..100; canary 1..500; mutants 1..300
      --seed S              this one; decimal or 0x…, with _ anywhere
      --for N               run, verify: seeds from A on until N seconds are over
      --jobs N              worker processes (all commands)             one for each CPU

    Which plan a seed means (run, verify, replay SEED, shrink SEED)
      --profile NAME        how much happens                            std; mutants std and disk by turns
      --only FAULT,…        these faults alone                          all
      --without FAULT,…     all but these; what else happens stays as it was
      --mutant ID           plant this bug in the server (sweep too)    none
      --sabotage ID         let the world break this promise, such as sync-swallowed

    Sweep
      --scenario NAME       \(list(Sweep.Scenario.self))                    all three
      --nested HOW          second crash in each recovery: \(list(Sweep.Nesting.self))     sampled
      --crash P[+P]         only this crash; P is BOUNDARY.SURVIVAL, such as 83.garbage; needs --scenario

    Shrink
      --budget N            seconds after which it is content           30
      -o FILE               where the plan goes                         the output, with the verdict as comments

    Mutants
      --only ID,…           hunt for these alone                        all
      --gate N              exit 15 if fewer than N per cent are found
      --list                print what can be planted and hunt for nothing
      --markdown            print what was found as docs/mutants.md has it

    Output
      --twice               run: every seed in two differing processes; their traces must be equal
      --trace full          replay, sweep --crash: print all that happens
      --plan                replay, sweep --crash: print the plan and run nothing
      --json                a line of JSON for each result; docs/simulation.md has the fields

    Profiles
    \(table(PlanGenerator.Profile.allCases.map { ($0.rawValue, $0.summary) }))

    Faults (list has their kinds, which stand for a FAULT as well)
    \(table(Fault.Family.allCases.map { ($0.rawValue, $0.summary) }))

    Survivals of a power cut
    \(table(Survival.swept.map { ($0.rawValue, $0.summary) }))

    Planted bugs of canary (--mutant); mutants --list tells all, and the promises that --sabotage breaks
    \(table(Mutant.all.filter { $0.canary != nil }.map { ($0.id, $0.sentence) }))

    Exit code
       0  all held                              14  the runs did too little to mean anything
      10  a safety property was violated        15  a planted bug was not found; --gate not met
      11  liveness was violated                 16  the plan or crash point is not applicable
      12  two runs of a seed differ             64  wrong command line
      13  trapped, hung or took too much memory 70  the simulator itself failed
    shrink: 0 if the result fails in 20 new processes out of 20, 12 if not, 16 if there is no failure to shrink
    """

private func list<Choice: RawRepresentable<String> & CaseIterable>(_ choices: Choice.Type) -> String {
    Choice.allCases.map(\.rawValue).joined(separator: "|")
}

private func table(_ rows: [(name: String, text: String)]) -> String {
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    return rows.map { "  " + $0.name + String(repeating: " ", count: width - $0.name.count) + $0.text }
        .joined(separator: "\n")
}

extension PlanGenerator.Profile {
    var summary: String {
        switch self {
        case .std: "at least 500 operations of clients, 12 faults and a crash"
        case .disk: "the same with faults of the disk and crashes alone"
        case .quick: "the same shape, a tenth of it"
        case .calm: "500 operations, no faults"
        }
    }
}

extension Fault.Family {
    fileprivate var summary: String {
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
    fileprivate var summary: String {
        switch self {
        case .drawn: "as the tape says, sector by sector"
        case .nothing: "nothing of the unsynced survives"
        case .everything: "all of it"
        case .torn: "of each file, and of the names, a prefix; part of the next write"
        case .garbage: "all names; every sector as it was, as it should be, or noise"
        }
    }
}
