import CLinux
import Foundation
import Glibc
import Testing

@testable import Linux

/// The console takes what it takes: nothing is ever waited for, whoever holds it.
@Suite struct LogConsoleTests {
    private static let bytes = Array(String(repeating: String(repeating: "x", count: 79) + "\n", count: 20_000).utf8)

    /// What the console took of many bytes, or nil if it waits.
    private func shown(on descriptor: Int32, _ bytes: [UInt8] = bytes) -> Int? {
        let (count, ended) = (Shared<Int?>(nil), DispatchSemaphore(value: 0))
        Foundation.Thread.detachNewThread {
            let console = LogConsole(descriptor: descriptor)
            let taken = console.show(bytes)
            count.change { $0 = taken }
            ended.signal()
        }
        return ended.wait(timeout: .now() + 10) == .success ? count.value : nil
    }

    /// Its buffer is not full when poll(2) says that there is room, and a write may need more.
    @Test func `a terminal that nobody reads is not waited for`() throws {
        let (master, slave) = try #require(Self.openTerminal(), "no terminal can be made")
        // Closing it releases a write that waits.
        defer {
            close(master)
            close(slave)
        }

        let count = try #require(shown(on: slave), "it waits for the terminal")

        #expect(count > 0 && count < Self.bytes.count)
        #expect(fcntl(slave, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `a terminal that was stopped takes nothing and is not waited for`() throws {
        let (master, slave) = try #require(Self.openTerminal(), "no terminal can be made")
        defer {
            close(master)
            close(slave)
        }
        #expect(tcflow(slave, TCOOFF) == 0)

        #expect(shown(on: slave, Array("line\n".utf8)) == 0)

        #expect(tcflow(slave, TCOON) == 0)
        #expect(shown(on: slave, Array("line\n".utf8)) == 5)
    }

    @Test func `a pipe that nobody reads is not waited for, and stays as it was for others`() throws {
        var ends: [Int32] = [0, 0]
        try #require(galgo_pipe(&ends) == 0)
        signal(SIGPIPE, SIG_IGN)
        defer { close(ends[1]) }

        let count = try #require(shown(on: ends[1]), "it waits for the pipe")

        #expect(count > 0 && count < Self.bytes.count)
        #expect(count % 80 == 0, "lines are whole")
        #expect(fcntl(ends[1], F_GETFL) & O_NONBLOCK == 0)

        close(ends[0])
        try #require(Self.isAbandoned(ends[1]))
        #expect(shown(on: ends[1]) == Self.bytes.count, "nobody can read them any more")
    }

    @Test func `a socket that nobody reads is not waited for, and a dead one takes everything`() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }

        let count = try #require(shown(on: ends[1]), "it waits for the socket")
        #expect(count > 0 && count < Self.bytes.count)

        close(ends[0])
        try #require(Self.isAbandoned(ends[1]))
        #expect(shown(on: ends[1]) == Self.bytes.count)
    }

    /// Its place is shared with what others write to the same file.
    @Test func `a file is written where it is`() throws {
        let path = NSTemporaryDirectory() + "galgo-console-" + UUID().uuidString
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer {
            close(file)
            unlink(path)
        }
        #expect(write(file, "first\n", 6) == 6)

        #expect(shown(on: file, Array("second\n".utf8)) == 7)

        #expect(write(file, "third\n", 6) == 6)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "first\nsecond\nthird\n")
    }

    /// Waits until nobody holds the other end. A program that another test starts has it, too, until its exec(2).
    private static func isAbandoned(_ end: Int32) -> Bool {
        var state = pollfd(fd: end, events: 0, revents: 0)
        return poll(&state, 1, 10_000) == 1 && state.revents & Int16(POLLERR | POLLHUP) != 0
    }

    /// A terminal: the side of its screen and keyboard, and that of programs.
    private static func openTerminal() -> (master: Int32, slave: Int32)? {
        // <asm/ioctls.h>: to unlock it, and for its number.
        let (unlock, tellNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (isLocked, number): (Int32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, unlock, &isLocked) == 0, ioctl(master, tellNumber, &number) == 0 else {
            return nil
        }
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        return slave < 0 ? nil : (master, slave)
    }
}
