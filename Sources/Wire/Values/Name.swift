/// The name of a stream, topic, group, user or token: 1–255 bytes of UTF-8.
///
/// Names are compared byte by byte, as the protocol demands. A `String` would not do: it holds "é" in one and in two
/// code points to be equal.
public struct Name: Hashable, Sendable {
    public static let byteCountMax = 255

    public let bytes: [UInt8]

    /// Nil unless the bytes are UTF-8 and 1–255 of them.
    public init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count <= Self.byteCountMax, Self.isUTF8(bytes) else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text takes 1–255 bytes in UTF-8.
    public init?(_ text: String) {
        self.init([UInt8](text.utf8))
    }

    /// The name for people; never compare it.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    static func isUTF8(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes.span)
            return true
        } catch {
            return false
        }
    }
}

extension Name: Comparable {
    public static func < (left: Name, right: Name) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Name: CustomStringConvertible {
    public var description: String { text }
}
