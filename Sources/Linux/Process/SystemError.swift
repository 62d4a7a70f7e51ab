import Platform

/// A result of a `CLinux` call: zero or more, or a negative error number.
extension Int64 {
    /// The error's number, or nil for a result.
    @inline(__always)
    var errorNumber: Int32? { self < 0 ? Int32(truncatingIfNeeded: 0 - self) : nil }
}

/// Error numbers that the loop itself decides by.
enum ErrorNumber {
    static let again: Int32 = 11
    static let outOfMemory: Int32 = 12
    static let notSupported: Int32 = 95
    static let tooManyFilesInSystem: Int32 = 23
    static let tooManyFiles: Int32 = 24
    static let addressInUse: Int32 = 98
    static let addressNotAvailable: Int32 = 99
    static let accessDenied: Int32 = 13
}

extension Errno {
    /// The core's name of a kernel's number. Would-block has no name here: it never reaches the core.
    init(number: Int32) {
        guard let named = Errno(rawValue: number), named != .locked else {
            self = .other
            return
        }
        self = named
    }
}
