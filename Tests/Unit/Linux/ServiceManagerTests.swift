import Testing

@testable import Linux

struct PulseTests {
    @Test func `the manager is told four times within its patience, each time after a new answer`() {
        var pulse = Pulse(patience: 400, at: 1_000)
        var answered: UInt32 = 0

        #expect(pulse.beat(at: 1_000) { $0 == answered })
        #expect(pulse.probe == 1)
        #expect(pulse.pause(at: 1_040) == 60)
        #expect(!pulse.beat(at: 1_099) { _ in true })
        #expect(!pulse.beat(at: 1_100) { $0 == answered }, "nobody has answered the new probe")
        answered = 1
        #expect(pulse.beat(at: 1_200) { $0 == answered })
        #expect(pulse.probe == 2)
    }

    @Test func `only what sd_notify's protocol knows is a service manager`() {
        #expect(ServiceManager(environment: [:]) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "relative"]) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "@"]) == nil)
        let plain = ServiceManager(environment: ["NOTIFY_SOCKET": "/run/notify"])
        #expect(plain != nil && plain?.patienceNanoseconds == nil)
        let watching = ServiceManager(environment: ["NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "10000000"])
        #expect(watching?.patienceNanoseconds == 10_000_000_000)
        let other = ServiceManager(
            environment: ["NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"])
        #expect(other?.patienceNanoseconds == nil, "it watches another process")
        for text in ["", "-1", "0", "x"] {
            let odd = ServiceManager(environment: ["NOTIFY_SOCKET": "@n", "WATCHDOG_USEC": text])
            #expect(odd?.patienceNanoseconds == nil)
        }
    }

    @Test func `a note of a crash is read back, and half a note is none`() {
        let text = "version 0.1.0\nsignal 11\nthread shard-0\nsecond 1700000000\n"
        let crash = LastCrash(parsing: text)
        #expect(crash?.version == "0.1.0")
        #expect(crash?.signal == 11)
        #expect(crash?.thread == "shard-0")
        #expect(crash?.time == "2023-11-14T22:13:20Z")
        for count in 0..<text.utf8.count { #expect(LastCrash(parsing: String(text.prefix(count))) == nil) }
    }
}
