extension String {
    /// The text that the bytes are in UTF-8; nil, and no replacement characters, when they are not.
    public init?(utf8 bytes: RawSpan) {
        // SAFETY: the pointer lives inside the closure only.
        let text = unsafe bytes.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
        guard let text else { return nil }
        self = text
    }
}
