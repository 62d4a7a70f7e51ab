import CLinux

/// Random words from the kernel, fetched many at a time.
struct Entropy: ~Copyable {
    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if let word = words.popLast() { return word }
        words = Array(repeating: 0, count: 64)
        // SAFETY: the array is as long as the count says. The kernel's generator, once seeded, does not fail.
        let taken = unsafe words.withUnsafeMutableBytes { unsafe galgo_random($0.baseAddress, $0.count) }
        precondition(taken == 512, "the kernel's random generator works")
        return words.removeLast()
    }
}
