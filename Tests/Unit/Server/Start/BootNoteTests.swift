import Platform
import Sim
import Testing
import Wire

@testable import Server

/// "This boot wrote here" spares the next start the strict rules: it must be true of every partition.
@Suite struct BootNoteTests {
    private func bootNote(_ rig: ShardRig) -> [UInt8]? { rig.universe.disk.files().first { $0.path == "boot" }?.bytes }

    @Test(arguments: 0...1 as ClosedRange<UInt32>)
    func `a boot is not noted while a partition could not be recovered at once`(partition: UInt32) throws {
        let rig = try ShardRig(shardCount: 2, faults: [Fault(.syncFails(.offsets, count: 1), when: .at(0), for: second)])
        let client = try rig.logIn()
        try rig.makeTopic(client, "s", "t", partitions: 2)
        try rig.append(client, to: ShardRig.path("s", "t"), partition: partition)
        let before = bootNote(rig)

        // The epoch that a power cut asks for cannot be recorded.
        rig.universe.startFaults()
        rig.universe.cutPower(restartIn: millisecond, .everything)
        try rig.wait { rig.universe.isServing }
        #expect(rig.universe.notices.contains { $0.notice.subject == .recoveryTriedAgain })
        #expect(bootNote(rig) == before)

        // So the next start is as strict, although the machine has not been restarted since.
        rig.universe.killProcess(restartIn: millisecond)
        try rig.wait { rig.universe.isServing }
        #expect(bootNote(rig) != before)
        try rig.append(try rig.logIn(), to: ShardRig.path("s", "t"), partition: partition)
    }
}
