import Sim

// What is told to a service for continuous integration beside the output.

/// Lines on the error output, where they disturb no JSON.
struct Annotations {
    let isWanted: Bool
    private var count = 0

    init(isWanted: Bool) { self.isWanted = isWanted }

    mutating func add(_ title: String, _ lines: [String]) {
        count += 1
        if isWanted, count < Annotation.countMax { complain(Annotation.error(title, lines)) }
    }

    func finish() {
        guard isWanted, count >= Annotation.countMax else { return }
        complain(Annotation.error("galgo-sim", ["\(count) failures in all"]))
    }
}

/// Writes the file of `--junit`; false if that can't be done.
func publish(_ suite: JUnit, _ arguments: Arguments) -> Bool {
    guard let path = arguments.junitPath else { return true }
    guard writeFile(path, suite.xml) else {
        complain("galgo-sim: can't write \(path)")
        return false
    }
    return true
}
