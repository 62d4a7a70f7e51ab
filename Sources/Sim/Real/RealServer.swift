public import Verifier

/// A real server and the sockets to it, as a run needs them. All times are nanoseconds since the run began.
public protocol RealServer: AnyObject {
    var now: Int64 { get }
    /// Starts it and waits until it serves.
    func start() -> RealStart
    /// How it ended, if it has: by itself or as it was asked to.
    func ending() -> RealEnding?
    /// Ends it at once; returns when it is gone.
    func kill()
    /// Asks it to stop, as a supervisor does.
    func requestStop()
    func failShard(_ number: Int32)
    func pause()
    func resume()
    /// All of its threads on one CPU, or wherever they like.
    func crowd(_ isCrowded: Bool)
    func fillDisk(leaving byteCount: Int)
    func freeDisk()
    /// The nth of the open connections is reset.
    func breakConnection(nth: UInt32, of world: RealWorld)
    /// Does what the clients want, waits until something happens or `time` has come, and tells them.
    func attend(_ world: RealWorld, until time: Int64)
    /// The server is gone: everything that it had sent is told, then the ends of the connections.
    func drain(_ world: RealWorld)
    /// Every file that is there; nil if they cannot be read.
    func image() -> DirectoryImage?
}

public enum RealStart: Equatable, Sendable {
    case serving
    /// It ended, with an exit code or a signal, and said this last.
    case refused(RealEnding)
    /// It runs and does not serve.
    case silent
}

public struct RealEnding: Equatable, Sendable {
    /// In words.
    public let how: String
    /// Exit code 0.
    public let isClean: Bool
    public let lastLine: String

    public init(how: String, isClean: Bool, lastLine: String) {
        self.how = how
        self.isClean = isClean
        self.lastLine = lastLine
    }
}
