import Platform
import Synchronization

/// Everything that the threads of one server share.
final class Exchange: Sendable {
    let ports: [ShardPort]
    /// By sender, then receiver.
    private let mailboxes: [Mailbox]
    let budget: MemoryBudget
    let directory: DataDirectory
    let workers: Workers
    let control: Control
    let log: Log
    let hints: Hints
    private let logging: LogService

    init(
        shardCount: Int, budget: MemoryBudget, directory: DataDirectory, control: Control, logging: LogService
    ) throws(StartFailure) {
        let slotCapacity = SlotTable.capacity(forBytes: budget.limitBytes)
        var ports: [ShardPort] = []
        for number in 0..<shardCount {
            ports.append(
                try ShardPort(
                    shard: ShardID(UInt16(truncatingIfNeeded: number)), table: try SlotTable(capacity: slotCapacity)))
        }
        self.ports = ports
        mailboxes = (0..<shardCount * shardCount).map { _ in Mailbox() }
        self.budget = budget
        self.directory = directory
        self.control = control
        log = logging.log
        self.logging = logging
        hints = Hints(log: log)
        workers = Workers(ports: ports, directory: directory)
    }

    var shardCount: Int { ports.count }

    func mailbox(from sender: ShardID, to receiver: ShardID) -> Mailbox {
        mailboxes[Int(sender.number) * ports.count + Int(receiver.number)]
    }

    /// A shard says something. When it says that the data directory is ours, the log files are too.
    func note(_ notice: Notice, of shard: ShardID) {
        log.note(notice, of: shard)
        if notice.subject == .directoryTaken, let failure = logging.begin() { control.exit(.failed(failure)) }
    }

    func wakeAll() {
        for port in ports { port.wake() }
    }

    /// Frees what the threads shared. All of them have ended.
    func end() {
        for port in ports { port.end() }
    }
}
