import Server
import Testing

@Suite struct DotenvTests {
    @Test(arguments: [
        ("A=1", ["A=1"]), ("export A=1\n B = two words \n", ["A=1", "B=two words"]), ("# A=1\n\n  # x\n", []),
        ("A=1 # one\nB=a#b\nC=# none", ["A=1", "B=a#b", "C="]), ("A='a # $b \\n'", ["A=a # $b \\n"]),
        ("A=\"a\\n\\\"b\\\" \\$c\" # x", ["A=a\n\"b\" $c"]), ("A=1\r\nB=2\r\n", ["A=1", "B=2"]), ("A=\nA=2", ["A="]),
        ("A=b=c", ["A=b=c"]), ("\u{FEFF}A=1", ["A=1"]),
    ])
    func `a line sets a variable`(text: String, expected: [String]) {
        let file = Dotenv(reading: Array(text.utf8))
        #expect(file.variables.map { "\($0.name)=\($0.value)" } == expected)
        #expect(file.wrongLines.isEmpty)
    }

    @Test(arguments: [
        ("A", "`=` should come here"), ("1A=2", "'1A' is not the name of a variable"),
        ("A B=2", "'A B' is not the name of a variable"), ("=2", "'' is not the name of a variable"),
        ("A='b", "the closing quote is missing"), ("A=\"b\" c", "something follows the closing quote"),
        ("A=\"\\x\"", "a backslash stands before n, t, r, a quote, $ or another backslash"),
    ])
    func `a line that sets nothing is told with its number, and the others count`(text: String, reason: String) {
        let file = Dotenv(reading: Array("X=1\n\(text)\nY=2".utf8))
        #expect(file.variables.map(\.name) == ["X", "Y"])
        #expect(file.wrongLines.map(\.line) == [2])
        #expect(file.wrongLines.map(\.reason) == [reason])
    }

    @Test func `what is set already wins, and bytes that are no text are refused`() {
        let file = Dotenv(reading: Array("A=file\nB=file".utf8))
        #expect(file.completing(["A": "set"]) == ["A": "set", "B": "file"])
        #expect(Dotenv(reading: [0x41, 0x3D, 0xFF]).wrongLines.map(\.reason) == ["this is not UTF-8 text"])
    }
}
