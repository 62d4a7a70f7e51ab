/// Bugs that can be planted in the log writer, one line each: `if mutation == .id`. Nil in the server. What each does
/// stands in the simulator's catalogue (`RotationMutant`).
public enum LogMutation: String, CaseIterable, Sendable {
    // Writing.
    case shortWriteCountsAsWhole, shortWriteRepeated, failedWriteForgotten, lineSplitOverFiles, lossNotTold
    case tornLineContinued, stopForgetsLines, fullDiskHeldForEver
    // Rotating.
    case lengthForgotten, lowestMovedFirst, failedMoveIgnored, failedRotationNotRetried, oneArchiveTooMany
    case archivesAboveKept, hourIgnored, emptyFileRotated, obstacleOverwritten, oldFileWrittenOn
    // Deleting.
    case activeFileDeleted, newestDeletedFirst, retentionWraps, passNotRepeated, sizeIgnored, ageIgnored
}
