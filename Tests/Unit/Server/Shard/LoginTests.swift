import Platform
import Sim
import Testing
import Wire

@testable import Server

/// Who guesses passwords is slowed down; who knows one gets in.
@Suite struct LoginTests {
    private static func login(_ name: String, _ password: String) -> Request {
        .loginUser(LoginUser(name: ShardRig.name(name), password: Secret(password)))
    }

    @Test(arguments: ["iggy", "nobody"])
    func `guesses after the fifth are answered late`(name: String) throws {
        let rig = try ShardRig()
        let guesser = try rig.connect()
        var seconds: [Int64] = []

        for _ in 0..<10 {
            let before = rig.universe.clock.now
            let reply = try rig.ask(guesser, Self.login(name, "wrong"))
            #expect(reply.status == ErrorCode.invalidCredentials.rawValue)
            seconds.append((rig.universe.clock.now - before) / second)
        }

        #expect(seconds == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32])
    }

    @Test func `the right password is not refused, only late, whoever else guesses`() throws {
        let rig = try ShardRig()
        let guesser = try rig.connect()
        for _ in 0..<9 { _ = try rig.ask(guesser, Self.login("iggy", "wrong")) }

        // Guesses go on while the owner of the account logs in from elsewhere.
        rig.tell(guesser, Self.login("iggy", "wrong").frame)
        let owner = try rig.connect()
        let before = rig.universe.clock.now
        let reply = try rig.ask(owner, ShardRig.login)

        #expect(reply.status == 0)
        #expect(rig.universe.clock.now - before <= 61 * second)
        // From then on the account is the owner's again.
        let next = try rig.connect()
        let start = rig.universe.clock.now
        #expect(try rig.ask(next, ShardRig.login).status == 0)
        #expect(rig.universe.clock.now - start < second)
    }

    @Test func `a thousand guesses are no more than ten in a second`() throws {
        let rig = try ShardRig { $0.limits.unauthenticatedConnectionsMax = 64 }
        var answers = 0
        let guessers = (0..<64).map { _ in RigClient(wanted: ShardID(0)) }
        let wrong = Self.login("iggy", "wrong").frame
        for guesser in guessers {
            guesser.number = rig.universe.add(guesser, startingIn: millisecond)
            guesser.onReply = { [unowned guesser] universe in
                answers += 1
                universe.send(guesser.connection, wrong)
            }
        }
        try rig.wait { guessers.allSatisfy(\.isConnected) }

        let begin = rig.universe.clock.now
        for guesser in guessers { rig.tell(guesser, wrong) }
        while answers < 1_000 { rig.run(for: second) }

        #expect((rig.universe.clock.now - begin) / second >= 100)
    }
}
