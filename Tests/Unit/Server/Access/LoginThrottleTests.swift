import Platform
import Sim
import Testing
import Wire

@testable import Server

@Suite struct LoginThrottleTests {
    private let limits = Limits()
    private let root = Name("iggy")!
    private let attacker = PeerAddress(ipv4: 1, port: 1)

    private static func at(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: seconds * second, wallMicroseconds: 0)
    }


    /// Seconds that a login waits after each of so many failures, all at the same moment.
    private func delays(_ failureCount: Int) -> [Int64] {
        var throttle = LoginThrottle()
        return (0..<failureCount).map { _ in
            throttle.failed(root, from: attacker, at: Self.at(0), limits)
            return throttle.delay(root, from: attacker, at: Self.at(0), limits) / second
        }
    }

    @Test func `five failures are free, then each doubles the delay up to a minute`() {
        #expect(delays(12) == [0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60])
        #expect(delays(1_000).last == 60)
    }

    @Test func `an account is guarded against every address, and an address kept from every account`() {
        var throttle = LoginThrottle()
        for _ in 0..<5 { throttle.failed(root, from: attacker, at: Self.at(0), limits) }

        let other = Name("other")!
        let elsewhere = PeerAddress(ipv4: 2, port: 1)
        #expect(throttle.delay(root, from: elsewhere, at: Self.at(0), limits) == 2 * second)
        #expect(throttle.delay(other, from: attacker, at: Self.at(0), limits) == 2 * second)
        #expect(throttle.delay(other, from: PeerAddress(ipv4: 1, port: 9), at: Self.at(0), limits) == 2 * second)
        #expect(throttle.delay(other, from: elsewhere, at: Self.at(0), limits) == 0)
    }

    @Test func `peers of one IPv6 network are one address`() {
        var throttle = LoginThrottle()
        for low in 0..<5 {
            let peer = PeerAddress(ipv6High: 7, low: UInt64(low), port: 1)
            throttle.failed(Name("user-\(low)")!, from: peer, at: Self.at(0), limits)
        }

        let inside = PeerAddress(ipv6High: 7, low: 99, port: 1)
        let outside = PeerAddress(ipv6High: 8, low: 0, port: 1)
        #expect(throttle.delay(root, from: inside, at: Self.at(0), limits) == 2 * second)
        #expect(throttle.delay(root, from: outside, at: Self.at(0), limits) == 0)
        #expect(throttle.delay(root, from: PeerAddress(ipv4: 7, port: 1), at: Self.at(0), limits) == 0)
    }

    @Test func `a success clears the account, and time clears everything`() {
        var throttle = LoginThrottle()
        for _ in 0..<1_000 { throttle.failed(root, from: attacker, at: Self.at(0), limits) }
        let elsewhere = PeerAddress(ipv4: 2, port: 1)

        #expect(throttle.delay(root, from: elsewhere, at: Self.at(0), limits) == 60 * second)
        throttle.succeeded(root)
        #expect(throttle.delay(root, from: elsewhere, at: Self.at(0), limits) == 0)
        #expect(throttle.delay(root, from: attacker, at: Self.at(0), limits) == 60 * second)
        #expect(throttle.delay(root, from: attacker, at: Self.at(15 * 60), limits) == 2 * second)
        #expect(throttle.delay(root, from: attacker, at: Self.at(16 * 60), limits) == 0)
    }

    @Test func `names made up to be forgotten do not make it forget the account that is guessed`() {
        var throttle = LoginThrottle()
        for _ in 0..<6 { throttle.failed(root, from: attacker, at: Self.at(0), limits) }

        for number in 0..<5_000 {
            let peer = PeerAddress(ipv4: UInt32(100 + number), port: 1)
            throttle.failed(Name("user-\(number)")!, from: peer, at: Self.at(1), limits)
        }

        let elsewhere = PeerAddress(ipv4: 2, port: 1)
        #expect(throttle.delay(root, from: elsewhere, at: Self.at(1), limits) == 4 * second)
    }
}
