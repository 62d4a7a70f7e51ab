/// Why a run ended without a result, in one line for people.
struct Failure: Error {
    let line: String

    init(_ line: String) { self.line = line }
}
