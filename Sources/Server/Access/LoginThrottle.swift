import Platform
import Wire

/// How long a login waits because of those that failed before it, on this shard: for the same account, known or not,
/// and from the same address.
///
/// The first few failures are free. Then each one doubles the delay of what comes next, up to a bound, and time
/// forgives one after the other. Nobody is ever locked out, and a delayed login is checked like any other: whether it
/// succeeds does not show earlier.
struct LoginThrottle {
    enum Subject: Equatable {
        case account(Name)
        /// An IPv4 address, or the network of 64 bits that an IPv6 peer has for itself.
        case address(UInt64, isIPv6: Bool)

        init(_ peer: PeerAddress) {
            self = .address(peer.isIPv6 ? peer.high : peer.low, isIPv6: peer.isIPv6)
        }
    }

    private struct Record {
        let subject: Subject
        /// Failures that are not forgiven yet, as of `at`.
        var failureCount: Int
        var at: Int64
    }

    private var records: [Record] = []

    /// Nanoseconds that a login which comes now has to wait.
    func delay(_ account: Name, from peer: PeerAddress, at now: Instant, _ limits: Limits) -> Int64 {
        max(delay(.account(account), now, limits), delay(Subject(peer), now, limits))
    }

    mutating func failed(_ account: Name, from peer: PeerAddress, at now: Instant, _ limits: Limits) {
        noteFailure(.account(account), now, limits)
        noteFailure(Subject(peer), now, limits)
    }

    /// Who knows the password need not wait for others who guess it. The address stays suspect: one of its accounts
    /// may be the guesser's own.
    mutating func succeeded(_ account: Name) {
        records.removeAll { $0.subject == .account(account) }
    }

    private func delay(_ subject: Subject, _ now: Instant, _ limits: Limits) -> Int64 {
        guard let record = records.first(where: { $0.subject == subject }) else { return 0 }
        let excess = failureCount(record, now, limits) - limits.loginFailuresFree
        guard excess >= 0 else { return 0 }
        return min(limits.loginDelayMin << Int64(min(excess, 16)), limits.loginDelayMax)
    }

    private func failureCount(_ record: Record, _ now: Instant, _ limits: Limits) -> Int {
        max(record.failureCount - Int((now.nanoseconds - record.at) / limits.loginForgivenAfter), 0)
    }

    private mutating func noteFailure(_ subject: Subject, _ now: Instant, _ limits: Limits) {
        if let place = records.firstIndex(where: { $0.subject == subject }) {
            records[place].failureCount = min(failureCount(records[place], now, limits), limits.loginFailuresMax - 1) + 1
            records[place].at = now.nanoseconds
            return
        }
        if records.count >= limits.loginRecordsMax, let least = leastSuspect(now, limits) { records.remove(at: least) }
        records.append(Record(subject: subject, failureCount: 1, at: now.nanoseconds))
    }

    /// Whose failures are fewest, the oldest of them: names made up to fill the table push each other out.
    private func leastSuspect(_ now: Instant, _ limits: Limits) -> Int? {
        records.indices.min { left, right in
            let (first, second) = (
                failureCount(records[left], now, limits), failureCount(records[right], now, limits)
            )
            return first == second ? records[left].at < records[right].at : first < second
        }
    }
}
