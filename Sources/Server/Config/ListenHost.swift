import Primitives

/// `HOST:PORT` to listen on; an IPv6 address stands in brackets, port 0 lets the system choose.
public struct ListenHost: Equatable, Sendable {
    public let host: String
    public let port: UInt16

    public init(parsing text: String) throws(Malformed) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(digits: text[text.index(after: colon)...]) else {
            throw Malformed("\(quoted(text)) is not HOST:PORT, such as 127.0.0.1:8090 or [::1]:8090")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains("/") {
            throw Malformed("\(quoted(text)): a host and a port stand alone, without a protocol such as http://")
        } else if host.contains(":") {
            throw Malformed("\(quoted(text)): write an IPv6 address in brackets, [::1]:8090")
        }
        guard host != "*" else {
            throw Malformed("\(quoted(text)): 0.0.0.0 means every IPv4 address, and * is no host")
        }
        guard !host.isEmpty else {
            throw Malformed("\(quoted(text)) has no host; 0.0.0.0 means every IPv4 address")
        }
        self.host = String(host)
        self.port = port
    }
}
