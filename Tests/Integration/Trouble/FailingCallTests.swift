import Client
import Foundation
import Support
import Testing

/// System calls that fail for real, in the unmodified server: strace returns the error instead of making the call.
@Suite(.enabled(if: Strace.isInstalled, "needs strace"))
struct FailingCallTests {
    /// Whatever an interrupted call was, nobody may notice. The first calls of a thread are left alone where they belong
    /// to the loader of shared libraries.
    @Test(arguments: [
        ("pwrite64,pwritev,pwritev2,write,writev", 2), ("read,pread64,preadv,preadv2", 40),
        ("recvfrom,recvmsg,readv", 2),
        ("sendto,sendmsg", 2), ("accept4,accept", 2), ("epoll_wait,epoll_pwait", 2), ("fdatasync,fsync", 2),
        ("ftruncate,fallocate", 2),
    ])
    func `interrupted calls change nothing`(calls: String, first: Int) throws {
        let settings = TestServer.Settings(
            environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB", "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "true"],
            strace: .fail(calls, with: "EINTR", first: first, step: 3), readyWithin: .seconds(60))
        try withServer(settings) { server in
            var work = Work(isTolerant: false)

            try work.run(on: server)

            #expect(work.refusedCount == 0 && work.lostCount == 0)
            try work.check(on: server)
            try server.stop(atMost: .seconds(30))
        }
    }

    /// Each of these may refuse requests or even a start. What was acknowledged is kept, what was refused has no effect.
    @Test(arguments: [
        ("openat", "EMFILE"), ("accept4,accept", "EMFILE"), ("accept4,accept", "ECONNABORTED"),
        ("pwrite64,pwritev,pwritev2", "ENOSPC"), ("pwrite64,pwritev,pwritev2", "EIO"),
        ("fallocate", "ENOSPC"), ("fallocate", "EOPNOTSUPP"), ("read,pread64,preadv,preadv2", "EIO"),
        ("fdatasync,fsync", "EIO"), ("mkdirat,mkdir", "EACCES"), ("renameat,renameat2,rename", "EIO"),
    ])
    func `failing calls lose nothing that was acknowledged`(calls: String, error: String) throws {
        // A server that can never accept again has nothing to say.
        let moments = calls.hasPrefix("accept") ? [(2, 7), (5, 5)] : [(2, 7), (5, 5), (30, 1)]
        for (first, step) in moments {
            let server = try TestServer(
                .init(
                    environment: [
                        "IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB", "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": "true",
                    ], readyWithin: .seconds(60)))
            defer { server.kill() }
            try server.start()
            var work = Work(isTolerant: true)
            try work.run(on: server)
            try server.stop()

            // A start that cannot be is refused with a message; it does not trap.
            let refusal = try server.startUnlessRefused(.fail(calls, with: error, first: first, step: step))
            if refusal == nil {
                try work.run(on: server)
                try server.requireAlive()
                server.kill()
            }

            try server.start()
            try work.check(on: server)
            try work.run(on: server)
            try work.check(on: server)
            try server.stop()
        }
    }
}

/// Some of everything, one request after another, with a journal of what became of it.
private struct Work {
    private var journals = (0..<3).map { _ in AckJournal() }
    private var number = 0
    private(set) var refusedCount = 0
    private(set) var lostCount = 0
    /// Whether requests may be refused and connections lost.
    let isTolerant: Bool

    init(isTolerant: Bool) { self.isTolerant = isTolerant }

    /// Forty batches to three partitions, over several connections; some of it is read meanwhile.
    mutating func run(on server: TestServer) throws {
        for _ in 0..<8 {
            do {
                var connection = try server.loggedIn()
                if number == 0 { try connection.makeTopic("work", "t", partitions: 3) }
                for _ in 0..<5 { try send(&connection) }
                let reply = try connection.ask(RawFrame.poll("work", "t", count: 50, partition: UInt32(number % 3)))
                if reply.status != 0 { refusedCount += 1 }
                _ = try connection.ask(RawFrame.storeOffset("work", "t", 0, consumer: 1))
            } catch  where isTolerant && !(error is AckJournal.Violation) {
                lostCount += 1
                try server.requireAlive()
            }
        }
    }

    private mutating func send(_ connection: inout Connection) throws {
        let partition = number % 3
        let ids = (0..<25).map { AckJournal.id(producer: 0, number: number + $0) }
        number += 25
        let batch = journals[partition].sending(ids)
        let messages = ids.map { ($0, AckJournal.payload(of: $0)) }
        let reply = try connection.ask(RawFrame.send("work", "t", messages, partition: UInt32(partition)))
        if reply == .ok {
            journals[partition].acknowledged(batch)
        } else {
            refusedCount += 1
        }
    }

    mutating func check(on server: TestServer) throws {
        var connection = try server.loggedIn()
        for partition in journals.indices {
            try journals[partition].check(connection.everything("work", "t", partition: UInt32(partition)))
        }
    }
}
