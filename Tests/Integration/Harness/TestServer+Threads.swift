import Foundation
import Glibc
import Support

extension TestServer {
    /// The numbers of the running server's threads that have this name.
    func threads(named name: String) throws -> [pid_t] {
        guard let pid else { throw HarnessError("no server runs") }
        let tasks = "/proc/\(pid)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).filter {
            try String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8) == name + "\n"
        }.compactMap { pid_t($0) }
    }

    /// Sends a signal to one thread, as the system does for what the thread itself did.
    func send(signal: Int32, toThread name: String) throws {
        guard let thread = try threads(named: name).first else { throw HarnessError("no thread \(name)") }
        try send(signal: signal, to: thread)
    }

    func send(signal: Int32, to thread: pid_t) throws {
        typealias Call = @convention(c) (pid_t, pid_t, Int32) -> Int32
        // The module map of the C library leaves it out.
        guard let pid, let symbol = dlsym(nil, "tgkill") else { throw HarnessError("no server runs, or no tgkill") }
        guard unsafeBitCast(symbol, to: Call.self)(pid, thread, signal) == 0 else {
            throw HarnessError("no signal \(signal) for \(thread)")
        }
    }
}
