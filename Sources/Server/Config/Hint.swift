import Primitives

/// What would be right, for values that people write again and again.
enum Hint {
    /// Nil where the message has said it. Nothing of a secret is repeated.
    static func suggestion(for value: TOML.Value, of key: Key) -> String? {
        guard !key.isSecret else { return nil }
        switch (key.kind, value) {
        case (.size, .integer(let number)) where number >= 0, (.topicSize, .integer(let number)) where number > 0:
            return write("\"\(ByteSize(bytes: UInt64(number)))\"")
        case (.size, .string(let text)), (.topicSize, .string(let text)): return size(text, of: key)
        case (.interval, .integer(let number)) where number > 0: return "\(write("\"\(number) s\"")) for seconds"
        case (.interval, .string(let text)), (.expiry, .string(let text)):
            return time(text, isExpiry: key.kind == .expiry)
        case (.flag, .string(let text)): return flag(text)
        case (.flag, .integer(let number)) where number == 0 || number == 1:
            return write(number == 1 ? "true" : "false")
        case (.integer, .string(let text)): return UInt64(digits: text).map { write("\($0)") }
        case (.text, .integer(let number)):
            guard key.path.hasSuffix(".address") else { return write("\"\(number)\"") }
            // A port alone.
            return UInt16(exactly: number).map { write("\"127.0.0.1:\($0)\"") }
        case (.texts, .string(let text)): return write("[\(TOMLText.quoted(text))]")
        case (.allocation, .string(let text)): return allocation(text)
        default: return nil
        }
    }

    private static func write(_ text: String) -> String { "write `\(shortened(text))`" }

    private static func size(_ text: String, of key: Key) -> String? {
        guard isEndless(text) else { return nil }
        return switch key.path {
        case "system.logging.max_file_size", "system.logging.max_total_size": "\(write("0")) for no limit"
        case "galgo.memory_limit": "without this key the limit is half of the memory"
        default: key.kind == .topicSize ? write("unlimited") : nil
        }
    }

    private static func isEndless(_ text: String) -> Bool {
        ["unlimited", "none", "never", "infinite", "infinity", "inf", "off", "disabled"].contains(text.lowercased())
    }

    private static func time(_ text: String, isExpiry: Bool) -> String? {
        if isExpiry, isEndless(text) { return "\(write("none")) for never" }
        if text.unicodeScalars.contains("\u{3BC}") { return "\(write("us")) for microseconds" }
        guard isExpiry, text != text.lowercased() else { return nil }
        do throws(Malformed) {
            _ = try Expiry(parsing: text.lowercased())
            return write(text.lowercased())
        } catch {
            return nil
        }
    }

    private static func flag(_ text: String) -> String? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": write("true")
        case "false", "no", "off", "0": write("false")
        default: nil
        }
    }

    private static func allocation(_ text: String) -> String {
        let plain = text.lowercased().filter { $0 != " " && $0 != "\t" }
        let ends = plain.split(separator: "-", omittingEmptySubsequences: false)
        if plain == "all" { return write("all") }
        if ["numa", "auto", "numa:", "numa:auto"].contains(plain) { return write("numa:auto") }
        if plain.hasPrefix("numa:") { return "for example numa:nodes=0,1;cores=4;no_ht=true" }
        if ends.count == 2, let start = UInt64(digits: ends[0]), let end = UInt64(digits: ends[1]), start <= end,
            end < .max
        {
            return "\(write("\(start)..\(end + 1)")) for the CPUs \(start) to \(end)"
        }
        return "write \(Key.Kind.allocation.words)"
    }
}
