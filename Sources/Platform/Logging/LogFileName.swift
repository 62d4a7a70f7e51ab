import Primitives

/// Names in the log directory: those that Iggy's tools look for.
public enum LogFileName {
    public static let active = "iggy-server.log"

    /// `iggy-server.log` for 0, `iggy-server.log.7` for archive 7.
    public static func text(_ number: UInt32) -> String { number == 0 ? active : "\(active).\(number)" }

    /// The number of an archive by its name; nil for the active file and for whatever else lies there.
    public static func number(of name: some StringProtocol) -> UInt32? {
        guard name.hasPrefix(active + ".") else { return nil }
        let digits = name.dropFirst(active.count + 1)
        guard let first = digits.utf8.first, first != UInt8(ascii: "0") else { return nil }
        return UInt32(digits: digits)
    }
}
