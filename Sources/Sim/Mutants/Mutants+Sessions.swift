import Platform

extension Mutant {
    static let sessions: [Mutant] = [
        Mutant(.frameTakenTooEarly, .framing, .corruption, "a frame is taken while its last byte is still to come"),
        Mutant(.frameLosesItsBeginning, .framing, .corruption,
            "a frame that moves to a larger buffer loses what had come of it"),
        Mutant(.inputNotReleased, .leak, .other, "a connection that ends keeps its receive buffer"),
        Mutant(.unsentRepliesNotReleased, .leak, .other, "a connection that ends keeps what it had not sent"),
        Mutant(.orphanedLoanForgotten, .leak, .other, "a connection that ends forgets what it has lent"),
        Mutant(.closeForgotten, .leak, .other, "a connection that is to be closed stays open"),
        Mutant(.answerWakesNobody, .wakeup, .other,
            "an answer of a partition waits until the session hears of something else"),
        Mutant(.sendWakesNobody, .wakeup, .other, "a session that has sent does not go on"),
        Mutant(.loanEndsBeforeSend, .leak, .corruption, "messages are given back before they are sent"),
        Mutant(.pollReplyMiscounts, .boundary, .corruption, "a poll reply of several pieces says one message too few"),
        Mutant(.replyLengthInOtherOrder, .framing, .corruption, "the length of a poll reply has its bytes in the other order",
            recreates: "wrong-endian length"),
        Mutant(.loginNotNeeded, .access, .other, "commands are run without a login"),
        Mutant(.anyPasswordTaken, .access, .other, "a login succeeds with any password"),
        Mutant(.logoutForgotten, .access, .other, "after a logout the session goes on as before"),
        Mutant(.replyNamesPartitionZero, .reply, .other, "the answer to a poll says that it is of partition 0"),
        Mutant(.commandOvertakes, .twice, .other, "a command does not wait for those before it"),
        Mutant(.halfClosedCutOff, .framing, .other, "who has nothing more to send gets no more answers"),
        Mutant(.refusedFrameNotCounted, .framing, .other, "what is thrown away of a refused frame is thrown away twice"),
        Mutant(.silentPeerStays, .leak, .other, "a connection on which nothing is said stays for ever"),
        Mutant(.connectionsCountedOn, .leak, .other, "connections that have ended count against the limit"),
    ]
}
