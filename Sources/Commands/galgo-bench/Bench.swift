import Client
import Wire

/// One run: prepares the topic, lets the threads work, and tidies up.
struct Bench {
    let options: Options
    private let client: Client
    private let path: TopicPath

    init(_ options: Options) throws(Failure) {
        self.options = options
        do throws(ClientError) {
            path = try TopicPath(options.stream, options.topic)
            client = try Client(to: options.address)
            try client.login(options.user, password: options.password)
        } catch {
            throw Failure("\(options.address): \(error)")
        }
    }

    func run() throws(Failure) -> Report {
        let madeStream: Bool
        let found: TopicRecord?
        do throws(ClientError) {
            madeStream = try prepare()
            found = try client.topic(path)?.topic
        } catch {
            throw Failure("preparing \(options.stream)/\(options.topic): \(error)")
        }
        try check(found)

        let report: Report
        do throws(Failure) {
            report = try measure()
        } catch {
            // What went wrong first is what counts: a server that is gone removes no stream either.
            if madeStream, !options.keeps {
                do throws(Failure) { try tidyUp() } catch let second {
                    throw Failure("\(error.line); then \(second.line)")
                }
            }
            throw error
        }
        if options.readsOnce, let found, report.tally.readCount != found.messageCount {
            throw Failure("read \(report.tally.readCount) messages of \(found.messageCount)")
        }
        if madeStream, !options.keeps { try tidyUp() }
        return report
    }

    // MARK: The topic

    /// Makes the stream and the topic if they are missing and may be made; true if it made the stream.
    private func prepare() throws(ClientError) -> Bool {
        guard options.creates, options.mode == .produce else { return false }
        var madeStream = false
        if try client.stream(path.stream) == nil {
            try client.createStream(options.stream)
            madeStream = true
        }
        if try client.topic(path) == nil {
            try client.createTopic(path.stream, options.topic, partitions: UInt32(options.partitionCount))
        }
        return madeStream
    }

    private func check(_ topic: TopicRecord?) throws(Failure) {
        guard let topic else {
            throw Failure(
                "there is no \(options.stream)/\(options.topic): make it with `galgo-bench produce --keep`")
        }
        guard Int(topic.partitionCount) == options.partitionCount else {
            throw Failure("the topic has \(topic.partitionCount) partitions: say --partitions \(topic.partitionCount)")
        }
    }

    private func tidyUp() throws(Failure) {
        do throws(ClientError) {
            try client.deleteStream(path.stream)
        } catch {
            throw Failure("stream \(options.stream) was not removed: \(error)")
        }
    }

    // MARK: The threads

    private func measure() throws(Failure) -> Report {
        let meters = (0..<options.connectionCount).map { _ in Meter() }
        let schedule =
            options.readsOnce
            ? Schedule(warmupSeconds: 0, seconds: 86_400)
            : Schedule(warmupSeconds: options.warmupSeconds, seconds: options.seconds)
        let crew = Crew(meters.enumerated().map { body($0, $1, schedule) }, schedule: schedule)
        Progress(meters: meters, schedule: schedule).run(until: crew)
        let tally = try crew.result()
        let end = options.readsOnce ? tally.lastReply ?? schedule.measuredFrom : schedule.measuredUntil
        return Report(options: options, tally: tally, elapsed: (end - schedule.measuredFrom).nanoseconds)
    }

    private func body(
        _ connection: Int, _ meter: Meter, _ schedule: Schedule
    ) -> @Sendable () throws(ClientError) -> Tally {
        let options = options
        let path = path
        switch options.mode {
        case .produce:
            let partition = UInt32(connection % options.partitionCount)
            return { () throws(ClientError) -> Tally in
                try Producer(
                    options: options, path: path, partition: partition, schedule: schedule, meter: meter
                ).run()
            }
        case .consume:
            let share = stride(from: connection, to: options.partitionCount, by: options.connectionCount)
            let partitions = share.map { UInt32($0) }
            return { () throws(ClientError) -> Tally in
                try Consumer(
                    options: options, path: path, partitions: partitions, schedule: schedule, meter: meter
                ).run()
            }
        }
    }
}
