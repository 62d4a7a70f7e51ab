extension ErrorCode {
    /// Its name as words: `invalid credentials`.
    public var text: String {
        var result = ""
        for scalar in "\(self)".unicodeScalars {
            if ("A"..."Z").contains(scalar) { result += " " }
            result += scalar.properties.lowercaseMapping
        }
        return result
    }
}
