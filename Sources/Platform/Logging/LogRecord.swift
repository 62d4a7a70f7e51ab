/// One line on its way to the log writer: a head of fixed size, then text. What it says is put into words by the
/// writer, so that it costs the one who says it a copy of some bytes.
///
/// The text is UTF-8 by intention and from anywhere: names that clients chose stand in it.
public struct LogRecord: Equatable, Sendable {
    public enum Message: Equatable, Sendable {
        /// The text is the whole message.
        case text
        /// The text, if there is any, is the name of what the notice is about.
        case notice(Notice)
    }

    /// Who says it.
    public enum Thread: Equatable, Sendable {
        case main
        case log
        case shard(UInt16)
    }

    public let level: Notice.Level
    public let target: LogTarget
    public let thread: Thread
    /// Microseconds since 1970-01-01 UTC.
    public let time: Int64
    /// Lines that were lost between the one before and this one.
    public let dropped: UInt32
    public let message: Message
    public let text: [UInt8]

    /// How a record lies in memory, little endian: 48 bytes, then the text. It never leaves the process.
    public struct Head: BitwiseCopyable, Sendable {
        /// Of head and text together.
        public var byteCount: UInt32
        public var dropped: UInt32
        var time: Int64
        var a, b, c: UInt64
        var thread: UInt32
        var level: UInt8
        var target: UInt8
        /// 255 for a text.
        var subject: UInt8
        var reserved: UInt8 = 0

        public static let byteCount = 48
        /// Longer ones are cut.
        public static let textBytesMax = 16 << 10

        public init(
            _ level: Notice.Level, _ target: LogTarget, _ thread: Thread, time: Int64, textBytes: Int
        ) {
            byteCount = UInt32(clamping: Self.byteCount + min(textBytes, Self.textBytesMax))
            dropped = 0
            self.time = time
            (a, b, c) = (0, 0, 0)
            self.thread = thread.word
            self.level = level.rawValue
            self.target = target.rawValue
            subject = .max
        }

        public init(_ notice: Notice, _ thread: Thread, time: Int64, textBytes: Int) {
            self.init(notice.level, notice.subject.target, thread, time: time, textBytes: textBytes)
            (a, b, c) = (notice.a, notice.b, notice.c)
            subject = notice.subject.rawValue
        }

        /// The head as it lies in memory.
        public func encode(into bytes: inout [UInt8]) {
            bytes.append(contentsOf: Self.word(UInt64(byteCount) | UInt64(dropped) << 32))
            for word in [UInt64(bitPattern: time), a, b, c] { bytes.append(contentsOf: Self.word(word)) }
            bytes.append(
                contentsOf: Self.word(
                    UInt64(thread) | UInt64(level) << 32 | UInt64(target) << 40 | UInt64(subject) << 48))
        }

        private static func word(_ value: UInt64) -> [UInt8] {
            (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        }
    }

    /// Takes the record at the beginning of the bytes off them; nil at their end, and for what is none.
    public init?(takingFrom bytes: inout ArraySlice<UInt8>) {
        guard bytes.count >= Head.byteCount else { return nil }
        let start = bytes.startIndex
        let counts = Self.word(bytes, start)
        let byteCount = Int(counts & 0xffff_ffff)
        guard byteCount >= Head.byteCount, byteCount <= bytes.count else { return nil }
        let kinds = Self.word(bytes, start + 40)
        guard let level = Notice.Level(rawValue: UInt8(truncatingIfNeeded: kinds >> 32)),
            let target = LogTarget(rawValue: UInt8(truncatingIfNeeded: kinds >> 40))
        else { return nil }
        let subject = UInt8(truncatingIfNeeded: kinds >> 48)
        if subject == .max {
            message = .text
        } else {
            guard let subject = Notice.Subject(rawValue: subject) else { return nil }
            message = .notice(
                Notice(
                    level, subject, Self.word(bytes, start + 16), Self.word(bytes, start + 24),
                    Self.word(bytes, start + 32)))
        }
        self.level = level
        self.target = target
        thread = Thread(word: UInt32(truncatingIfNeeded: kinds))
        time = Int64(bitPattern: Self.word(bytes, start + 8))
        dropped = UInt32(truncatingIfNeeded: counts >> 32)
        text = Array(bytes[start + Head.byteCount..<start + byteCount])
        bytes = bytes[(start + byteCount)...]
    }

    public init(
        _ level: Notice.Level, _ target: LogTarget, _ thread: Thread, time: Int64, _ message: Message = .text,
        text: [UInt8]
    ) {
        self.level = level
        self.target = target
        self.thread = thread
        self.time = time
        dropped = 0
        self.message = message
        self.text = text
    }

    private static func word(_ bytes: ArraySlice<UInt8>, _ position: Int) -> UInt64 {
        var value: UInt64 = 0
        for place in (0..<8).reversed() { value = value << 8 | UInt64(bytes[position + place]) }
        return value
    }
}

extension LogRecord.Thread {
    var word: UInt32 {
        switch self {
        case .shard(let number): UInt32(number)
        case .main: 1 << 16
        case .log: 1 << 17
        }
    }

    init(word: UInt32) {
        switch word {
        case 1 << 16: self = .main
        case 1 << 17: self = .log
        default: self = .shard(UInt16(truncatingIfNeeded: word))
        }
    }
}
