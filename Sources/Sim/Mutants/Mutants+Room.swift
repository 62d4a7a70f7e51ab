import Platform

extension Mutant {
    /// In the room for large frames: no seed has a limit on memory, so they are looked for in a scenario that has.
    static let room: [Mutant] = [
        Mutant(.roomNotGivenBack, in: .init(.memoryPressure), .leak, .other, "a large frame that is done keeps its room"),
        Mutant(.roomOfOwnFramesForgotten, in: .init(.memoryPressure), .leak, .other,
            "shard 0 forgets the room that its own large frames have, and gives it once more"),
        Mutant(.roomWakesNobody, in: .init(.memoryPressure), .wakeup, .other, "a connection that is given room for its frame does not go on"),
        Mutant(.roomAnswerForgotten, in: .init(.memoryPressure), .mail, .other,
            "a shard waits for ever for shard 0 to have heard what room it wants"),
    ]

    /// Historical bugs that no mutant re-creates, and why.
    public static let notRecreated: [(bug: String, why: String)] = [
        (
            "stray file panic (Iggy #3135)",
            "nothing in a run puts a file into the data directory that the server did not make, so no seed could show it; "
                + "`DamageTests` (stray names are left alone) and `DirectoryNamesTests` start the server on such names"
        ),
        (
            "dedup forgotten at restart (Iggy)",
            "the server has no de-duplication by request identity yet: a retry after an unknown outcome may stand twice, "
                + "and `duplicates` counts those"
        ),
    ]
}
