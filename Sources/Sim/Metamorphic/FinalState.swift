import Platform
import Wire

/// What a run left, in an order and in names that do not depend on its circumstances.
struct FinalState: Equatable {
    /// Each says one thing: the messages of one producer in one partition, the partitions of a topic, a stored offset.
    var facts: [Fact] = []

    struct Fact: Equatable {
        let what: String
        let value: String
    }

    /// Where it differs from another one, in words; nil where it does not.
    func difference(from other: FinalState) -> String? {
        for (here, there) in zip(facts, other.facts) where here != there {
            guard here.what == there.what else { return "there is \(here.what) instead of \(there.what)" }
            return "\(here.what): \(here.value) instead of \(there.value)"
        }
        return facts.count == other.facts.count ? nil : "\(facts.count) things instead of \(other.facts.count)"
    }
}

/// Reads the stored offset of each client in the partition of its own.
final class Auditor: ClassicActor {
    private let path: TopicPath
    private let count: UInt32
    /// By client; nil where nothing is stored.
    private(set) var offsets: [UInt64?] = []

    init(clients count: UInt32, path: TopicPath) {
        self.path = path
        self.count = count
        super.init(.patient)
    }

    override func ready(in universe: any Surroundings) {
        let client = UInt32(offsets.count)
        guard client < count else { return finish(in: universe) }
        let place = ConsumerPartition(consumer: .single(.id(client + 1)), path: path, partition: client)
        ask(.getConsumerOffset(place), in: universe)
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        if refusal == nil { offsets.append(ConsumerOffsetRecord.first(in: payload)?.storedOffset) }
        if refusal == nil { ready(in: universe) } else { pause(50 * millisecond, in: universe) }
    }
}

extension Run {
    /// What is there in the end; nil if it cannot be read.
    func finalState(_ metamorphosis: Metamorphosis, _ variant: Metamorphosis.Variant) -> FinalState? {
        enter("audit")
        let auditor = Auditor(clients: UInt32(plan.clients.count), path: place.path)
        auditor.join(universe, in: 0)
        guard run(within: bounds.scan, until: { auditor.isFinished }) else { return nil }
        var state = FinalState()
        // Every prober of the last phases tries one offset that must be refused.
        state.add("refusals", "\(oracle.refusedCount - universe.shards.count)")
        for (client, offset) in auditor.offsets.enumerated() {
            state.add("the offset that client \(client) stored", offset.map { "\($0)" } ?? "none")
        }
        let partitionCount = Int(plan.knobs[.partitions])
        let producers = plan.clients.indices.map { metamorphosis.messages(ofClient: $0) }
        for partition in 0..<partitionCount {
            for client in plan.clients.indices {
                let seen = logs[partition].messages.compactMap(\.id).filter { $0.batch.client == client }
                // A split batch's message is known by its place among all that its client appends.
                let plain = variant == .splitBatches ? seen.map { Self.plain($0, producers[client]) } : seen
                state.add("messages of client \(client) in partition \(partition)", Self.text(plain))
            }
        }
        var next = partitionCount
        for owner in owners.prefix(plan.owners.count) {
            for topic in owner.topics where topic.state != .absent {
                state.add("topic \(topic.text)", "\(topic.partitions.count) partitions")
                for partition in topic.partitions.indices {
                    let log = Self.text(logs[next].messages.compactMap(\.id))
                    state.add("messages in partition \(partition) of \(topic.text)", log)
                    next += 1
                }
            }
        }
        return state
    }

    private static func plain(_ id: MessageID, _ messages: [MessageID]) -> MessageID {
        Int(id.batch.number) < messages.count ? messages[Int(id.batch.number)] : id
    }

    private static func text(_ ids: [MessageID]) -> String {
        ids.map { "\($0.batch.number).\($0.index)" }.joined(separator: " ")
    }
}

extension FinalState {
    fileprivate mutating func add(_ what: String, _ value: String) { facts.append(Fact(what: what, value: value)) }
}

extension Metamorphosis {
    /// What came of all variants.
    public struct Result: Sendable {
        public private(set) var runs = 0
        public private(set) var asked = 0
        /// Things compared between two runs.
        public private(set) var facts = 0
        /// The first variant that failed by itself or ended elsewhere than the plain one, and why.
        public private(set) var failure: (variant: Variant, text: String, exitCode: Int32)?

        fileprivate mutating func add(_ report: Report) {
            runs += 1
            asked += report.asked
        }

        fileprivate mutating func compared(_ count: Int) { facts += count }
        fileprivate mutating func failed(_ variant: Variant, _ text: String, _ exitCode: Int32) {
            failure = (variant, text, exitCode)
        }
    }

    /// Exit code of a run that ends elsewhere: something wrong was seen.
    private static let differs: Int32 = 10

    /// Runs every variant, up to the first that fails.
    public func perform() -> Result {
        var result = Result()
        var plain: FinalState?
        for variant in Variant.allCases {
            guard let run = Run(plan(variant), server: Plan.galgo) else { continue }
            var state: FinalState?
            run.onSettled = { [unowned run] in state = run.finalState(self, variant) }
            let report = run.perform()
            result.add(report)
            if case .violated(let violation) = report.verdict {
                result.failed(variant, "\(violation)", report.exitCode)
                return result
            }
            guard let state else {
                result.failed(variant, "what is left cannot be read", 11)
                return result
            }
            guard let expected = plain else {
                plain = state
                if state.facts.first?.value != "\(refusalCount)" {
                    result.failed(
                        variant, "refusals: \(state.facts.first?.value ?? "") instead of \(refusalCount)", Self.differs)
                    return result
                }
                continue
            }
            result.compared(state.facts.count)
            if let difference = state.difference(from: expected) {
                result.failed(variant, difference, Self.differs)
                return result
            }
        }
        return result
    }
}
