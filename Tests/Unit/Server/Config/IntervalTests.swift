import Server
import Testing

@Suite struct IntervalTests {
    /// The field's table of known answers, in nanoseconds.
    @Test(
        arguments: [
            ("0", 0), ("0s", 0), ("0 s", 0), ("0ms", 0), ("unlimited", 0), ("Unlimited", 0), ("UNLIMITED", 0),
            ("none", 0),
            ("None", 0), ("NONE", 0), ("disabled", 0), ("Disabled", 0), ("30s", 30), ("30 s", 30), ("30 sec", 30),
            ("30 secs", 30), ("30 second", 30), ("30 seconds", 30), ("30 Seconds", 30), ("1 m", 60), ("1m", 60),
            ("1 min", 60), ("1 minute", 60), ("1 M", 60), ("1M", 60), ("1 h", 3_600), ("1 H", 3_600), ("1 hr", 3_600),
            ("1 hour", 3_600), ("2 hrs", 7_200), ("1h 30m", 5_400), ("1h30m", 5_400), ("1 h 30 m", 5_400),
            ("1 hour 30 minutes", 5_400), ("90 minutes", 5_400), ("7 days", 604_800), ("7days", 604_800),
            ("7 Days", 604_800), ("7 DAYS", 604_800), ("1 d", 86_400), ("2 days 4 hours 15 minutes", 188_100),
            ("1 000 ms", 1), ("  5   m  ", 300), ("1 week", 604_800), ("2 w", 1_209_600), ("2 wks", 1_209_600),
            ("1 month", 2_630_016), ("2 months", 5_260_032), ("1 year", 31_557_600), ("1 y", 31_557_600),
            ("136 years", 4_291_833_600), ("1.5h", 5_400), ("1.5 h", 5_400), ("1.5 days", 129_600), ("1 min30s", 90),
            ("30s 1h", 3_630), ("1h 1h", 7_200), ("1 m 1 m", 120), ("1000000us", 1), ("4294967295s", 4_294_967_295),
            ("18446744073709551615s", .max),
        ] as [(String, UInt64)])
    func `an interval is what the field takes it for`(text: String, seconds: UInt64) throws {
        let interval = try Interval(parsing: text)
        #expect(interval == Interval(seconds: seconds))
        #expect(try Interval(parsing: interval.description) == interval)
    }

    @Test(
        arguments: [
            ("10 ms", 10_000_000), ("100 us", 100_000), ("100 µs", 100_000), ("1 ns", 1), ("500 nanos", 500),
            ("0.5s", 500_000_000), ("1.1us", 1_100), ("1. 5 s", 1_500_000_000), ("1s500ms", 1_500_000_000),
            ("0.000000001s", 1), ("0.50000000000000000000000s", 500_000_000),
        ] as [(String, UInt64)])
    func `parts of a second are exact`(text: String, nanoseconds: UInt64) throws {
        let interval = try Interval(parsing: text)
        #expect(interval.totalNanoseconds == nanoseconds)
        #expect(try Interval(parsing: interval.description) == interval)
    }

    @Test(arguments: [
        ("", "empty"), ("1", "1s or 1ms"), ("30", "30s or 30ms"), (" 0 ", "0s or 0ms"), ("1h30", "30s or 30ms"),
        ("-5s", "at byte 0"), (".5s", "at byte 0"), ("never", "at byte 0"), ("default", "at byte 0"),
        ("1.s", "byte 1"), ("1_000s", "byte 1"), ("1 hour, 30 minutes", "byte 6"),
        ("1 hour and 30 minutes", "at byte 7"), ("5x", "unit of time"), ("5 fortnights", "unit of time"),
        ("1 century", "unit of time"), ("1 mo", "unit of time"), ("1e3s", "unit of time"), ("0.1ns", "nanoseconds"),
        ("18446744073709551616s", "2^64"), ("584942417356 years", "2^64"), ("100 \u{3BC}s", "byte 4"),
    ])
    func `what is no interval is refused in words`(text: String, words: String) {
        let error = #expect(throws: Malformed.self) { try Interval(parsing: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "accepted")")
    }

    @Test(arguments: [
        ("0s", "0s"), ("1us", "1us"), ("1.5s", "1s 500ms"), ("60s", "1m"), ("5400s", "1h 30m"), ("86400s", "1day"),
        ("129600s", "1day 12h"), ("604800s", "7days"), ("1209600s", "14days"), ("2630016s", "1month"),
        ("31557600s", "1year"), ("36611233s", "1year 1month 28days 1h 13m 37s"), ("90061s 1us", "1day 1h 1m 1s 1us"),
        ("4294967295s", "136years 1month 5days 19h 54m 39s"),
    ])
    func `written back an interval begins with its largest unit`(text: String, written: String) throws {
        #expect(try Interval(parsing: text).description == written)
    }
}

@Suite struct ExpiryTests {
    @Test(
        arguments: [
            ("unlimited", UInt64.max, "never_expire"), ("Unlimited", .max, "never_expire"),
            ("none", .max, "never_expire"),
            ("None", .max, "never_expire"), ("never_expire", .max, "never_expire"), ("default", 0, "server_default"),
            ("Default", 0, "server_default"), ("server_default", 0, "server_default"),
            ("Server_default", 0, "server_default"), ("1M", 2_630_016_000_000, "1month"), ("1m", 60_000_000, "1m"),
            ("7 days", 604_800_000_000, "7days"), ("0", 0, "0s"), ("0s", 0, "0s"),
            ("4294967295s", 4_294_967_295_000_000, "136years 1month 5days 19h 54m 39s"),
        ] as [(String, UInt64, String)])
    func `an expiry is what the field takes it for`(text: String, microseconds: UInt64, written: String) throws {
        let expiry = try Expiry(parsing: text)
        #expect(expiry.microseconds == microseconds)
        #expect(expiry.description == written)
        #expect(try Expiry(parsing: expiry.description) == expiry)
    }

    @Test(arguments: ["disabled", "NONE", "UNLIMITED", "never", "", "7 Days", "4294967296s"])
    func `what is no expiry is refused`(text: String) {
        #expect(throws: Malformed.self) { try Expiry(parsing: text) }
    }

    @Test func `an expiry that is too long says how long one may be`() {
        let error = #expect(throws: Malformed.self) { try Expiry(parsing: "4294967296s") }
        #expect(error?.description.contains("136years 1month 5days 19h 54m 39s") == true)
    }
}

@Suite struct TopicSizeLimitTests {
    @Test(
        arguments: [
            ("unlimited", UInt64.max), ("server_default", 0), ("0", 0), ("0 MB", 0), ("none", 0), ("None", 0),
            ("Unlimited", 0), ("18446744073709551615", .max), ("10 GiB", 10 << 30), ("10.74 GB", 10_740_000_000),
        ] as [(String, UInt64)])
    func `a limit is what the field takes it for`(text: String, bytes: UInt64) throws {
        let limit = try TopicSizeLimit(parsing: text)
        #expect(limit.bytes == bytes)
        #expect(limit == TopicSizeLimit(bytes: bytes))
        #expect(try TopicSizeLimit(parsing: limit.description) == limit)
    }

    @Test(arguments: ["UNLIMITED", "default", "", "many"])
    func `what is no limit is refused`(text: String) {
        #expect(throws: Malformed.self) { try TopicSizeLimit(parsing: text) }
    }
}
