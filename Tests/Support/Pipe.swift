import Glibc

/// A pipe that no other child of this process inherits, not even one that is started at this very moment: such a child
/// would keep it from ending. Only `open` can promise that, so the pipe has a name for an instant.
struct Pipe {
    let reading: Int32
    let writing: Int32

    /// - Parameter path: a place where nothing else will be called like it with `.pipe` behind.
    init(near path: String) throws {
        let name = path + ".pipe"
        defer { unlink(name) }
        guard mkfifo(name, 0o600) == 0 else { throw HarnessError("no pipe at \(name), error \(errno)") }
        let reading = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let writing = open(name, O_WRONLY | O_CLOEXEC)
        guard reading >= 0, writing >= 0, fcntl(reading, F_SETFL, 0) == 0 else {
            throw HarnessError("no pipe at \(name), error \(errno)")
        }
        self.reading = reading
        self.writing = writing
    }
}
