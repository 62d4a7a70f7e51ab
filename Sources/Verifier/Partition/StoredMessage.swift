import Primitives

/// One message of a body, in either dialect.
///
/// | classic | VSR | width | field |
/// |--------:|----:|------:|-------|
/// | 0  | 0  | 8  | XXH3-64 of the message from byte 8 to its end |
/// | 8  | 8  | 16 | id |
/// | 24 |    | 8  | offset |
/// |    | 24 | 4  | offset behind the batch's base |
/// | 32 |    | 8  | append time, µs |
/// | 40 |    | 8  | origin time, µs |
/// |    | 28 | 4  | origin time behind the batch's, µs |
/// | 48 | 32 | 4  | byte count of the user headers |
/// | 52 | 36 | 4  | byte count of the payload |
/// | 56 | 40 | 8  | 0 |
/// | 64 | 48 | …  | payload, then user headers |
struct StoredMessage: Equatable {
    static let payloadByteCountMax = 64_000_000
    static let userHeadersByteCountMax = 100_000

    let position: Int
    let byteCount: Int
    let checksum: UInt64
    /// Whether the bytes match the checksum.
    let isIntact: Bool
    let id: UInt128
    /// Nil if it exceeds 64 bits.
    let offset: UInt64?
    /// Nil in the VSR dialect, whose messages take that of the batch.
    let timestamp: UInt64?
    /// Nil if it exceeds 64 bits.
    let originTimestamp: UInt64?
    let reserved: UInt64
    let payloadPosition: Int
    let payloadByteCount: Int
    let userHeadersByteCount: Int

    /// What it counts on the classic wire.
    var classicByteCount: UInt64 { UInt64(64 + payloadByteCount + userHeadersByteCount) }

    /// Nil unless the whole message lies in `body`.
    init?(_ body: RawSpan, at position: Int, of head: BatchHead) {
        let layout = Layout(head.dialect)
        guard let checksum = body.load(UInt64.self, at: position), let id = body.load(UInt128.self, at: position + 8),
            let headers = body.load(UInt32.self, at: position + layout.counts),
            let payload = body.load(UInt32.self, at: position + layout.counts + 4),
            let reserved = body.load(UInt64.self, at: position + layout.reserved)
        else { return nil }
        byteCount = layout.fixed + Int(payload) + Int(headers)
        guard let covered = body.slice(at: position + 8, byteCount: byteCount - 8) else { return nil }
        isIntact = XXH3.hash(covered) == checksum
        switch head.dialect {
        case .classic:
            guard let offset = body.load(UInt64.self, at: position + 24),
                let timestamp = body.load(UInt64.self, at: position + 32),
                let origin = body.load(UInt64.self, at: position + 40)
            else { return nil }
            self.offset = offset
            self.timestamp = timestamp
            originTimestamp = origin
        case .vsr:
            guard let offsetDelta = body.load(UInt32.self, at: position + 24),
                let originDelta = body.load(UInt32.self, at: position + 28)
            else { return nil }
            offset = Self.sum(head.baseOffset, offsetDelta)
            timestamp = nil
            originTimestamp = Self.sum(head.minOrigin, originDelta)
        }
        self.position = position
        self.checksum = checksum
        self.id = id
        self.reserved = reserved
        payloadPosition = position + layout.fixed
        payloadByteCount = Int(payload)
        userHeadersByteCount = Int(headers)
    }

    private static func sum(_ base: UInt64, _ delta: UInt32) -> UInt64? {
        let (sum, isOver) = base.addingReportingOverflow(UInt64(delta))
        return isOver ? nil : sum
    }

    private struct Layout {
        let fixed: Int
        let counts: Int
        let reserved: Int

        init(_ dialect: BatchHead.Dialect) {
            switch dialect {
            case .classic: (fixed, counts, reserved) = (64, 48, 56)
            case .vsr: (fixed, counts, reserved) = (48, 32, 40)
            }
        }
    }
}
