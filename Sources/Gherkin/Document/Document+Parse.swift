extension Document {
    /// Reads a feature file. Any bytes are fine: what is not Gherkin is reported, all of it, up to
    /// `Limits.errorsMax` errors.
    ///
    /// - Parameter uri: where the file was found, for messages.
    public init(parsing bytes: some Collection<UInt8>, uri: String) throws(ParseFailure) {
        self = try Parser.run(bytes, uri: uri, building: DocumentBuilder()).finish()
    }
}
