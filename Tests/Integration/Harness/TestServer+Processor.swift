import Foundation
import Glibc
import Support

extension TestServer {
    /// The processor time that the running server has used so far, in user and system mode.
    func processorTime() throws -> Duration {
        guard let pid else { throw HarnessError("no server runs") }
        let status = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name, in parentheses, may hold blanks; user and system time are fields 14 and 15, in ticks.
        let fields = status[(status.lastIndex(of: ")") ?? status.startIndex)...].split(separator: " ")
        let ticks = fields.dropFirst(12).prefix(2).compactMap { Int($0) }
        guard ticks.count == 2 else { throw HarnessError("no times in \(status)") }
        return .seconds(1) * ticks.reduce(0, +) / sysconf(Int32(_SC_CLK_TCK))
    }
}
