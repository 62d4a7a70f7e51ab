import Platform

/// What a client of the workload needs of the world that it lives in: connections, alarms, a clock, and some chance.
///
/// In the simulator that is the universe; `RealWorld` is the same in front of a server outside.
protocol Surroundings: AnyObject {
    var clock: Clock { get }
    var tape: Tape { get set }
    /// nil unless somebody wants a picture.
    var chronicle: Chronicle? { get set }
    /// Adds a client; it is told `timer(0)` after `delay` nanoseconds.
    func add(_ client: ClassicActor, startingIn delay: Int64) -> UInt16
    /// Tells the client `timer(number)` after `delay` nanoseconds.
    func remind(_ client: UInt16, _ number: UInt32, in delay: Int64)
    /// Begins to connect, to a shard or to any; `connected` or `refused` follows.
    func connect(_ client: UInt16, to wanted: ShardID?) -> UInt32
    func send(_ connection: UInt32, _ bytes: [UInt8])
    /// Takes waiting bytes, at most `byteCountMax`.
    func take(_ connection: UInt32, byteCountMax: Int) -> [UInt8]
    func waiting(_ connection: UInt32) -> Int
    func close(_ connection: UInt32)
    func reset(_ connection: UInt32)
    /// An append that was asked for at this time, in nanoseconds, was acknowledged.
    func acknowledged(invoked: Int64)
}

extension Universe: Surroundings {
    func add(_ client: ClassicActor, startingIn delay: Int64) -> UInt16 { add(client as Actor, startingIn: delay) }

    func acknowledged(invoked: Int64) { faults.acknowledged(invoked: invoked) }
}
