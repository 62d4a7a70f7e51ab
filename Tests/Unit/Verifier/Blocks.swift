import Primitives

// A writer of the formats for the verifier's tests, apart from the server's: every field can be given a wrong value
// under right checksums.

/// A batch to be written.
struct TestBatch {
    var dialect: UInt8 = 1
    var flags: UInt16 = 1
    var format: UInt8 = 1
    var incarnation: UInt64
    var baseOffset: UInt64
    var epoch: UInt32 = 0
    var timestamp: UInt64
    var minOrigin: UInt64 = 900
    var durableEnd: UInt64 = 0
    var vsrBatchCount: UInt32 = 1
    var payloads: [[UInt8]]
    /// Added to what the header says of the sum.
    var classicByteCountError: UInt64 = 0
    /// Written where a message has its own number instead of the batch's.
    var offsetError: UInt64 = 0
    var messageTimestamp: UInt64?
    var id: UInt128 = 7
    var reserved: UInt64 = 0

    var endOffset: UInt64 { baseOffset + UInt64(payloads.count) }
    var classicByteCount: UInt64 { payloads.reduce(0) { $0 + 64 + UInt64($1.count) } }

    var bytes: [UInt8] {
        let (body, digest) = dialect == 1 ? classicBody : vsrBody
        var writer = ByteWriter()
        writer.write(utf8: "GBAT")
        writer.write(format)
        writer.write(dialect)
        writer.write(flags)
        writer.write(UInt64(0))
        writer.write(digest)
        writer.write(incarnation)
        writer.write(baseOffset)
        writer.write(UInt32(payloads.count))
        writer.write(epoch)
        writer.write(UInt64(body.count))
        writer.write(classicByteCount + classicByteCountError)
        writer.write(timestamp)
        writer.write(minOrigin)
        writer.write(durableEnd)
        writer.write(vsrBatchCount)
        writer.write(UInt32(0))
        return sealedBlock(writer.bytes) + body
    }

    private var classicBody: ([UInt8], UInt64) {
        body { writer, number, payload in
            writer.write(id)
            writer.write(baseOffset + UInt64(number) + offsetError)
            writer.write(messageTimestamp ?? timestamp)
            writer.write(UInt64(900 + number))
            writer.write(UInt32(0))
            writer.write(UInt32(payload.count))
            writer.write(reserved)
        }
    }

    private var vsrBody: ([UInt8], UInt64) {
        body { writer, number, payload in
            writer.write(id)
            writer.write(UInt32(truncatingIfNeeded: UInt64(number) + offsetError))
            writer.write(UInt32(number))
            writer.write(UInt32(0))
            writer.write(UInt32(payload.count))
            writer.write(reserved)
        }
    }

    private func body(_ head: (inout ByteWriter, Int, [UInt8]) -> Void) -> ([UInt8], UInt64) {
        var body = ByteWriter()
        var digest = XXH3.Stream()
        for (number, payload) in payloads.enumerated() {
            var message = ByteWriter()
            head(&message, number, payload)
            message.write(payload)
            let checksum = XXH3.hash(message.bytes.rawSpan)
            digest.update(checksum)
            body.write(checksum)
            body.write(message.bytes)
        }
        return (body.bytes, digest.finalize())
    }
}

/// What ends a sealed segment of these batches.
struct TestSeal {
    var incarnation: UInt64
    var baseOffset: UInt64
    var endOffset: UInt64
    var position: UInt64
    var classicByteCount: UInt64
    var vsrBatchCount: UInt64
    var firstTimestamp: UInt64
    var lastTimestamp: UInt64
    var durableEnd: UInt64
    var epoch: UInt32

    init(_ batches: [TestBatch]) {
        incarnation = batches[0].incarnation
        baseOffset = batches[0].baseOffset
        endOffset = batches[batches.count - 1].endOffset
        position = UInt64(batches.reduce(0) { $0 + $1.bytes.count })
        classicByteCount = batches.reduce(0) { $0 + $1.classicByteCount }
        vsrBatchCount = UInt64(batches.count)
        firstTimestamp = batches[0].timestamp
        lastTimestamp = batches[batches.count - 1].timestamp
        durableEnd = batches[batches.count - 1].durableEnd
        epoch = batches[batches.count - 1].epoch
    }

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(utf8: "GSEL")
        writer.write(UInt32(1))
        writer.write(UInt64(0))
        for word in [
            incarnation, baseOffset, endOffset, position, classicByteCount, vsrBatchCount, firstTimestamp,
            lastTimestamp, durableEnd,
        ] { writer.write(word) }
        writer.write(epoch)
        writer.write(UInt32(0))
        return sealedBlock(writer.bytes)
    }
}

/// A block of 96 bytes with its checksum put at 8.
private func sealedBlock(_ bytes: [UInt8]) -> [UInt8] {
    var block = bytes
    let checksum = XXH3.hash((Array(bytes[..<8]) + Array(bytes[16...])).rawSpan)
    block.store(checksum, at: 8)
    return block
}

func testIndexEntry(_ offset: UInt64, _ position: Int, _ timestamp: UInt64, incarnation: UInt64) -> [UInt8] {
    var words = ByteWriter()
    for word in [offset, UInt64(position), timestamp, incarnation] { words.write(word) }
    var entry = Array(words.bytes[..<24])
    var checksum = ByteWriter()
    checksum.write(XXH3.hash(words.bytes.rawSpan))
    entry += checksum.bytes
    return entry
}

func testRecord(_ body: [UInt8], sequence: UInt64, owner: UInt64) -> [UInt8] {
    var covered = ByteWriter()
    covered.write(UInt64(body.count))
    covered.write(sequence)
    covered.write(owner)
    covered.write(body)
    var writer = ByteWriter()
    writer.write(utf8: "GREC")
    writer.write(UInt32(body.count))
    writer.write(sequence)
    writer.write(owner)
    writer.write(XXH3.hash(covered.bytes.rawSpan))
    writer.write(body)
    return writer.bytes
}

func testOffsetBody(_ kind: UInt8, _ consumer: UInt8, id: UInt32, _ value: UInt64, synced: UInt64 = 0) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(kind)
    writer.write(consumer)
    writer.write(UInt16(0))
    writer.write(id)
    writer.write(value)
    writer.write(synced)
    return writer.bytes
}
