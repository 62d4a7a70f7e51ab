import Platform

// A part of a run word by word: what two runs are compared by, and what it stands for.

extension Universe {
    /// Tells what is added to the trace under these numbers: each word as `#NUMBER WORD WORD`, and behind the words the
    /// line that says what they stand for, if there is one.
    public func watch(_ numbers: Range<UInt64>, _ tell: @escaping (String) -> Void) {
        trace.keep(numbers)
        narrator.tell = { [unowned self] line in
            tellKept(tell)
            if trace.isKeeping { tell(line) }
        }
    }

    /// Tells the words that no line followed.
    public func tellKept(_ tell: (String) -> Void) {
        for word in trace.takeKept() { tell("#\(word.number) \(hexadecimal(word.a)) \(hexadecimal(word.b))") }
    }
}

extension Happening: CustomStringConvertible {
    var description: String {
        switch kind {
        case .run: "· shard \(actor) takes its next event"
        case .complete: "· operation \(slot) of shard \(actor) ends"
        case .mail: "· a letter from shard \(slot) reaches shard \(actor)"
        case .wake: "· wake-up \(slot) of shard \(actor)"
        case .arriveAtServer: "· bytes or their end reach the server's side of connection \(slot)"
        case .arriveAtClient: "· bytes or their end reach the client's side of connection \(slot)"
        case .connect: "· connection \(slot) reaches a listener, or none"
        case .clientTimer: "· timer \(slot) of client \(actor)"
        case .faultBegins: "· fault \(slot) begins"
        case .faultEnds: "· fault \(slot) ends"
        case .start: "· the process starts"
        case .rebuild: "· shard \(actor) is made anew"
        }
    }
}
