import Glibc

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // SAFETY: the call writes at most `count` bytes and ends them with 0; the last byte stays 0 in any case.
    let text = unsafe strerror_r(code, &buffer, buffer.count - 1)
    guard let text = unsafe text else { return "error \(code)" }
    // SAFETY: GNU's strerror_r returns a string that ends with 0, in the buffer or a constant.
    return unsafe String(cString: text)
}

/// Microseconds since 1970, by the system's clock.
public func microsecondsNow() -> UInt64 {
    var time = timespec()
    // SAFETY: the call fills the structure and keeps no pointer.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
}
