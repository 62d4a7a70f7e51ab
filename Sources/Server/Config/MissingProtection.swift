/// What a configuration can ask for to protect data, and this version does not do. A server starts all the same, as one
/// that has the key among others without effect does, and says so where nobody overlooks it: in a check, in the banner and
/// in the log.
struct MissingProtection: Sendable {
    let key: String
    private let reason: String

    private static let all = [
        MissingProtection(key: "tcp.tls.enabled", reason: "this version has no TLS: clients talk in clear"),
        MissingProtection(
            key: "system.encryption.enabled", reason: "this version encrypts nothing: messages are stored in clear"),
    ]

    var text: String { "\(key) is true, and \(reason)" }

    static func asked(_ effective: Effective) -> [MissingProtection] { all.filter { effective.flag($0.key) } }
}
