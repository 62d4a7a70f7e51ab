// A tape as lines of a plan, one for each lane that is not benign: `tape survival 0 3 1`, or `tape survival drawn 2`;
// `tape benign` if there is none. A plan without any such line draws everything from its seed.

extension PlannedTape {
    public var lines: [String] {
        let lines = liveLanes.map { lane in
            switch self[lane] {
            case .choices(let choices):
                // A long run has tens of thousands: appending to one text is several times as fast as joining many.
                choices.reduce(into: "tape \(lane.rawValue)") { text, choice in
                    text += " "
                    text += String(choice)
                }
            case .drawn(let number): "tape \(lane.rawValue) drawn \(number)"
            }
        }
        return lines.isEmpty ? ["tape benign"] : lines
    }

    /// Reads such lines back.
    public init?(lines: [some StringProtocol]) {
        self.init()
        for line in lines {
            let words: [String] = line.split { $0 == " " }.map { String($0) }
            guard words.first == "tape", read(words.dropFirst()) else { return nil }
        }
    }

    /// Takes over the words of one line behind `tape`; false if they mean nothing.
    mutating func read(_ words: ArraySlice<String>) -> Bool {
        if Array(words) == ["benign"] { return true }
        guard let first = words.first, let lane = Tape.Lane(rawValue: first) else { return false }
        let rest = words.dropFirst()
        if rest.first == "drawn" {
            guard rest.count == 2, let number = rest.last.flatMap({ UInt32($0) }) else { return false }
            self[lane] = .drawn(number)
        } else {
            let choices = rest.compactMap { UInt32($0) }
            guard choices.count == rest.count else { return false }
            self[lane] = .choices(choices)
        }
        return true
    }
}
