import Conformance
import Platform
import Sim

/// What `--help` prints: the commands, every option with its default, and what their values mean.
let helpText = """
    galgo-sim: the server's own code under seeded faults

    Usage: galgo-sim run [options]               explore seeds; each draws a plan, runs it and is judged
           galgo-sim replay SEED|PLAN [options]  one run, narrated; PLAN is a file that --plan or shrink made
           galgo-sim shrink SEED|PLAN [options]  a failing run, as small as it fails in the same way
           galgo-sim explain SEED|PLAN [options] when a failure became inevitable, and what it takes
           galgo-sim verify [options]            run --twice: two differing processes, or two builds
           galgo-sim metamorphic [options]       the same operations under other circumstances must leave the same
           galgo-sim conform [options]           the disk model against real directories
           galgo-sim sweep [SCENARIO…] [options] small scenarios, crashed at every change of the disk, or in every order
           galgo-sim rotation [SCENARIO…] [options] the log writer: seeds, orders, planted bugs
           galgo-sim branch SEED|PLAN --at MOMENT[.NTH]   many ways on from there; PLAN as of replay
           galgo-sim branch --auto|--measure     a search that feeds on itself; what it is worth against random seeds
           galgo-sim marks [--gate]              which marks and checkers the seeds exercise
           galgo-sim confirm SEED|PLAN [--fixed] how often it fails; whether it is gone
           galgo-sim canary [options]            each of eight planted bugs must be found
           galgo-sim mutants [options]           the first seed that finds each of all that can be planted
           galgo-sim corpus add SEED|PLAN | run | list | prune [options]  plans that are kept
           galgo-sim report --html [FILE…]       what JSON lines say, and runs from inside, as one HTML page
           galgo-sim list [--json]               faults, marks, classes and kinds of IO, checkers, planted bugs
           galgo-sim COMMAND --help              what it is for, examples, its options, its exit codes
           galgo-sim --help | -h                 this page

    Which runs (run, verify, canary, mutants, metamorphic, marks; branch --auto and --measure from A on)
      --seeds A..B          these seeds                  1..100; canary 1..500; mutants 1..300; marks 1..1000
      --seed S              this one; decimal or 0x…, with _ anywhere
      --for N               run, verify: seeds from A on until N seconds are over
      --jobs N              worker processes (all commands)             one for each CPU

    Which plan a seed means (run, verify, marks, and SEED of replay, shrink, explain, branch, confirm)
      --profile NAME        how much happens                            std; mutants std, disk and shards by turns
      --only FAULT,…        these faults alone                          all
      --without FAULT,…     all but these; what else happens stays as it was
      --mutant ID           plant this bug in the server (sweep too)    none
      --sabotage ID         let the world break this promise, such as sync-swallowed
      --ambush ID           let it break one after rare things in order (list ambushes)
      --leak ID             run, verify, replay: let the outside world decide something

    Sweep
      --list                the scenarios, and what each covers
      --nested HOW          second crash in each recovery: \(list(Sweep.Nesting.self))     sampled
      --crash P[+P]         only this crash; P is BOUNDARY.SURVIVAL, such as 83.garbage; needs its scenario
      --interleave N|all    every order with at most N departures from the order of time; or every one that is not the
                            same as another
      --for N               with --interleave: end after N seconds, and say what was gone through
      --schedule P          only this order: DECISION.CHOICE joined by +, as a failure has it, or usual

    Shrink, explain
      --budget N            seconds after which it is content           30
      --tries N             explain: how often each question is asked   12
      -o FILE               where the plan goes                         the output, with the verdict as comments

    Mutants
      --only ID,…           hunt for these alone                        all
      --gate N              exit 15 if fewer than N per cent are found
      --list                print what can be planted and hunt for nothing
      --markdown            print what was found as docs/mutants.md has it
      --known FILE          near the seeds that found them by this page; none may be missed

    Branch
      --at MOMENT[.NTH]     where the ways part: a mark, a turn of the world or a change of names (list moments)
      --tries N             ways on; with --auto and --measure runs     100; 1,000; 2,000 from each starting seed
      --auto                seeds, and branches where a run went through what few went through, until one fails
      --measure             the same against random seeds, on the bugs that take three rare things
      --starts N            --measure: starting seeds                   5
      -o FILE               where the plan that fails goes              the output, with the verdict as comments

    Marks
      --gate                14 if a checker is vacuous in over 1 % of the seeds, 15 if a mark is hit by none

    Confirm
      --tries N             runs that measure how often it fails        200
      --fixed               make the runs that have to hold: with nothing planted, or on repaired code
      --rate X/Y            --fixed: it failed in X of Y runs before the repair
    Verify
      --against FILE        every seed's second run is this executable's, such as a debug build of galgo-sim
      --unwatched           run, verify, replay: run in a debug build too, where nobody notices a read clock

    Metamorphic
      --variant NAME --plan print the plan of this variant of --seed's and run nothing; list has the names

    Conform
      --calls N             random calls on each volume; K and M count   1M
      --directory DIR       where the directories are made               /tmp
      --volume NAME         \(list(Volume.self))                          both
    Replay
      --binary [PATH]       on a real galgo-server, as far as it goes   the one beside this program; a PATH has a /

    Corpus (the options that say which plan a seed means go with add)
      --corpus DIR          where the plans are                         Tests/Corpus
      --why TEXT            add: what it is kept for                    what it violates; needed if it holds
      --fix COMMIT          add: what mended it
      --yes                 prune: remove what it lists                 only list it

    Report
      FILE…                 lines of run, sweep or mutants --json; - for the input
      --plan PLAN|SEED      show this run from inside; may be given more than once
      -o FILE               where the page goes                         the output

    Output
      --twice               run: every seed in two differing processes; their traces must be equal
      --trace full          replay, sweep --crash and --schedule: print all that happens
      --plan                the same: print the plan and run nothing
      --json                a line of JSON for each result; docs/simulation.md has the fields
      --junit FILE          run, verify, sweep, canary: results as JUnit XML too
      --annotations         the same commands: failures as ::error lines, on the error output

    Profiles
    \(table(PlanGenerator.Profile.allCases.map { ($0.rawValue, $0.summary) }))

    Faults (list has their kinds, which stand for a FAULT as well)
    \(table(Fault.Family.allCases.map { ($0.rawValue, $0.summary) }))

    Survivals of a power cut
    \(table(Survival.swept.map { ($0.rawValue, $0.summary) }))

    Planted bugs of canary (--mutant); mutants --list tells all, and the promises that --sabotage breaks
    \(table(Mutant.all.filter { $0.canary != nil }.map { ($0.id, $0.sentence) }))

    Leaks (--leak): what verify must see
    \(table(Leak.allCases.map { ($0.rawValue, $0.summary) }))

    Exit code
       0  all held                              14  the runs did too little to mean anything
      10  a safety property was violated        15  a planted bug was not found, a mark not hit; --gate not met
      11  liveness was violated                 16  the plan or crash point is not applicable
      12  two runs of a seed differ             64  wrong command line
      13  trapped, hung or took too much memory 70  the simulator itself failed
    shrink: 0 if the result fails in 20 new processes out of 20, 12 if not, 16 if there is no failure to shrink
    """

private func list<Choice: RawRepresentable<String> & CaseIterable>(_ choices: Choice.Type) -> String {
    Choice.allCases.map(\.rawValue).joined(separator: "|")
}

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

extension Leak {
    var summary: String {
        switch self {
        case .hashOrder: "a process that ends resets its connections in the order of a Set"
        case .hashValue: "some alarms ring later by a bit of a hash value"
        case .address: "of the free buffers a shard is given the one at the lowest address"
        }
    }
}
