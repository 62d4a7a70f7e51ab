import CLinux
import Foundation
import Platform
import Testing

@testable import Linux

/// What a script remembers between its steps.
private struct Notes {
    var file = FileID(slot: 0, generation: 0)
    var buffer = BufferID(owner: ShardID(0), slot: 0, generation: 0)
    var listed: [String] = []
}

private typealias Step = @Sendable (inout LinuxWorld, inout Notes) throws(MachineFailure) -> Void

/// Runs the steps one after the other, each when the one before has ended, and returns how they ended.
private func play(_ server: (@escaping MakeBody) throws -> TestServer, _ steps: [Step]) throws -> [String] {
    let outcomes = Shared<[String]>([])
    let running = try server { _, _ in
        var notes = Notes()
        var next = 0
        return { event, _, world throws(MachineFailure) in
            switch event {
            case .started:
                guard let buffer = world.allocateBuffer(byteCount: 1 << 20) else { throw MachineFailure("no memory") }
                notes.buffer = buffer
            case .opened(_, let file, let byteCount):
                notes.file = file
                outcomes.change { $0.append("opened \(byteCount)") }
            case .completed(_, let count): outcomes.change { $0.append("\(count)") }
            case .failed(_, let errno): outcomes.change { $0.append("\(errno)") }
            case .space(_, let free, let total): outcomes.change { $0.append(0 < free && free < total ? "space" : "no space") }
            default: return
            }
            guard next < steps.count else { return try world.submit(.stopped) }
            next += 1
            try steps[next - 1](&world, &notes)
        }
    }
    #expect(running.join() == .stopped)
    return outcomes.value
}

private func play(_ steps: [Step]) throws -> [String] {
    let directory = TestServer.freshDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try play({ try TestServer(directory: directory, awaitReady: false, $0) }, steps)
}

private func submit(_ operation: Platform.Operation) -> Step {
    { world, _ throws(MachineFailure) in try world.submit(operation) }
}

private let token = Token(9)
private let log = Path.segmentLog(incarnation: 7, base: 0)

