import Primitives

/// A file's content as pages of 4 KiB, some of them holes. Copies share pages until one of them is written.
struct PagedBytes {
    static let pageByteCount = 4_096
    /// Larger files do not fit the model: `EFBIG`.
    static let byteCountMax: Int64 = 1 << 30

    /// An empty page is a hole: it reads as zeros and takes no block.
    private var pages: [[UInt8]] = []
    private(set) var byteCount: Int64 = 0
    /// Pages that take a block.
    private(set) var blockCount = 0

    /// Blocks that a write of this range would take in addition.
    func blocksMissing(at position: Int64, byteCount: Int64) -> Int {
        guard byteCount > 0 else { return 0 }
        let first = Int(position) / Self.pageByteCount
        let last = Int(position + byteCount - 1) / Self.pageByteCount
        return (first...last).count { $0 >= pages.count || pages[$0].isEmpty }
    }

    /// How many bytes of the range can be written with `freeBlocks` more blocks.
    func writable(at position: Int64, byteCount: Int64, freeBlocks: Int) -> Int64 {
        var left = freeBlocks
        var page = Int(position) / Self.pageByteCount
        var end = position
        while end < position + byteCount {
            if page >= pages.count || pages[page].isEmpty {
                if left == 0 { break }
                left -= 1
            }
            page += 1
            end = min(position + byteCount, Int64(page * Self.pageByteCount))
        }
        return end - position
    }

    mutating func write(_ source: RawSpan, at position: Int64) {
        var done = 0
        while done < source.byteCount {
            let at = Int(position) + done
            let page = at / Self.pageByteCount, inPage = at % Self.pageByteCount
            let count = min(Self.pageByteCount - inPage, source.byteCount - done)
            fill(page: page)
            pages[page].replace(at: inPage, with: source.extracting(done..<done + count))
            done += count
        }
        byteCount = max(byteCount, position + Int64(source.byteCount))
    }

    /// Gives the range blocks of zeros where it has none, and grows the file to its end.
    mutating func allocate(at position: Int64, byteCount count: Int64) {
        let first = Int(position) / Self.pageByteCount
        let last = Int(position + count - 1) / Self.pageByteCount
        for page in first...last { fill(page: page) }
        byteCount = max(byteCount, position + count)
    }

    mutating func resize(to newByteCount: Int64) {
        if newByteCount < byteCount {
            let keep = (Int(newByteCount) + Self.pageByteCount - 1) / Self.pageByteCount
            while pages.count > keep {
                if pages.popLast()?.isEmpty == false { blockCount -= 1 }
            }
            let inPage = Int(newByteCount) % Self.pageByteCount
            if inPage > 0, keep <= pages.count, keep > 0, !pages[keep - 1].isEmpty {
                let zeros = [UInt8](repeating: 0, count: Self.pageByteCount - inPage)
                pages[keep - 1].replace(at: inPage, with: zeros.rawSpan)
            }
        }
        byteCount = newByteCount
    }

    /// Copies what there is from `position` on; the count is short at the end of the file.
    @_lifetime(target: copy target)
    func read(at position: Int64, into target: inout MutableRawSpan) -> Int {
        guard position < byteCount else { return 0 }
        let total = min(target.byteCount, Int(byteCount - position))
        var done = 0
        while done < total {
            let at = Int(position) + done
            let page = at / Self.pageByteCount, inPage = at % Self.pageByteCount
            let count = min(Self.pageByteCount - inPage, total - done)
            if page < pages.count, !pages[page].isEmpty {
                let content = pages[page]
                target.store(content.rawSpan.extracting(inPage..<inPage + count), at: done)
            } else {
                for index in done..<done + count { target.store(UInt8(0), at: index) }
            }
            done += count
        }
        return total
    }

    /// All bytes.
    var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Int(byteCount))
        for page in 0..<(Int(byteCount) + Self.pageByteCount - 1) / Self.pageByteCount {
            let count = min(Self.pageByteCount, Int(byteCount) - page * Self.pageByteCount)
            if page < pages.count, !pages[page].isEmpty {
                result.append(contentsOf: pages[page][..<count])
            } else {
                result.append(contentsOf: repeatElement(0, count: count))
            }
        }
        return result
    }

    private mutating func fill(page: Int) {
        while pages.count <= page { pages.append([]) }
        if pages[page].isEmpty {
            pages[page] = [UInt8](repeating: 0, count: Self.pageByteCount)
            blockCount += 1
        }
    }
}
