#ifndef CLINUX_CRASH_H
#define CLINUX_CRASH_H
#include <stdint.h>

/// From here on a fatal signal (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS) leaves the file `name` in
/// `directory`, a descriptor that stays open, before it ends the process: lines `version`, `signal` (number), `thread`
/// (name) and `second` (since 1970). 0 or -errno.
int64_t galgo_note_crashes(int directory, const char *name, const char *version);
/// Undoes it: the descriptor may be closed.
void galgo_forget_crashes(void);

/// Gives the calling thread a stack of its own for the signals of an overflow; NULL if it cannot have one. The same thread
/// gives it back.
void *galgo_begin_signal_stack(void);
void galgo_end_signal_stack(void *memory);
#endif
