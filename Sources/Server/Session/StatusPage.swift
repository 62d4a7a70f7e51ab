import Platform
import Primitives
import Wire

/// One buffer with every reply that has no payload: statuses are sent from here and never made twice.
///
/// It begins with a run of zero bytes: eight of them are the reply "ok", so a row of successes is one slice.
struct StatusPage {
    let buffer: BufferID
    static let zeroByteCount: UInt32 = 2_048
    static let replyByteCount: UInt32 = 8
    private static let codes = ErrorCode.allCases

    /// Nil when there is no memory for it.
    init?<W: World & ~Copyable>(_ buffers: inout BufferLedger, _ world: inout W) throws(MachineFailure) {
        let byteCount = Int(Self.zeroByteCount) + Self.codes.count * Int(Self.replyByteCount)
        guard let buffer = try buffers.allocate(byteCount: byteCount, &world) else { return nil }
        self.buffer = buffer
        var bytes = try world.mutableBytes(of: Slice(buffer, position: 0, byteCount: UInt32(clamping: byteCount)))
        for position in stride(from: 0, to: Int(Self.zeroByteCount), by: 8) { bytes.store(UInt64(0), at: position) }
        for (place, code) in Self.codes.enumerated() {
            bytes.store(UInt64(code.rawValue), at: Int(Self.zeroByteCount) + place * Int(Self.replyByteCount))
        }
    }

    func append(_ code: ErrorCode?, to output: inout ReplyOutput) {
        if let code {
            // The table is in the order of `allCases`, which ascends by number.
            let place = UInt32(clamping: Self.place(of: code))
            output.append(
                Slice(
                    buffer, position: Self.zeroByteCount + place * Self.replyByteCount,
                    byteCount: Self.replyByteCount))
            return
        }
        var position = output.positionAfterLast(in: buffer) ?? 0
        if position + Self.replyByteCount > Self.zeroByteCount { position = 0 }
        output.append(Slice(buffer, position: position, byteCount: Self.replyByteCount))
    }

    private static func place(of code: ErrorCode) -> Int {
        var low = 0
        var high = codes.count
        while low < high {
            let middle = low + (high - low) / 2
            if codes[middle].rawValue < code.rawValue { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
