#ifndef CLINUX_CRASH_H
#define CLINUX_CRASH_H
#include <signal.h>
#include <stdint.h>

/// From here on a fatal signal (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS) ends the process, whoever
/// sent it, and leaves the file `name` in `directory`, a descriptor that stays open: lines `version`, `signal`
/// (number), `thread` (name) and `second` (since 1970). The file is made as `temporary` and named when it is whole, so
/// that a note is never half of one. Of several threads the first is noted. What handled the signal before, such as a
/// tool that prints where the process was, runs in between. 0, or -errno and nothing is changed.
int64_t galgo_note_crashes(int directory, const char *name, const char *temporary, const char *version);
/// Undoes it: the descriptor may be closed.
void galgo_forget_crashes(void);

/// Gives the calling thread a stack of its own for the signals of an overflow; NULL if it has one or cannot have one.
/// The same thread gives it back.
void *galgo_begin_signal_stack(void);
void galgo_end_signal_stack(void *memory);

/// Blocks, in the calling thread and in those that it starts, all signals but the fatal ones, which a fault of the
/// thread itself raises. `before` gets what was blocked; setting that again undoes it.
void galgo_block_signals(sigset_t *before);
#endif
