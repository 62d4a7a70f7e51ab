import Server
import Testing

/// The field's syntax of filters, and what each text keeps of two targets and of another one.
@Suite struct LogFilterTests {
    typealias Verbosity = LogFilter.Verbosity

    @Test(arguments: [
        ("info", Verbosity.info, Verbosity.info, Verbosity.info), ("INFO", .info, .info, .info),
        ("Info", .info, .info, .info), ("3", .info, .info, .info), ("off", .off, .off, .off), ("OFF", .off, .off, .off),
        ("0", .off, .off, .off), ("trace", .trace, .trace, .trace), ("5", .trace, .trace, .trace),
        ("6", .off, .off, .off), ("verbose", .off, .off, .off), ("warning", .off, .off, .off),
        ("debug,quinn=warn", .debug, .debug, .debug), ("server=debug", .debug, .debug, .off),
        ("server=4", .debug, .debug, .off), ("server::tcp=trace,warn", .trace, .warn, .warn),
        ("server", .trace, .trace, .off), ("server=", .trace, .trace, .off), ("server=off,info", .off, .off, .info),
        ("server=debug,server=info", .info, .info, .off), ("info,,debug", .debug, .debug, .debug),
        ("trace,debug", .debug, .debug, .debug), (" info ", .off, .off, .off), ("info;debug", .off, .off, .off),
        ("my-crate=debug", .off, .off, .off), ("a/b", .off, .off, .off), ("[request]=debug", .off, .off, .off),
        ("[request{user=1}]=trace", .off, .off, .off), ("server[request{user=\"a\"}]=debug,info", .info, .info, .info),
        ("[request{user=1,topic=2}]=trace,warn", .warn, .warn, .warn), ("", .off, .off, .off), (",", .off, .off, .off),
    ])
    func `a variable is read strictly`(text: String, tcp: Verbosity, storage: Verbosity, other: Verbosity) throws {
        let filter = try LogFilter(strictly: text)

        #expect(filter.verbosity(of: "server::tcp") == tcp)
        #expect(filter.verbosity(of: "server::storage") == storage)
        #expect(filter.verbosity(of: "wire") == other)
        #expect(filter.most >= max(tcp, storage, other))
    }

    @Test(arguments: ["info, quinn=warn", "info,quinn = warn", "info,quinn =warn", "info,foo=bar", "=info", "a[b", "server=debug=info"])
    func `one wrong directive in a variable and the whole text is refused`(text: String) {
        #expect(throws: Malformed.self) { try LogFilter(strictly: text) }
    }

    @Test(arguments: [
        ("info,foo=bar", Verbosity.info, ["foo=bar"]), ("foo=bar", .error, ["foo=bar"]), (",", .error, []),
        ("info,quinn = warn,debug", .debug, ["quinn = warn"]), ("none", .off, []), ("NONE", .off, []),
        ("warn", .warn, []), ("info, server=debug", .info, [" server=debug"]),
    ])
    func `the configuration is read leniently`(text: String, kept: Verbosity, ignored: [String]) {
        let (filter, wrong) = LogFilter.leniently(text)

        #expect(filter.verbosity(of: "server") == kept)
        #expect(wrong.map(\.directive) == ignored)
    }
}
