public import Primitives

extension Verdict {
    /// The verdict as one JSON object. Numbers of 64 bits and more that a script may have to compare are text.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("clean", isClean)
            json.array("findings") { json in
                for finding in findings { finding.write(to: &json) }
            }
            json.member("dropped_findings", droppedFindingCount)
            json.object("totals") { totals.write(to: &$0) }
            json.array("partitions") { json in
                for partition in partitions { partition.write(to: &json) }
            }
        }
    }
}

extension Finding {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("severity", severity.rawValue)
            json.member("path", path)
            if let position { json.member("position", position) }
            json.member("law", law.rawValue)
            json.member("detail", detail)
        }
    }
}

extension Verdict.Totals {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("files", fileCount)
        json.member("bytes", byteCount)
        json.member("catalog_records", catalogRecordCount)
        json.member("offset_records", offsetRecordCount)
        json.member("segments", segmentCount)
        json.member("seals", sealCount)
        json.member("batches", batchCount)
        json.member("messages", messageCount)
        json.member("index_entries", indexEntryCount)
    }
}

extension PartitionFacts {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("stream", stream)
            json.member("topic", topic)
            json.member("partition", partition)
            json.member("incarnation", "\(incarnation)")
            json.member("first_offset", "\(firstOffset)")
            json.member("end_offset", "\(endOffset)")
            json.member("durable_end", "\(durableEnd)")
            json.member("segments", segmentCount)
            json.member("batches", batchCount)
            json.member("messages", messageCount)
            json.member("classic_bytes", classicByteCount)
            json.member("epoch", epoch)
            json.array("stored_offsets") { json in
                for stored in storedOffsets { stored.write(to: &json) }
            }
            if messages.isEmpty { return }
            json.array("message_list") { json in
                for message in messages { message.write(to: &json) }
            }
        }
    }
}

extension PartitionFacts.StoredOffset {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", kind == .single ? "single" : "group")
            json.member("id", id)
            json.member("offset", "\(offset)")
        }
    }
}

extension MessageFacts {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("offset", "\(offset)")
            json.member("timestamp", "\(timestamp)")
            json.member("origin_timestamp", "\(originTimestamp)")
            json.member("id", Hex.encode(id))
            json.member("checksum", Hex.encode(checksum))
            json.member("payload_bytes", payloadByteCount)
            json.member("payload_digest", Hex.encode(payloadDigest))
        }
    }
}
