#define _GNU_SOURCE
#include "CSimTraps.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static _Thread_local int armed;
static unsigned long seen;

void galgo_traps_arm(void) { armed = 1; }
void galgo_traps_disarm(void) { armed = 0; }
unsigned long galgo_traps_seen(void) { return __atomic_load_n(&seen, __ATOMIC_RELAXED); }

static void spring(const char *what) {
    armed = 0;
    ssize_t ignored = write(2, what, strlen(what));
    (void)ignored;
    abort();
}

// ContinuousClock, SuspendingClock, Date, DispatchTime and uptime all come here.
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *time) {
    __atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
    if (armed) spring("galgo-sim: simulated code read a real clock\n");
    return (int)syscall(SYS_clock_gettime, clock, time);
}

// SystemRandomNumberGenerator, random, shuffled and randomElement all come here. So does the seed of Hasher, once,
// before anything is armed.
__attribute__((visibility("default"))) void swift_stdlib_random(void *bytes, size_t count) {
    __atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
    if (armed) spring("galgo-sim: simulated code threw real dice\n");
    char *next = bytes;
    while (count > 0) {
        ssize_t got = syscall(SYS_getrandom, next, count, 0);
        if (got <= 0) continue;
        next += got;
        count -= (size_t)got;
    }
}
