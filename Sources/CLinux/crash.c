#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

// Everything here that runs in the handler is safe there: system calls, and memory that was made before.

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
enum { FATAL_COUNT = sizeof fatal_signals / sizeof *fatal_signals };

static struct sigaction previous[FATAL_COUNT];
static int crash_directory = -1;
/// Given back for the note: a process that has no descriptor left can write it too.
static int spare_descriptor = -1;
static char crash_name[32];
static char crash_temporary[32];
static char crash_version[32];
/// The thread whose crash is noted; 0 before there is one.
static atomic_int first_thread;

/// Tenths of a second; a tool that prints where the process was may take a while.
enum { FIRST_PATIENCE = 600 };

struct text {
    char bytes[256];
    size_t count;
};

static void add(struct text *text, const char *more) {
    while (*more != 0 && text->count < sizeof text->bytes) text->bytes[text->count++] = *more++;
}

static void add_number(struct text *text, uint64_t number) {
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do { digits[--at] = (char)('0' + number % 10); } while ((number /= 10) > 0);
    add(text, digits + at);
}

static void write_crash(int signal_number) {
    struct text text = {.count = 0};
    struct timespec now = {0};
    char thread[17] = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)prctl(PR_GET_NAME, thread);
    add(&text, "version ");
    add(&text, crash_version);
    add(&text, "\nsignal ");
    add_number(&text, (uint64_t)signal_number);
    add(&text, "\nthread ");
    add(&text, thread);
    add(&text, "\nsecond ");
    add_number(&text, (uint64_t)now.tv_sec);
    add(&text, "\n");
    if (spare_descriptor >= 0) (void)close(spare_descriptor);
    int file = openat(crash_directory, crash_temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return;
    int is_whole = write(file, text.bytes, text.count) == (ssize_t)text.count;
    (void)close(file);
    if (is_whole) (void)renameat(crash_directory, crash_temporary, crash_directory, crash_name);
}

static void run_previous(int signal_number, siginfo_t *info, void *context) {
    for (int i = 0; i < FATAL_COUNT; i++) {
        if (fatal_signals[i] != signal_number) continue;
        if (previous[i].sa_flags & SA_SIGINFO) {
            previous[i].sa_sigaction(signal_number, info, context);
        } else if (previous[i].sa_handler != SIG_DFL && previous[i].sa_handler != SIG_IGN) {
            previous[i].sa_handler(signal_number);
        }
    }
}

/// By the signal itself, so that whoever waits for the process sees which one it was.
static void end(int signal_number) {
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    (void)sigaction(signal_number, &usual, NULL);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(signal_number);
    // Process 1 of a container ignores what it sends itself.
    _exit(128 + signal_number);
}

/// A fault in the handler itself ends the process at once.
static void handle(int signal_number, siginfo_t *info, void *context) {
    int this_thread = (int)syscall(SYS_gettid), first = 0;
    if (atomic_compare_exchange_strong(&first_thread, &first, this_thread)) {
        write_crash(signal_number);
        // It may return, also when nothing but the sender of the signal was wrong.
        run_previous(signal_number, info, context);
    } else if (first != this_thread) {
        // The end would come in the middle of the first one's note. It ends the process, unless it hangs.
        for (int i = 0; i < FIRST_PATIENCE; i++) (void)poll(NULL, 0, 100);
    }
    end(signal_number);
}

static void restore(int count) {
    for (int i = 0; i < count; i++) (void)sigaction(fatal_signals[i], &previous[i], NULL);
    if (spare_descriptor >= 0) (void)close(spare_descriptor);
    spare_descriptor = -1;
    crash_directory = -1;
}

int64_t galgo_note_crashes(int directory, const char *name, const char *temporary, const char *version) {
    if (strlen(name) >= sizeof crash_name || strlen(temporary) >= sizeof crash_temporary) return -EINVAL;
    if (strlen(version) >= sizeof crash_version) return -EINVAL;
    if (crash_directory >= 0) restore(FATAL_COUNT);
    strcpy(crash_name, name);
    strcpy(crash_temporary, temporary);
    strcpy(crash_version, version);
    crash_directory = directory;
    spare_descriptor = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    // Not blocked meanwhile: Swift's backtrace reads memory in threads that it starts from its handler, and has to hear
    // where there is none.
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL_COUNT; i++) {
        if (sigaction(fatal_signals[i], &action, &previous[i]) == 0) continue;
        int error = errno;
        restore(i);
        return -error;
    }
    return 0;
}

void galgo_forget_crashes(void) {
    if (crash_directory >= 0) restore(FATAL_COUNT);
}

void galgo_block_signals(sigset_t *before) {
    sigset_t others;
    sigfillset(&others);
    for (int i = 0; i < FATAL_COUNT; i++) sigdelset(&others, fatal_signals[i]);
    (void)pthread_sigmask(SIG_SETMASK, &others, before);
}

enum { SIGNAL_STACK = 32 << 10 };

void *galgo_begin_signal_stack(void) {
    stack_t present;
    if (sigaltstack(NULL, &present) < 0 || !(present.ss_flags & SS_DISABLE)) return NULL;
    // The kernel saves registers there first, of which some processors have many.
    size_t size = SIGNAL_STACK + getauxval(AT_MINSIGSTKSZ);
    void *memory = malloc(size);
    if (memory == NULL) return NULL;
    stack_t stack = {.ss_sp = memory, .ss_size = size};
    if (sigaltstack(&stack, NULL) == 0) return memory;
    free(memory);
    return NULL;
}

void galgo_end_signal_stack(void *memory) {
    if (memory == NULL) return;
    stack_t none = {.ss_flags = SS_DISABLE};
    // Refused, the memory may still be used.
    if (sigaltstack(&none, NULL) == 0) free(memory);
}
