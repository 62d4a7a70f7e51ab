import Glibc
import Outside
import Primitives
import Verifier

switch Arguments.parse(Array(CommandLine.arguments.dropFirst())) {
case .help:
    print(help)
case .wrong(let reason):
    complain("galgo-verify: \(reason)\nTry galgo-verify --help.")
    exit(64)
case .run(let arguments):
    do {
        let verdict = verify(try DiskDirectory(arguments.directory), arguments.options)
        print(arguments.isJSON ? jsonText(verdict) : text(verdict))
        exit(verdict.isClean ? 0 : 10)
    } catch {
        complain("galgo-verify: \(arguments.directory): \(error.reason)")
        exit(66)
    }
}
