import CLinux
import Platform

/// The threads that make slow calls for all shards.
///
/// Their number is fixed. Each lane has its own, so that a sync never waits for the removal of a large file and
/// nothing waits for a password.
final class Workers: Sendable {
    private struct Assignment: BitwiseCopyable {
        let job: Job
        let ticket: UInt32
        let shard: ShardID
    }

    private let lanes: [JobQueue<Assignment>]
    private let ports: [ShardPort]
    private let directory: DataDirectory

    init(ports: [ShardPort], directory: DataDirectory) {
        self.ports = ports
        self.directory = directory
        lanes = Job.Lane.allCases.map { _ in JobQueue() }
    }

    /// Starts the threads; `end` and join them when no shard submits any more.
    func start() throws(StartFailure) -> [Thread] {
        var threads: [Thread] = []
        do {
            for lane in Job.Lane.allCases {
                for number in 0..<threadCount(lane) {
                    threads.append(try Thread(named: "\(lane)-\(number)") { self.serve(lane) })
                }
            }
        } catch {
            end()
            for thread in threads { thread.join() }
            throw error
        }
        return threads
    }

    func end() {
        for lane in lanes { lane.close() }
    }

    func submit(_ job: Job, ticket: UInt32, for shard: ShardID) {
        lanes[job.lane.rawValue].append(Assignment(job: job, ticket: ticket, shard: shard))
    }

    private func threadCount(_ lane: Job.Lane) -> Int {
        switch lane {
        case .sync, .background, .read: min(max(ports.count, 2), 8)
        case .names, .blocks: 2
        // More would take cores from the shards: hashing is made to be slow.
        case .secrets: 1
        }
    }

    private func serve(_ lane: Job.Lane) {
        // A shard that is woken takes the core at once, and threads that wait for one see it as free.
        if lane == .background { galgo_leave_cores_to_others() }
        while let assignment = lanes[lane.rawValue].take() {
            let (result, second) = directory.perform(assignment.job)
            ports[Int(assignment.shard.number)].finish(
                Finished(ticket: assignment.ticket, result: result, second: second))
        }
    }
}
