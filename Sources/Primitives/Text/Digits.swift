extension FixedWidthInteger {
    /// The number that `digits` are, decimal. Nil for anything else, a sign among it.
    public init?(digits: some StringProtocol) {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.init(digits, radix: 10)
    }
}
