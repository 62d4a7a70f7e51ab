import Primitives
import Wire

/// The messages of a batch: stamping them on arrival, verifying them on the way out, finding one among them.
///
/// Both dialects begin a message with an XXH3-64 of everything behind it, so one hash over those checksums stands
/// for every byte of the body.
enum BatchBody {
    /// Numbers for messages without an id: version 4 UUIDs from one draw of entropy for the batch.
    struct IDs: IDSource {
        private var state: (UInt64, UInt64)

        init(_ first: UInt64, _ second: UInt64) { state = (first, second) }

        mutating func next() -> UInt128 {
            state.0 &+= 0x9E37_79B9_7F4A_7C15
            state.1 &+= 0xD1B5_4A32_D192_ED03
            let high = (Self.mix(state.0) & 0xffff_ffff_ffff_0fff) | 0x4000
            let low = (Self.mix(state.1) & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000
            return UInt128(high) << 64 | UInt128(low)
        }

        private static func mix(_ value: UInt64) -> UInt64 {
            var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Gives the messages their ids, offsets, time and checksums in place, and returns the body checksum; nil if
    /// they are not exactly `count` whole messages. VSR frames stay as they are: their checksums were verified on
    /// arrival and nothing of theirs depends on the offset.
    static func stamp(
        _ bytes: inout MutableRawSpan, dialect: Dialect, count: UInt32, baseOffset: UInt64, timestamp: UInt64,
        ids: inout IDs
    ) -> UInt64? {
        switch dialect {
        case .classic:
            do throws(WireError) {
                return try ClassicBatch.stamp(
                    messages: &bytes, count: count, baseOffset: baseOffset, timestamp: timestamp, ids: &ids)
            } catch { return nil }
        case .vsr: return frameDigest(bytes.bytes, count: count)
        }
    }

    private static func frameDigest(_ bytes: RawSpan, count: UInt32) -> UInt64? {
        var digest = XXH3.Stream()
        var frames = VSRFrames(bytes)
        for number in 0..<count {
            guard let frame = frames.next(), frame.offsetDelta == number else { return nil }
            digest.update(frame.checksum)
        }
        return frames.position == bytes.byteCount ? digest.finalize() : nil
    }

    /// Whether the bytes are the body that `header` describes: every message's checksum, dense offsets, the body
    /// checksum, no byte more or less.
    static func verify(_ bytes: RawSpan, _ header: BatchHeader) -> Bool {
        guard UInt64(bytes.byteCount) == header.bodyByteCount else { return false }
        switch header.dialect {
        case .classic:
            return ClassicBatch.verify(body: bytes, count: header.messageCount, baseOffset: header.baseOffset)
                == header.bodyChecksum
        case .vsr:
            do throws(WireError) {
                return try VSRBatch.validate(
                    frames: bytes, count: header.messageCount, originTimestamp: header.minOrigin
                ).digest == header.bodyChecksum
            } catch { return false }
        }
    }

    struct Selection {
        var position: Int
        var byteCount: Int
        var count: UInt32
    }

    /// The messages after the first `skipped`: at most `countMax`, at most `byteCountMax` bytes, but at least one if
    /// `takesOne`. Nil if the bytes are no messages.
    static func select(
        _ bytes: RawSpan, dialect: Dialect, skipping skipped: UInt32, countMax: UInt32, byteCountMax: Int, takesOne: Bool
    ) -> Selection? {
        var start = 0
        for _ in 0..<skipped {
            guard let byteCount = messageByteCount(bytes, at: start, dialect: dialect) else { return nil }
            start += byteCount
        }
        var selection = Selection(position: start, byteCount: 0, count: 0)
        while selection.count < countMax {
            guard let byteCount = messageByteCount(bytes, at: start + selection.byteCount, dialect: dialect) else { return nil }
            if selection.byteCount + byteCount > byteCountMax && !(takesOne && selection.count == 0) { break }
            selection.byteCount += byteCount
            selection.count += 1
        }
        return selection
    }

    /// Bytes of the whole message at `position`; nil if it does not lie wholly inside.
    @inline(__always)
    private static func messageByteCount(_ bytes: RawSpan, at position: Int, dialect: Dialect) -> Int? {
        let (lengths, fixed) = dialect == .classic ? (48, 64) : (32, 48)
        guard let first = bytes.load(UInt32.self, at: position + lengths),
            let second = bytes.load(UInt32.self, at: position + lengths + 4)
        else { return nil }
        let byteCount = fixed + Int(first) + Int(second)
        return byteCount <= bytes.byteCount - position ? byteCount : nil
    }
}
