import Platform
import Server
import Testing

/// For a while no file can be opened. That changes nothing on the disk, so nothing but time is needed afterwards.
@Suite struct DescriptorShortageTests {
    private static let key = ConsumerKey(.single, id: 1)

    /// So few that files are closed for each other's sake, and opened again before a sync or a cut.
    private static var settings: StorageSettings {
        var settings = StoreRig.small
        settings.openFilesMax = 2
        return settings
    }

    @Test(arguments: [Durability.process, .power], [Errno.tooManyFiles, .tooManyFilesInSystem, .outOfMemory])
    func `a partition that met a shortage of descriptors stores on without a restart`(
        level: Durability, errno: Errno
    ) throws {
        for number in 1...(try PartitionLife.operationCount(level)) {
            let rig = StoreRig(TestDisk(), Self.settings)
            rig.world.shortage = (number..<number + 4, errno)
            try expectStoresOn(rig, level, "no descriptors from operation \(number) on")
        }
    }

    @Test(arguments: [Durability.process, .power])
    func `what a full volume makes undone is undone when there are descriptors again`(level: Durability) throws {
        for number in 1...(try PartitionLife.operationCount(level)) {
            let rig = StoreRig(TestDisk(), Self.settings)
            rig.world.failures[number] = .noSpace
            rig.world.shortage = (number + 1..<number + 5, .tooManyFiles)
            try expectStoresOn(rig, level, "no room at operation \(number), then no descriptors")
        }
    }

    private func expectStoresOn(_ rig: StoreRig, _ level: Durability, _ comment: Comment) throws {
        try PartitionLife.play(rig, level)
        // No volume is too full for opening what is there.
        if case .open(_, .readWrite, _)? = rig.world.failed.first { return }
        rig.world.shortage = nil
        for _ in 0..<12 { try rig.tick() }

        try PartitionLife.expectStoresOn(rig, level, Self.key, comment)
    }
}
