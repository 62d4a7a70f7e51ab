// What has to go well when nothing goes wrong any more.

extension PlannedClient {
    /// Takes and serves a message in every partition, stores an offset in one and makes it take much at once.
    static func prober(_ number: Int, partitions: UInt32) -> PlannedClient {
        let own = UInt32(number) % partitions
        let operations = (0..<partitions).flatMap {
            [.append(partition: $0, messages: 2, payloadBytes: 40), .rewind(partition: $0)]
                + ($0 == own || number == 0 ? [PlannedOperation.poll(partition: $0, messages: 10)] : [])
        }
        let offsets: [PlannedOperation] = [
            .fetch(partition: own), .store(partition: own), .fetch(partition: own), .storeBeyond(partition: own),
            .fetch(partition: own),
        ]
        // One frame that outgrows the buffer in which it begins.
        let large = [PlannedOperation.append(partition: own, messages: 3, payloadBytes: 2_500)]
        return PlannedClient(.patient, operations + offsets + large)
    }
}
