import Foundation

// galgo-bench: measures how fast a server takes and gives messages. See Help.swift.

do throws(UsageError) {
    guard let options = try Options(arguments: Array(CommandLine.arguments.dropFirst())) else {
        print(help)
        exit(0)
    }
    do throws(Failure) {
        let report = try Bench(options).run()
        print(options.printsJSON ? report.json : report.table)
    } catch {
        complain("galgo-bench: \(error.line)")
        exit(1)
    }
} catch {
    complain("galgo-bench: \(error.line); --help shows how")
    exit(64)
}
