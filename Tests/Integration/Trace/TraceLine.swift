import Foundation

/// One system call as strace prints it with `-f -ttt -y`, put together again when another thread came between.
///
///     4711  1700000000.000123 fdatasync(7</data/0.log>) = 0
///     4711  1700000000.000123 fdatasync(7</data/0.log> <unfinished ...>
///     4711  1700000000.000456 <... fdatasync resumed>) = 0
struct TracedCall: Equatable {
    let thread: Int
    let name: String
    /// What stands between the parentheses, as printed.
    let arguments: String
    /// Nil when the call never returned.
    let result: Int?
    /// Lines of the trace on which the call was entered and left. They order events better than the times do.
    let entered: Int
    let left: Int

    /// What the descriptor in the first argument stands for: a path, or a socket's inode. Numbers are given out
    /// again, these are not.
    var target: String? {
        let number = arguments.prefix { $0.isNumber }
        let name = arguments.dropFirst(number.count)
        guard !number.isEmpty, name.hasPrefix("<"), let end = name.firstIndex(of: ">") else { return nil }
        return String(name[name.index(after: name.startIndex)..<end])
    }
}

enum Trace {
    /// The calls of a trace in the order in which they were entered. Lines that are no calls (signals, exits) and
    /// what cannot be read is passed over.
    static func calls(of text: String) -> [TracedCall] {
        var calls: [TracedCall] = []
        var unfinished: [Int: (name: String, arguments: String, entered: Int)] = [:]
        var count = 0
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            count = number
            guard let (thread, rest) = head(of: line) else { continue }
            if rest.hasPrefix("<... ") {
                guard let start = unfinished.removeValue(forKey: thread),
                    let resumed = rest.range(of: " resumed>")
                else { continue }
                let tail = rest[resumed.upperBound...]
                calls.append(
                    call(thread, start.name, start.arguments + arguments(in: tail), tail, start.entered, number))
            } else if let open = rest.firstIndex(of: "("), rest[..<open].allSatisfy(isNamePart) {
                let name = String(rest[..<open])
                let tail = rest[rest.index(after: open)...]
                if let cut = tail.range(of: " <unfinished ...>") {
                    unfinished[thread] = (name, String(tail[..<cut.lowerBound]), number)
                } else {
                    calls.append(call(thread, name, arguments(in: tail), tail, number, number))
                }
            }
        }
        for (thread, start) in unfinished.sorted(by: { $0.key < $1.key }) {
            calls.append(
                TracedCall(
                    thread: thread, name: start.name, arguments: start.arguments, result: nil,
                    entered: start.entered, left: count + 1))
        }
        return calls.sorted { $0.entered < $1.entered }
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// The thread and what stands behind the time.
    private static func head(of line: Substring) -> (Int, Substring)? {
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        guard words.count == 3, let thread = Int(words[0]), words[1].contains(".") else { return nil }
        return (thread, words[2].drop { $0 == " " })
    }

    /// What stands before the closing parenthesis. The explanation of an error, behind the result, has some too.
    private static func arguments(in tail: Substring) -> String {
        let end = tail.range(of: " = ", options: .backwards)?.lowerBound ?? tail.endIndex
        let call = tail[..<end]
        return call.lastIndex(of: ")").map { String(call[..<$0]) } ?? ""
    }

    private static func call(
        _ thread: Int, _ name: String, _ arguments: String, _ tail: Substring, _ entered: Int, _ left: Int
    ) -> TracedCall {
        let result = tail.range(of: " = ", options: .backwards).map { tail[$0.upperBound...] }
        return TracedCall(
            thread: thread, name: name, arguments: arguments,
            result: result.flatMap { Int($0.prefix { $0.isNumber || $0 == "-" }) }, entered: entered, left: left)
    }
}
