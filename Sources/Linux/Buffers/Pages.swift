import Glibc

/// Anonymous memory by the page. It costs nothing until it is touched, and is zero then.
enum Pages {
    /// Nil when there is no address space or the kernel has no room for another mapping.
    static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapped = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
        return unsafe mapped == MAP_FAILED ? nil : mapped
    }

    /// The range belongs to the caller, who forgets it.
    static func unmap(_ address: UnsafeMutableRawPointer?, _ byteCount: Int) {
        // Fails only when splitting a mapping needs one more than the kernel allows: the pages are then kept.
        if let address = unsafe address { unsafe _ = munmap(address, byteCount) }
    }

    /// Keeps the addresses; the pages go back.
    static func discard(_ address: UnsafeMutableRawPointer?, _ byteCount: Int) {
        if let address = unsafe address { unsafe _ = madvise(address, byteCount, MADV_DONTNEED) }
    }
}
