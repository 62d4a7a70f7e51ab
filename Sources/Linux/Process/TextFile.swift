import CLinux
import Glibc

/// Small files that the kernel writes: `/proc`, `/sys`, `/etc/os-release`.
enum TextFile {
    private static let byteCountMax = 64 << 10

    /// The text, cut at 64 KiB; empty when the file cannot be read.
    static func read(_ path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { _ = galgo_close(descriptor) }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
            count = 0
            while count < byteCountMax, let start = buffer.baseAddress {
                // SAFETY: the range lies inside the buffer.
                let room = byteCountMax - count
                let taken = unsafe galgo_read(descriptor, start + count, room, Int64(count))
                if taken <= 0 { break }
                count += Int(taken)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first number after `key` in text of the form `key: number`.
    static func number(after key: String, in text: String) -> UInt64? {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            let digits = line.dropFirst(key.count).drop { !$0.isNumber }.prefix { $0.isNumber }
            return UInt64(digits)
        }
        return nil
    }
}
