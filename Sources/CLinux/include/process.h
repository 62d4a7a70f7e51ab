#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H
#include <stdint.h>
#include <stddef.h>

void galgo_name_thread(const char *name);
/// The calling thread runs when no other wants its core, and a little when all are wanted (SCHED_IDLE).
void galgo_leave_cores_to_others(void);
/// Binds the calling thread to these CPUs.
int64_t galgo_bind_thread(const uint32_t *cpus, int count);
/// The calling thread's affinity as a bit mask; returns the words filled.
int64_t galgo_affinity(uint64_t *words, int capacity);

/// Blocks SIGHUP, and SIGUSR1, SIGUSR2 and SIGALRM, in this thread: each would end the process without a word. They wait
/// for `galgo_signals`.
void galgo_hold_signals(void);
/// Lets them take their course.
void galgo_release_signals(void);
/// SIGPIPE is ignored; SIGTERM, SIGINT, SIGHUP and, for a server, the other signals of `galgo_hold_signals` are blocked in
/// this thread and in those it starts. Returns a descriptor that is readable when one of them came.
int64_t galgo_signals(int is_server);
/// The number of a signal that came, or -EAGAIN; `value` is what sigqueue(3) sent with it.
int64_t galgo_next_signal(int descriptor, int *value);
void galgo_ignore_broken_pipes(void);
/// Makes a pipe: its ends for reading and for writing, which no program that is started gets. 0 or -errno.
int64_t galgo_pipe(int *ends);
/// Waits until one of two descriptors (either may be -1) is readable.
int64_t galgo_wait_readable(int first, int second, int milliseconds);

/// How often the kernel took the core from the calling thread to give it to another.
int64_t galgo_involuntary_switches(void);

/// Whether a write of some bytes, or the news that nobody can read them, needs no waiting: 1, or 0.
int64_t galgo_is_writable(int descriptor);

int64_t galgo_random(void *to, size_t count);
/// Memory that the calling thread touches comes from the node it runs on. 0 or -errno.
int64_t galgo_prefer_local_memory(void);
/// 0 or -errno.
int64_t galgo_advise_huge(void *address, size_t count);
/// The least of the limits on data and on address space, in bytes; INT64_MAX for none.
int64_t galgo_data_limit(void);
typedef enum {
    GALGO_LIMIT_DESCRIPTORS,
    GALGO_LIMIT_LOCKED,
    GALGO_LIMIT_DATA,
} galgo_limit;
/// The hard limit, INT64_MAX for none; or -errno.
int64_t galgo_hard_limit(galgo_limit which);
/// Lifts the soft limit of descriptors to the hard one and returns it.
int64_t galgo_raise_descriptor_limit(void);

/// crypt_r(3) of libcrypt.so.1, opened at the first call. The bytes of the result, -ENOSYS without the library,
/// -EINVAL for a setting it does not know, a zero byte inside, or a result longer than `capacity`.
int64_t galgo_crypt(
    const uint8_t *password, size_t password_count, const uint8_t *setting, size_t setting_count, uint8_t *result,
    size_t capacity);
#endif
