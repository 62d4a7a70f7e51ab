/// How long a client waits before it gives up with `ClientError.timedOut`.
public struct Timeouts: Equatable, Sendable {
    /// For the connection to be established, all addresses of a host name together.
    public var connect: Duration
    /// For the next bytes of a reply. A reply that keeps arriving may take longer as a whole.
    public var receive: Duration
    /// For the socket to take the next bytes of a request.
    public var send: Duration

    public init(connect: Duration = .seconds(5), receive: Duration = .seconds(30), send: Duration = .seconds(30)) {
        self.connect = connect
        self.receive = receive
        self.send = send
    }
}
