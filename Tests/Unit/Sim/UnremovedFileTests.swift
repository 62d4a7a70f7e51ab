import Platform
import Testing

@testable import Sim

@Suite struct UnremovedFileTests {
    /// What the disk refused to remove is no fault of the server's, as long as it is the same file.
    @Test(arguments: [
        Operation.unlink(.bootTemporary, Token(3)), .open(.bootTemporary, .replace, Token(3)),
    ])
    func `a file that could not be removed is excused until it is removed or made anew`(last: Operation) {
        let refused = Fault(
            .disturbance(Disturbance(.unlinkFails, strength: 1, target: 0)), when: .at(0), for: second)
        var wakes = 0
        var failures: [Errno] = []
        let universe = Universe(faults: [refused]) { (world, _, event, _) throws(MachineFailure) in
            switch event {
            case .started: try world.submit(.open(.bootTemporary, .create, Token(1)))
            case .opened(Token(1), _, _): try world.submit(.wake(at: 10 * millisecond))
            case .failed(_, let errno):
                failures.append(errno)
                try world.submit(.wake(at: 20 * millisecond))
            case .timerDue:
                wakes += 1
                try world.submit(wakes == 1 ? .unlink(.bootTemporary, Token(2)) : last)
            default: break
            }
        }

        universe.run(until: 15 * millisecond)
        #expect(failures == [.inputOutput])
        #expect(universe.disturbed.unremoved == ["boot.tmp"])

        universe.run(until: 30 * millisecond)
        #expect(wakes == 2 && failures.count == 1)
        #expect(universe.disturbed.unremoved == [])
    }
}
