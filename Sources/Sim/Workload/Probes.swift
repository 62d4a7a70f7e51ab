// What has to go well when nothing goes wrong any more.

extension PlannedClient {
    /// Takes and serves a message in every partition, and stores an offset in one.
    static func prober(_ number: Int, partitions: UInt32) -> PlannedClient {
        let own = UInt32(number) % partitions
        let operations = (0..<partitions).flatMap {
            [.append(partition: $0, messages: 2, payloadBytes: 40), .rewind(partition: $0)]
                + ($0 == own || number == 0 ? [PlannedOperation.poll(partition: $0, messages: 10)] : [])
        }
        let offsets: [PlannedOperation] = [
            .fetch(partition: own), .store(partition: own), .fetch(partition: own), .storeBeyond(partition: own),
            .fetch(partition: own), .forget(partition: own), .fetch(partition: own),
        ]
        return PlannedClient(.patient, operations + offsets)
    }

    /// Asks for a little of everything in one partition, at last for a frame that outgrows the buffer in which it begins.
    static func auditor(of partition: UInt32) -> PlannedClient {
        PlannedClient(
            .patient,
            [
                .append(partition: partition, messages: 1, payloadBytes: 10), .next(partition: partition, messages: 1),
                .fetch(partition: partition), .forget(partition: partition),
                .append(partition: partition, messages: 4, payloadBytes: 2_500), .poll(partition: partition, messages: 1),
            ])
    }
}
