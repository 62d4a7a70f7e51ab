#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

// Everything here that runs in the handler is safe there: system calls, and memory that was made before.

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
enum { FATAL_COUNT = sizeof fatal_signals / sizeof *fatal_signals };

static struct sigaction previous[FATAL_COUNT];
static int crash_directory = -1;
static char crash_name[32];
static char crash_version[32];
static atomic_flag is_written = ATOMIC_FLAG_INIT;

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
    int file = openat(crash_directory, crash_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return;
    (void)!write(file, text.bytes, text.count);
    (void)close(file);
}

static void handle(int signal_number, siginfo_t *info, void *context) {
    (void)info, (void)context;
    int error = errno;
    if (!atomic_flag_test_and_set(&is_written)) write_crash(signal_number);
    errno = error;
    // The end is left to whoever came first: the system, or a tool that prints where it was.
    for (int i = 0; i < FATAL_COUNT; i++) {
        if (fatal_signals[i] == signal_number) (void)sigaction(signal_number, &previous[i], NULL);
    }
    (void)raise(signal_number);
}

int64_t galgo_note_crashes(int directory, const char *name, const char *version) {
    if (strlen(name) >= sizeof crash_name || strlen(version) >= sizeof crash_version) return -EINVAL;
    int is_first = crash_directory < 0;
    strcpy(crash_name, name);
    strcpy(crash_version, version);
    crash_directory = directory;
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL_COUNT; i++) {
        if (sigaction(fatal_signals[i], &action, is_first ? &previous[i] : NULL) < 0) return -errno;
    }
    return 0;
}

void galgo_forget_crashes(void) {
    if (crash_directory < 0) return;
    for (int i = 0; i < FATAL_COUNT; i++) (void)sigaction(fatal_signals[i], &previous[i], NULL);
    crash_directory = -1;
}

enum { SIGNAL_STACK = 32 << 10 };

void *galgo_begin_signal_stack(void) {
    void *memory = malloc(SIGNAL_STACK);
    if (memory == NULL) return NULL;
    stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK};
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
