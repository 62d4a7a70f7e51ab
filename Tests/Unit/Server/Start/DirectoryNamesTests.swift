import Platform
import Testing

@testable import Server

/// What a start that wants a fresh directory may remove.
@Suite struct DirectoryNamesTests {
    @Test(arguments: [
        ["FORMAT", "boot", "lock", "catalog/", "partitions/", "orphans/", "logs/", "runtime/", "crash"],
        ["FORMAT"], ["state/", "streams/", "runtime/", "logs/", "backup/", "lock"],
    ])
    func `what servers have stored is theirs`(names: [String]) {
        #expect(DirectoryNames.verdict(on: names) == .aServers)
    }

    @Test(arguments: [[], ["logs/"], ["lock", "catalog/", "FORMAT.tmp"], ["lost+found/"]])
    func `where no server has stored anything nothing is removed`(names: [String]) {
        #expect(DirectoryNames.verdict(on: names) == .nobodys)
    }

    /// A directory called `state` or a file called FORMAT does not make a data directory of somebody's home.
    @Test(arguments: [
        (["state/", "share/"], "share/"), (["FORMAT", "letter.txt"], "letter.txt"), (["streams"], "streams"),
        (["logs"], "logs"), (["FORMAT", "catalog/", "backup/"], "backup/"), (["FORMAT", "state/"], "state/"),
    ])
    func `one name that no server gives is enough`(names: [String], name: String) {
        #expect(DirectoryNames.verdict(on: names) == .strange(name))
    }

    /// A first start may be killed at any moment, and a volume for the log may be there before it.
    @Test func `a start takes a directory in which only what a configuration places was made`() {
        let names = ["lock", "catalog/", "var/", "now/"]

        #expect(DirectoryNames.refusal(of: names, format: nil, besides: ["./var/log", "now"]) == nil)
        #expect(DirectoryNames.refusal(of: names, format: nil, besides: ["/var/log", "now"]) == .foreignDirectory)
        #expect(DirectoryNames.refusal(of: ["state/", "now/"], format: nil, besides: ["now"]) == .iggyDirectory)
        #expect(
            DirectoryNames.refusal(of: ["FORMAT"], format: Array("galgo 999\n".utf8), besides: [])
                == .newerFormat(found: 999, known: 1))
        #expect(DirectoryNames.refusal(of: ["FORMAT", "letter"], format: Array("galgo 1\n".utf8), besides: []) == nil)
    }

    @Test func `what a configuration places below it is the server's`() {
        let names = ["FORMAT", "var/", "now/"]
        #expect(DirectoryNames.verdict(on: names, besides: ["./var/log", "now"]) == .aServers)
        #expect(DirectoryNames.verdict(on: names, besides: ["", "/"]) == .strange("var/"))
    }
}
