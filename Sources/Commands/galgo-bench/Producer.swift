import Client
import Primitives
import Wire

/// One connection that sends prepared batches to one partition.
struct Producer {
    let options: Options
    let path: TopicPath
    let partition: UInt32
    let schedule: Schedule
    let meter: Meter

    /// Sends until the schedule is over, then takes the replies that are still on the way.
    func run() throws(ClientError) -> Tally {
        var connection = try open(options)
        var batch = PreparedBatch(
            to: path, partition: partition, messageCount: options.batchCount,
            payloadByteCount: options.payloadByteCount)
        let byteCount = options.batchCount * options.payloadByteCount
        var sentAt: [ContinuousClock.Instant] = []
        var tally = Tally()
        while true {
            var now = ContinuousClock.now
            while sentAt.count < options.inFlightMax, !schedule.isOver(now) {
                batch.stamp(originTimestamp: microsecondsNow())
                sentAt.append(now)
                try connection.send(frame: batch.frame)
                now = ContinuousClock.now
            }
            guard !sentAt.isEmpty else { return tally }
            try receive(&connection)
            let repliedAt = ContinuousClock.now
            let started = sentAt.removeFirst()
            meter.add(messageCount: options.batchCount, byteCount: byteCount)
            if schedule.isMeasured(repliedAt) {
                tally.record(
                    messageCount: options.batchCount, byteCount: byteCount, sentAt: started, repliedAt: repliedAt)
            }
        }
    }
}

/// Receives one reply and throws if it is a refusal.
func receive(_ connection: inout Connection) throws(ClientError) {
    let status = try connection.receive()
    guard status == 0 else { throw .status(ErrorCode(rawValue: status) ?? .error) }
}

/// The frame of a request.
func frame(_ request: Request) -> [UInt8] {
    var writer = ByteWriter()
    request.encodeFrame(into: &writer)
    return writer.bytes
}

/// A connection that is logged in.
func open(_ options: Options) throws(ClientError) -> Connection {
    var connection = try Connection(to: options.address)
    guard let name = Name(options.user) else { throw .nameUnusable(options.user) }
    try connection.send(frame: frame(.loginUser(LoginUser(name: name, password: Secret(options.password)))))
    try receive(&connection)
    return connection
}
