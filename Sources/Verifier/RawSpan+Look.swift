import Primitives

extension RawSpan {
    /// Whether exactly `pattern` stands at `position`.
    func has(_ pattern: [UInt8], at position: Int) -> Bool {
        for (place, byte) in pattern.enumerated() where load(UInt8.self, at: position + place) != byte { return false }
        return true
    }

    /// Whether every byte from `position` on is zero.
    func isZero(from position: Int) -> Bool {
        var at = position
        while let word = load(UInt64.self, at: at) {
            if word != 0 { return false }
            at += 8
        }
        while let byte = load(UInt8.self, at: at) {
            if byte != 0 { return false }
            at += 1
        }
        return true
    }
}
