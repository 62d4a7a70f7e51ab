/// What a producer knows about one partition: every message it sent, in order, and what became of it.
///
/// Payloads are all different, so a message read back is known by its payload.
struct Ledger {
    enum Outcome: Equatable {
        case acknowledged
        /// The server said no: nobody may ever read it.
        case refused
        /// The connection ended first: it may be there or not.
        case unknown
    }

    struct Entry {
        let payload: [UInt8]
        let outcome: Outcome
    }

    private(set) var entries: [Entry] = []

    mutating func add(_ payloads: [[UInt8]], _ outcome: Outcome) {
        entries += payloads.map { Entry(payload: $0, outcome: outcome) }
    }

    var acknowledgedCount: Int { entries.count { $0.outcome == .acknowledged } }

    /// Throws unless `messages` are all of the partition: offsets from 0 without a gap, everything acknowledged, in
    /// order and unchanged, nothing refused, nothing foreign.
    func check(_ messages: [PolledMessage]) throws {
        var rest = messages[...]
        for (number, entry) in entries.enumerated() {
            let isThere = rest.first?.payload == entry.payload
            switch entry.outcome {
            case .acknowledged:
                try expect(
                    isThere, "message \(number) was acknowledged and is not at offset \(messages.count - rest.count)")
            case .refused: try expect(!isThere, "message \(number) was refused and can be read")
            case .unknown: break
            }
            if isThere { rest = rest.dropFirst() }
        }
        try expect(rest.isEmpty, "\(rest.count) messages from offset \(messages.count - rest.count) on were never sent")
        for (index, message) in messages.enumerated() {
            try expect(message.offset == UInt64(index), "offset \(message.offset) stands where \(index) belongs")
        }
    }
}

/// A message as a consumer reads it.
struct PolledMessage: Equatable {
    let offset: UInt64
    let payload: [UInt8]
}

/// A promise that was not kept, in a sentence.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ promise: String) { description = promise }
}

/// Throws unless `condition` holds; the message says what is wrong.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw Broken(message()) }
}
