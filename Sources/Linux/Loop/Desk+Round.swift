import CLinux
public import Platform
import Synchronization

extension Desk {
    /// Events that the core handles before the loop looks at the world again.
    static let roundEventsMax = 256
    private static let looksPerPoll = 8
    /// Between two looks at the clock lie one or two microseconds, unless another thread had the core.
    private static let gapOfInterruption: Int64 = 10_000
    private static let feedInterval: Int64 = 2_000_000

    /// Looks at the world, waiting for it if there is nothing to do. False when the shard must end.
    public func nextRound() throws(MachineFailure) -> Bool {
        // What found no moment between the events of a whole round has waited long enough.
        let isPatientDue = unsafe !hasReceivedPatiently && !patient.isEmpty
        try waitForNews()
        if exchange.control.isEnding.load(ordering: .acquiring) { return false }
        answerProbe()
        try failIfAsked()
        unsafe now = Clock.now()
        collectFinished()
        collectMail()
        try runTimers()
        deliverStop()
        unsafe hasReceivedPatiently = false
        if isPatientDue { try receivePatiently() }
        unsafe roundLeft = Self.roundEventsMax
        return true
    }

    private func waitForNews() throws(MachineFailure) {
        if !ready.isEmpty || !patient.isEmpty || isAcceptPending { return try poll(milliseconds: 0) }
        if configuration.spinNanoseconds > 0 {
            let start = Clock.monotonic()
            if spin.isWorthwhile(at: start) {
                let look = try look(from: start, until: start + configuration.spinNanoseconds)
                spin.learn(look)
                if look == .found { return }
            }
        }
        port.fallAsleep()
        let count = poller.wait(milliseconds: hasNews ? 0 : sleepMilliseconds())
        port.stayAwake()
        try handleReadiness(count)
    }

    private func look(from start: Int64, until end: Int64) throws(MachineFailure) -> Spin.Look {
        let end = min(end, nextDeadline ?? end)
        let interruptions = galgo_involuntary_switches()
        var last = start
        repeat {
            let count = poller.wait(milliseconds: 0)
            if count > 0 {
                try handleReadiness(count)
                return .found
            }
            // Looking at memory costs far less than asking the kernel.
            for _ in 0..<Self.looksPerPoll where hasNews { return .found }
            let now = Clock.monotonic()
            // A hypervisor takes time too, but not for whom this shard waits.
            if now - last > Self.gapOfInterruption, galgo_involuntary_switches() != interruptions {
                return .interrupted(at: now)
            }
            last = now
        } while last < end
        return .nothing
    }

    /// Something that came by another way than a descriptor.
    private var hasNews: Bool {
        if port.hasFinished || exchange.control.isEnding.load(ordering: .relaxed) { return true }
        if hasProbe { return true }
        if !isStopDelivered, exchange.control.isStopRequested.load(ordering: .relaxed) { return true }
        return exchange.ports.contains { $0.shard != shard && !exchange.mailbox(from: $0.shard, to: shard).isEmpty }
    }

    private func poll(milliseconds: Int32) throws(MachineFailure) {
        try handleReadiness(poller.wait(milliseconds: milliseconds))
    }

    private func handleReadiness(_ count: Int) throws(MachineFailure) {
        unsafe now = Clock.now()
        for index in 0..<count {
            let (subject, readiness) = poller[index]
            switch subject {
            // Being awake is all that the waker is for.
            case .waker: continue
            case .listener: isAcceptPending = true
            case .connection(let id): try connectionIsReady(id, readiness)
            }
        }
        if isAcceptPending { acceptSome() }
    }

    /// Asked in every round, so it is no array's `min`, which would allocate.
    private var nextDeadline: Int64? {
        let soonest = min(
            min(wakeAt ?? .max, acceptAt ?? .max), min(feedAt ?? .max, lingering.lookAt ?? .max))
        return soonest == .max ? nil : soonest
    }

    /// Rounded up: waking early would only mean sleeping again.
    private func sleepMilliseconds() -> Int32 {
        guard let deadline = nextDeadline else { return -1 }
        let left = max(deadline - Clock.monotonic(), 0)
        return Int32(truncatingIfNeeded: min((left + 999_999) / 1_000_000, 60_000))
    }

    private func runTimers() throws(MachineFailure) {
        if let due = wakeAt, unsafe due <= now.nanoseconds {
            wakeAt = nil
            ready.append(.timerDue)
        }
        if let due = acceptAt, unsafe due <= now.nanoseconds {
            acceptAt = nil
            acceptSome()
        }
        if let due = feedAt, unsafe due <= now.nanoseconds { try feedStarved() }
        if let due = lingering.lookAt, unsafe due <= now.nanoseconds { unsafe lingering.look(now: now.nanoseconds) }
        if !orphans.isEmpty { freeOrphans() }
        if !unreleased.isEmpty { releaseLoans() }
    }

    /// Another try for connections that found no memory to receive into.
    private func feedStarved() throws(MachineFailure) {
        feedAt = nil
        let waiting = starved
        starved = []
        for id in waiting where connections.contains(id) {
            connections[id].isStarved = false
            try receiveNow(id)
        }
    }

    func starve(_ id: ConnectionID) {
        if connections[id].isStarved { return }
        connections[id].isStarved = true
        starved.append(id)
        feedAt = unsafe feedAt ?? now.nanoseconds + Self.feedInterval
    }

    /// The main thread wants to know whether this one hangs.
    private var hasProbe: Bool {
        exchange.control.probe.load(ordering: .relaxed) != port.answeredProbe.load(ordering: .relaxed)
    }

    func answerProbe() {
        guard hasProbe else { return }
        port.answeredProbe.store(exchange.control.probe.load(ordering: .relaxed), ordering: .releasing)
    }

    private func failIfAsked() throws(MachineFailure) {
        guard exchange.control.failingShard.load(ordering: .relaxed) == Int(shard.number) else { return }
        exchange.control.failingShard.store(-1, ordering: .relaxed)
        throw MachineFailure("a shard that is told to fail fails")
    }

    private func deliverStop() {
        guard !isStopDelivered, exchange.control.isStopRequested.load(ordering: .acquiring) else { return }
        isStopDelivered = true
        closeListener()
        ready.append(.stopRequested)
    }
}
