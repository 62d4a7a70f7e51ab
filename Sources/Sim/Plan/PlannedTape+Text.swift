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
            guard line.hasPrefix("tape "), read(String(line).utf8.dropFirst(5)) else { return nil }
        }
    }

    /// Takes over the words of one line behind `tape`; false if they mean nothing.
    mutating func read(_ line: Substring.UTF8View) -> Bool {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard let first = words.first else { return false }
        if first.elementsEqual("benign".utf8) { return words.count == 1 }
        guard let lane = Tape.Lane(rawValue: String(Substring(first))) else { return false }
        let rest = words.count == 2 ? words[1] : Substring().utf8
        if rest.starts(with: "drawn ".utf8) {
            guard let number = UInt32(Substring(rest.dropFirst(6))) else { return false }
            self[lane] = .drawn(number)
        } else {
            guard let choices = Self.numbers(rest) else { return false }
            self[lane] = .choices(choices)
        }
        return true
    }

    /// Numbers with blanks between them; nil if anything else is there.
    private static func numbers(_ text: Substring.UTF8View) -> [UInt32]? {
        var numbers: [UInt32] = []
        var number: UInt64?
        for byte in text {
            switch byte {
            case UInt8(ascii: " "):
                if let number { numbers.append(UInt32(truncatingIfNeeded: number)) }
                number = nil
            case 0x30...0x39:
                number = (number ?? 0) * 10 + UInt64(byte - 0x30)
                if number ?? 0 > UInt64(UInt32.max) { return nil }
            default: return nil
            }
        }
        if let number { numbers.append(UInt32(truncatingIfNeeded: number)) }
        return numbers
    }
}
