public import Server

/// A bug that can be planted in the log writer, and what it does.
public struct RotationMutant: Equatable, Sendable {
    public let mutation: LogMutation
    public let sentence: String

    private init(_ mutation: LogMutation, _ sentence: String) {
        self.mutation = mutation
        self.sentence = sentence
    }

    public static let all = [
        RotationMutant(.shortWriteCountsAsWhole, "a write that moved a part counts as whole"),
        RotationMutant(.shortWriteRepeated, "after a write that moved a part, all of it is written again"),
        RotationMutant(.failedWriteForgotten, "lines whose write failed are dropped and not counted"),
        RotationMutant(.lineSplitOverFiles, "a rotation may come between the two parts of a line"),
        RotationMutant(.lossNotTold, "lines that found no room are not told"),
        RotationMutant(.tornLineContinued, "the first line of a life is glued to what a crash left of the last one"),
        RotationMutant(.stopForgetsLines, "a stop does not write the lines that wait"),
        RotationMutant(.fullDiskHeldForEver, "a failed write is never tried again"),
        RotationMutant(.lengthForgotten, "a restart counts the bytes of the file from zero"),
        RotationMutant(.lowestMovedFirst, "archives are moved from the lowest number up"),
        RotationMutant(.failedMoveIgnored, "a rotation goes on after an archive could not be moved"),
        RotationMutant(.failedRotationNotRetried, "after a failed rotation the file grows for ever"),
        RotationMutant(.oneArchiveTooMany, "one archive more is kept than the total has room for"),
        RotationMutant(.archivesAboveKept, "archives above a lowered limit stay"),
        RotationMutant(.hourIgnored, "a new hour does not rotate"),
        RotationMutant(.emptyFileRotated, "an empty file is put away and pushes an archive out"),
        RotationMutant(.obstacleOverwritten, "a directory with an archive's name is moved upon"),
        RotationMutant(.oldFileWrittenOn, "after a rotation the old file is written on under its new name"),
        RotationMutant(.activeFileDeleted, "a pass that deletes archives deletes the active file too"),
        RotationMutant(.newestDeletedFirst, "a pass deletes the newest archives first"),
        RotationMutant(.retentionWraps, "a retention from before 1970 wraps around, and everything is old"),
        RotationMutant(.passNotRepeated, "archives are looked at once and never again"),
        RotationMutant(.sizeIgnored, "a pass looks at the age of archives alone"),
        RotationMutant(.ageIgnored, "a pass looks at the size of archives alone"),
    ]

    /// The first of the seeds that finds it and holds without it, with the rule that it breaks.
    public func hunt(_ seeds: ClosedRange<UInt64>) -> (seed: UInt64, rule: RotationRule)? {
        for seed in seeds {
            guard let violation = RotationRun.perform(seed: seed, mutation: mutation).violation else { continue }
            if RotationRun.perform(seed: seed).violation == nil { return (seed, violation.rule) }
        }
        return nil
    }
}
