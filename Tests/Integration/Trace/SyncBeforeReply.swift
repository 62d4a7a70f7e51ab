/// The promise of the durability level `power`, read off a trace: no reply to a message leaves before a sync that
/// covers it has returned.
///
/// A message is followed by a mark in its payload, `mark-<digits>;`, that no other message carries. For each mark
/// received on a socket the next send on that socket is its reply, because the producers wait for each reply.
enum SyncBeforeReply {
    enum Violation: Error, Equatable {
        /// The mark was answered but never written to a file before.
        case replyWithoutWrite(mark: String)
        /// The mark was written, but no sync of that file, entered after the write returned, had succeeded.
        case replyWithoutSync(mark: String)
    }

    /// How many replies were checked; throws the first reply that came too early.
    static func check(_ calls: [TracedCall]) throws(Violation) -> Int {
        var writes: [String: [TracedCall]] = [:]
        for call in calls where Kind(call) == .write && (call.result ?? -1) > 0 {
            for mark in marks(in: call.arguments) { writes[mark, default: []].append(call) }
        }
        var checked = 0
        for (index, receive) in calls.enumerated() where Kind(receive) == .receive {
            for mark in marks(in: receive.arguments) {
                let reply = calls[(index + 1)...].first {
                    Kind($0) == .send && $0.target == receive.target && $0.entered > receive.left
                }
                guard let reply else { continue }
                try check(mark, writtenBy: writes[mark] ?? [], answeredBy: reply, in: calls)
                checked += 1
            }
        }
        return checked
    }

    private static func check(
        _ mark: String, writtenBy writes: [TracedCall], answeredBy reply: TracedCall, in calls: [TracedCall]
    ) throws(Violation) {
        let writes = writes.filter { $0.left < reply.entered }
        guard !writes.isEmpty else { throw .replyWithoutWrite(mark: mark) }
        let isCovered = writes.contains { write in
            calls.contains {
                Kind($0) == .sync && $0.target == write.target && $0.result == 0
                    && $0.entered > write.left && $0.left < reply.entered
            }
        }
        guard isCovered else { throw .replyWithoutSync(mark: mark) }
    }

    private enum Kind {
        case receive, send, write, sync

        init?(_ call: TracedCall) {
            let isSocket = call.target?.hasPrefix("socket:") ?? false
            switch call.name {
            case "read", "readv", "recvfrom", "recvmsg": self = .receive
            case "sendto", "sendmsg": self = .send
            case "write", "writev": self = isSocket ? .send : .write
            case "pwrite64", "pwritev", "pwritev2": self = .write
            case "fsync", "fdatasync": self = .sync
            default: return nil
            }
        }
    }

    /// Every call that the check needs to see.
    static let calls =
        "read,readv,recvfrom,recvmsg,sendto,sendmsg,write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync"

    /// The marks in the text of a call, each with its closing semicolon so that none is the beginning of another.
    static func marks(in text: String) -> [String] {
        text.split(separator: "mark-", omittingEmptySubsequences: false).dropFirst().compactMap { piece in
            let digits = piece.prefix { $0.isNumber }
            guard !digits.isEmpty, piece.dropFirst(digits.count).hasPrefix(";") else { return nil }
            return "mark-\(digits);"
        }
    }
}
