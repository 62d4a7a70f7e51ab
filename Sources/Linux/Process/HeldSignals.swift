import CLinux

/// Signals that would end the process before anybody listens to them: SIGHUP, SIGUSR1, SIGUSR2, SIGALRM.
public enum HeldSignals {
    /// They wait. First of all in `main`, while there is one thread.
    public static func hold() { galgo_hold_signals() }

    /// They take their course, also those that came meanwhile: for a program that does not listen to them.
    public static func release() { galgo_release_signals() }
}