/// Writes the text at the position in two slices.
private func write(_ text: String, at position: Int64) -> Step {
    { world, notes throws(MachineFailure) in
        let bytes = Array(text.utf8)
        let whole = Slice(notes.buffer, position: 0, byteCount: UInt32(bytes.count))
        var target = try world.mutableBytes(of: whole)
        for (index, byte) in bytes.enumerated() { target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
        let slices = [
            Slice(notes.buffer, position: 0, byteCount: 2),
            Slice(notes.buffer, position: 2, byteCount: UInt32(bytes.count - 2)),
        ]
        try world.submit(.write(notes.file, at: position, slices: 2, token), slices.span)
    }
}

private func read(_ byteCount: UInt32, at position: Int64) -> Step {
    { world, notes throws(MachineFailure) in
        let slice = Slice(notes.buffer, position: 4096, byteCount: byteCount)
        try world.submit(.read(notes.file, at: position, into: slice, token))
    }
}

/// Checks what the last read or list brought, then goes on.
private func expect(_ text: String, then next: @escaping Step) -> Step {
    { world, notes throws(MachineFailure) in
        let found = try words(Slice(notes.buffer, position: 4096, byteCount: UInt32(text.utf8.count)), world)
        #expect(found == text)
        try next(&world, &notes)
    }
}

private func words(_ slice: Slice, _ world: borrowing LinuxWorld) throws(MachineFailure) -> String {
    let bytes = try world.bytes(of: slice)
    var found: [UInt8] = []
    for index in 0..<bytes.byteCount { found.append(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
    return String(decoding: found, as: UTF8.self)
}

private func list(_ directory: Directory, byteCount: UInt32) -> Step {
    { world, notes throws(MachineFailure) in
        try world.submit(.list(directory, into: Slice(notes.buffer, position: 4096, byteCount: byteCount), token))
    }
}

private func crypt(_ password: String, _ setting: String) -> Step {
    { world, notes throws(MachineFailure) in
        var bytes = try world.mutableBytes(of: Slice(notes.buffer, position: 0, byteCount: 4096))
        for (index, byte) in (password + setting).utf8.enumerated() {
            bytes.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
        let slices = [
            Slice(notes.buffer, position: 0, byteCount: UInt32(password.utf8.count)),
            Slice(notes.buffer, position: UInt32(password.utf8.count), byteCount: UInt32(setting.utf8.count)),
            Slice(notes.buffer, position: 4096, byteCount: 200),
        ]
        try world.submit(.crypt(slices: 3, token), slices.span)
    }
}

private func onFile(_ make: @escaping @Sendable (FileID) -> Platform.Operation) -> Step {
    { world, notes throws(MachineFailure) in try world.submit(make(notes.file)) }
}

struct FileTests {
    @Test func `a file is made, written, read, grown, cut, synced, renamed and removed`() throws {
        let outcomes = try play([
            submit(.makeDirectory(.partitions, token)),
            submit(.makeDirectory(.partition(incarnation: 7), token)),
            submit(.open(log, .create, token)),
            write("hello, disk", at: 0),
            write("!!!", at: 11),
            read(100, at: 0),
            expect("hello, disk!!!", then: onFile { .sync($0, token) }),
            onFile { .allocate($0, at: 14, byteCount: 200_000, token) },
            read(64, at: 200_000),
            onFile { .truncate($0, to: 5, token) },
            read(100, at: 0),
            read(100, at: 50),
            onFile { .close($0, token) },
            submit(.open(log, .readWrite, token)),
            onFile { .close($0, token) },
            submit(.rename(log, to: .segmentLog(incarnation: 7, base: 1), token)),
            submit(.syncDirectory(.partition(incarnation: 7), token)),
            submit(.syncDirectory(.root, token)),
            submit(.unlink(.segmentLog(incarnation: 7, base: 1), token)),
            submit(.makeDirectory(.orphans, token)),
            submit(.moveDirectory(.partition(incarnation: 7), to: .orphan(incarnation: 7), token)),
            submit(.removeDirectory(.orphan(incarnation: 7), token)),
            submit(.measureSpace(token)),
        ])

        #expect(
            outcomes == [
                "0", "0", "opened 0", "11", "3", "14", "0", "0", "14", "0", "5", "0", "0", "opened 5", "0", "0", "0",
                "0", "0", "0", "0", "0", "space",
            ])
    }

    @Test func `names are listed in the order of their bytes, and a list says how long it wants to be`() throws {
        let text = "FORMAT\0boot\0catalog/\0partitions/\0"
        let outcomes = try play([
            submit(.makeDirectory(.partitions, token)),
            submit(.open(.boot, .create, token)),
            submit(.makeDirectory(.catalog, token)),
            submit(.open(.format, .replace, token)),
            list(.root, byteCount: 1000),
            expect(text, then: list(.root, byteCount: 3)),
        ])

        #expect(outcomes.suffix(2) == ["\(text.utf8.count)", "\(text.utf8.count)"])
    }

    @Test func `every refusal of the kernel has its name`() throws {
        let outcomes = try play([
            submit(.open(log, .read, token)),
            submit(.open(.boot, .create, token)),
            submit(.open(.boot, .create, token)),
            write("abc", at: -1),
            onFile { .truncate($0, to: -1, token) },
            onFile { .allocate($0, at: 0, byteCount: -1, token) },
            submit(.makeDirectory(.catalog, token)),
            submit(.makeDirectory(.catalog, token)),
            submit(.makeDirectory(.partition(incarnation: 1), token)),
            submit(.open(.catalogLog(sequence: 1), .create, token)),
            submit(.removeDirectory(.catalog, token)),
            submit(.unlink(.format, token)),
            submit(.rename(.format, to: .boot, token)),
            submit(.open(.boot, .read, token)),
            write("abc", at: 0),
            onFile { .sync($0, token) },
            list(.partitions, byteCount: 10),
            submit(.syncDirectory(.orphans, token)),
        ])

        #expect(
            outcomes == [
                "noEntry", "opened 0", "exists", "invalidArgument", "invalidArgument", "invalidArgument", "0", "exists",
                "noEntry", "opened 0", "notEmpty", "noEntry", "noEntry", "opened 0", "badDescriptor", "0", "noEntry",
                "noEntry",
            ])
    }

    @Test func `a symbolic link is not followed, and new files and directories are private`() throws {
        let directory = TestServer.freshDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: directory + "/boot", withDestinationPath: "/etc/passwd")

        let outcomes = try play({ try TestServer(directory: directory, awaitReady: false, $0) }, [
            submit(.open(.boot, .read, token)),
            submit(.open(.format, .create, token)),
            submit(.makeDirectory(.catalog, token)),
        ])

        #expect(outcomes == ["other", "opened 0", "0"])
        let attributes = { (name: String) in
            try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.posixPermissions] as? Int
        }
        #expect(try attributes("FORMAT") == 0o600)
        #expect(try attributes("catalog") == 0o700)
    }

    @Test func `a full disk is no space, and nothing of the attempt stays`() throws {
        // Where a file's greatest length comes before the disk's, EFBIG takes the way of ENOSPC.
        let outcomes = try play([
            submit(.open(.boot, .create, token)),
            onFile { .allocate($0, at: 0, byteCount: 1 << 60, token) },
            onFile { .close($0, token) },
            submit(.open(.boot, .read, token)),
        ])

        #expect(["fileTooLarge", "noSpace"].contains(outcomes[1]))
        #expect(outcomes[0] == "opened 0" && outcomes[2...] == ["0", "opened 0"])
    }

    @Test func `space taken ahead of a growing file leaves its length alone and goes back when it is closed`() throws {
        let directory = TestServer.freshDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let taken = Shared<[Int64]>([])
        let look: Step = { world, _ throws(MachineFailure) in
            var status = stat()
            guard stat(directory + "/boot", &status) == 0 else { throw MachineFailure("the file is there") }
            taken.change { $0 += [Int64(status.st_size), Int64(status.st_blocks) * 512] }
            try world.submit(.measureSpace(token))
        }
        let mebibyte: Int64 = 1 << 20
        let piece = String(repeating: "x", count: Int(mebibyte))

        let outcomes = try play({ try TestServer(directory: directory, awaitReady: false, $0) }, [
            submit(.open(.boot, .create, token)),
            write(piece, at: 0),
            write(piece, at: mebibyte),
            onFile { .sync($0, token) },
            look,
            onFile { .close($0, token) },
            look,
        ])

        #expect(outcomes.last == "space")
        let values = taken.value
        #expect(values[0] == 2 * mebibyte && values[2] == 2 * mebibyte)
        // Not every file system keeps room behind an end; none keeps it after the close.
        #expect(values[1] >= values[3] && values[3] < 3 * mebibyte)
    }

    @Test(arguments: [false, true])
    func `what may be forgotten leaves the page cache where pages are dear, and stays elsewhere`(isDear: Bool) throws {
        let directory = TestServer.freshDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mebibyte: Int64 = 1 << 20
        let cached = Shared<[Bool]>([])
        let judge: Step = { world, _ throws(MachineFailure) in
            if isDear { world.desk.pageCost.wrote(byteCount: PageCost.windowBytes, from: 0, to: 1 << 62) }
            try world.submit(.measureSpace(token))
        }
        let look: Step = { world, _ throws(MachineFailure) in
            let descriptor = open(directory + "/boot", O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            var byte: UInt8 = 0
            for position in [0, mebibyte] {
                let count = unsafe galgo_read_cached(descriptor, &byte, 1, position)
                cached.change { $0.append(count == 1) }
            }
            try world.submit(.measureSpace(token))
        }
        let piece = String(repeating: "x", count: Int(mebibyte))

        _ = try play({ try TestServer(directory: directory, awaitReady: false, $0) }, [
            submit(.open(.boot, .create, token)),
            write(piece, at: 0),
            write(piece, at: mebibyte),
            onFile { .sync($0, token) },
            look,
            judge,
            onFile { .sync($0, forgetting: mebibyte, token) },
            look,
        ])

        #expect(cached.value == [true, true, !isDear, true])
    }

    @Test func `the lock is held by one server at a time, and taken again by the same one`() throws {
        let directory = TestServer.freshDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try TestServer(directory: directory) { _, _ in
            { event, _, world throws(MachineFailure) in
                switch event {
                case .started: try world.submit(.lock(.lock, token))
                case .completed: try world.submit(.startAccepting)
                case .stopRequested: try world.submit(.stopped)
                default: break
                }
            }
        }
        let make: (@escaping MakeBody) throws -> TestServer = { try TestServer(directory: directory, awaitReady: false, $0) }

        #expect(try play(make, [submit(.lock(.lock, token))]) == ["locked"])

        first.server.requestStop()
        first.join()
        #expect(try play(make, [submit(.lock(.lock, token)), submit(.lock(.lock, token))]) == ["0", "0"])
    }

    @Test func `a password is hashed by the system's library`() throws {
        let setting = "$6$saltstring"
        let expected =
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
        let outcomes = try play([
            crypt("Hello world!", setting),
            expect(expected, then: crypt("Hello world!", "!")),
        ])

        #expect(outcomes == ["\(expected.utf8.count)", "invalidArgument"])
    }
}
