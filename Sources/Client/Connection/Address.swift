import Primitives

/// Where a server listens: a host (name, IPv4 or IPv6) and a TCP port.
public struct Address: Equatable, Sendable {
    public let host: String
    public let port: UInt16

    public init(host: String = "127.0.0.1", port: UInt16 = 8090) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[v6]:port`, or a host alone, which means port 8090. Nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            let host = text[text.index(after: text.startIndex)..<bracket]
            let rest = text[text.index(after: bracket)...]
            self.init(host: host, portText: rest.isEmpty ? nil : rest.dropFirst())
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            return
        }
        // More than one colon without brackets is a bare IPv6 address: it has no room for a port.
        guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon else {
            self.init(host: text[...], portText: nil)
            return
        }
        self.init(host: text[..<colon], portText: text[text.index(after: colon)...])
    }

    private init?(host: Substring, portText: Substring?) {
        guard !host.isEmpty else { return nil }
        guard let portText else {
            self.init(host: String(host))
            return
        }
        guard let port = UInt16(digits: portText), port > 0 else { return nil }
        self.init(host: String(host), port: port)
    }
}

extension Address: CustomStringConvertible {
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
