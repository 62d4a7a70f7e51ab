import Client
import Foundation
import Synchronization

/// Threads of one connection each, and what they bring home.
final class Crew: Sendable {
    typealias Outcome = Result<Tally, ClientError>

    private let outcomes = Mutex<[Outcome]>([])
    private let count: Int

    /// Starts a thread for each of `bodies`. The first that fails aborts the schedule, so that all end.
    init(_ bodies: [@Sendable () throws(ClientError) -> Tally], schedule: Schedule) {
        count = bodies.count
        for body in bodies {
            let thread = Thread { [self] in
                let outcome: Outcome
                do throws(ClientError) {
                    outcome = .success(try body())
                } catch {
                    outcome = .failure(error)
                }
                if outcome.isFailed { schedule.abort() }
                outcomes.withLock { $0.append(outcome) }
            }
            thread.start()
        }
    }

    var isDone: Bool { outcomes.withLock { $0.count == count } }

    /// What all threads did together, or the first failure.
    func result() throws(Failure) -> Tally {
        var total = Tally()
        for outcome in outcomes.withLock({ $0 }) {
            switch outcome {
            case .success(let tally): total.merge(tally)
            case .failure(let error): throw Failure("while measuring: \(error)")
            }
        }
        if let violation = total.violation { throw Failure(violation) }
        return total
    }
}

extension Crew.Outcome {
    fileprivate var isFailed: Bool {
        switch self {
        case .success(let tally): tally.violation != nil
        case .failure: true
        }
    }
}

/// One line a second on stderr: seconds, messages and megabytes in the last one.
struct Progress {
    let meters: [Meter]
    let schedule: Schedule

    func run(until crew: Crew) {
        var before = total
        var beforeAt = ContinuousClock.now
        // Whole seconds of the schedule, so that none is named twice or left out.
        var second = schedule.measuredFrom
        while second - .seconds(1) > beforeAt { second -= .seconds(1) }
        if second <= beforeAt { second += .seconds(1) }
        while true {
            while ContinuousClock.now < second {
                guard !crew.isDone else { return }
                Thread.sleep(forTimeInterval: 0.01)
            }
            let now = ContinuousClock.now
            let reading = total
            let change = reading - before
            let elapsed = max(1, (now - beforeAt).nanoseconds / 1000)
            let measured = (second - schedule.measuredFrom).nanoseconds / 1_000_000_000
            let phase = measured > 0 ? "\(measured) s" : "warm-up"
            second += .seconds(1)
            complain(
                """
                \(phase)  \(Format.grouped(change.messageCount * 1_000_000 / elapsed)) msg/s  \
                \(Format.decimal(change.byteCount, unit: elapsed, digits: 1)) MB/s
                """)
            (before, beforeAt) = (reading, now)
        }
    }

    private var total: Meter.Reading { meters.reduce(Meter.Reading()) { $0 + $1.reading } }
}

/// Writes a line to stderr.
func complain(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}
