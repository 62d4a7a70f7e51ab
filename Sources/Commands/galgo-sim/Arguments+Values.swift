import Glibc
import Primitives
import Sim

// What stands behind an option, read from its text.

extension Arguments {
    static func value(_ option: String, _ rest: inout ArraySlice<String>) throws(Problem) -> String {
        guard let value = rest.popFirst() else { throw Problem(text: "\(option) needs a value") }
        return value
    }

    static func number(_ option: String, _ text: String) throws(Problem) -> Int {
        guard let number = Int(text), number > 0 else { throw Problem(text: "\(option) needs a number, not '\(text)'") }
        return number
    }

    /// With `K` or `M` behind it for thousands or millions.
    static func count(_ option: String, _ text: String) throws(Problem) -> Int {
        let scale = text.hasSuffix("M") ? 1_000_000 : text.hasSuffix("K") ? 1_000 : 1
        let (count, overflow) = try number(option, scale == 1 ? text : String(text.dropLast()))
            .multipliedReportingOverflow(by: scale)
        guard !overflow else { throw Problem(text: "\(option) \(text) is too many") }
        return count
    }

    /// Decimal, or hexadecimal after `0x`; underscores may stand anywhere.
    static func seed(_ text: String) -> UInt64? {
        let digits = text.filter { $0 != "_" }
        return digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
    }

    static func range(_ what: String, _ text: String) throws(Problem) -> ClosedRange<UInt64> {
        guard let dots = text.firstRange(of: ".."), let first = seed(String(text[..<dots.lowerBound])),
            let last = seed(String(text[dots.upperBound...])), first <= last
        else { throw Problem(text: "'\(text)' is no range of \(what): A..B") }
        return first...last
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ option: String, _ text: String
    ) throws(Problem) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(text: "\(option) is one of \(choices), not '\(text)'")
        }
        return choice
    }

    static func waypoint(_ text: String) throws(Problem) -> Waypoint {
        guard let waypoint = Waypoint(text: text) else {
            throw Problem(text: "'\(text)' is no waypoint: MOMENT or MOMENT.NTH, such as rotationSealed.3; list has them")
        }
        return waypoint
    }

    static func rate(_ text: String) throws(Problem) -> Confidence {
        let parts = text.split(separator: "/").map { Int($0) }
        guard parts.count == 2, let failures = parts[0], let runs = parts[1],
            let rate = Confidence(failures: failures, of: runs)
        else { throw Problem(text: "'\(text)' is no rate: FAILURES/RUNS, such as 7/200") }
        return rate
    }

    static func program(_ option: String, _ path: String) throws(Problem) -> String {
        guard unsafe access(path, X_OK) == 0 else { throw Problem(text: "\(option) \(path) can't be started") }
        return path
    }

    static func faults(_ text: String) throws(Problem) -> [String] {
        let names = text.split(separator: ",").map { String($0) }
        for name in names where Fault.Family(rawValue: name) == nil && !Fault.catalogue.contains(where: { $0.id == name }) {
            throw Problem(text: "no fault '\(name)'")
        }
        return names
    }

    static func mutants(_ text: String) throws(Problem) -> [Mutant] {
        var result: [Mutant] = []
        for name in text.split(separator: ",") {
            guard let mutant = Mutant.named(String(name)) else { throw Problem(text: "no mutant '\(name)'") }
            guard !result.contains(mutant) else { throw Problem(text: "'\(name)' is given twice") }
            result.append(mutant)
        }
        guard !result.isEmpty else { throw Problem(text: "--only needs mutants") }
        return result
    }
}
