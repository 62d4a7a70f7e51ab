#include "CLinux.h"
#include "calls.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

void galgo_name_thread(const char *name) { (void)pthread_setname_np(pthread_self(), name); }

void galgo_leave_cores_to_others(void) {
    struct sched_param none = {0};
    (void)sched_setscheduler(0, SCHED_IDLE, &none);
}

enum { CPU_CAPACITY = 8192 };

int64_t galgo_bind_thread(const uint32_t *cpus, int count) {
    uint64_t mask[CPU_CAPACITY / 64] = {0};
    for (int i = 0; i < count; i++) {
        if (cpus[i] >= CPU_CAPACITY) return -EINVAL;
        mask[cpus[i] / 64] |= UINT64_C(1) << (cpus[i] % 64);
    }
    return sched_setaffinity(0, sizeof mask, (cpu_set_t *)mask) < 0 ? -errno : 0;
}

int64_t galgo_affinity(uint64_t *words, int capacity) {
    memset(words, 0, (size_t)capacity * 8);
    return sched_getaffinity(0, (size_t)capacity * 8, (cpu_set_t *)words) < 0 ? -errno : capacity;
}

int64_t galgo_involuntary_switches(void) {
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) < 0 ? 0 : usage.ru_nivcsw;
}

int64_t galgo_pipe(int *ends) { return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0; }

void galgo_ignore_broken_pipes(void) { (void)signal(SIGPIPE, SIG_IGN); }

/// Signals that only a server hears.
static void add_heard(sigset_t *set) {
    sigaddset(set, SIGUSR1);
    sigaddset(set, SIGUSR2);
    sigaddset(set, SIGALRM);
}

static void change_held(int how) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    add_heard(&set);
    (void)pthread_sigmask(how, &set, NULL);
}

void galgo_hold_signals(void) { change_held(SIG_BLOCK); }

void galgo_release_signals(void) { change_held(SIG_UNBLOCK); }

int64_t galgo_signals(int is_server) {
    galgo_ignore_broken_pipes();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (is_server) add_heard(&set);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error != 0) return -error;
    int descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
#ifdef SYS_signalfd
    // A sandbox may know only the older call, which takes no flags.
    if (descriptor < 0) return galgo_with_flags((int)syscall(SYS_signalfd, -1, &set, _NSIG / 8), 1);
#endif
    return descriptor < 0 ? -errno : descriptor;
}

int64_t galgo_next_signal(int descriptor, int *value) {
    struct signalfd_siginfo info;
    ssize_t count;
    do { count = read(descriptor, &info, sizeof info); } while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    *value = info.ssi_int;
    return (int64_t)info.ssi_signo;
}

int64_t galgo_wait_readable(int first, int second, int milliseconds) {
    struct pollfd waits[2] = {{.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}};
    int count = poll(waits, 2, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    return count;
}

/// For sandboxes that refuse the call. 0, or -1 with `errno`.
static int random_from_device(char *to, size_t count) {
    int device = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (device < 0) return -1;
    while (count > 0) {
        ssize_t taken = read(device, to, count);
        if (taken == 0) errno = EIO;
        if (taken == 0 || (taken < 0 && errno != EINTR)) break;
        if (taken > 0) { to += taken; count -= (size_t)taken; }
    }
    int error = errno;
    close(device);
    errno = error;
    return count == 0 ? 0 : -1;
}

int64_t galgo_is_writable(int descriptor) {
    struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
    // Of one that is dead the write tells, without waiting.
    return poll(&wait, 1, 0) > 0 && (wait.revents & (POLLOUT | POLLERR | POLLHUP)) ? 1 : 0;
}

int64_t galgo_random(void *to, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t taken = getrandom((char *)to + done, count - done, 0);
        if (taken < 0 && errno != EINTR) {
            return random_from_device((char *)to + done, count - done) < 0 ? -errno : (int64_t)count;
        }
        if (taken > 0) done += (size_t)taken;
    }
    return (int64_t)done;
}

int64_t galgo_hard_limit(galgo_limit which) {
    static const int resources[] = {RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_DATA};
    struct rlimit limit;
    if (getrlimit(resources[which], &limit) < 0) return -errno;
    return limit.rlim_max > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_max;
}

int64_t galgo_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t soft = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) limit.rlim_cur = soft;
    }
    return limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
}

int64_t galgo_prefer_local_memory(void) {
    // MPOL_LOCAL of <linux/mempolicy.h>, which clashes with other headers on some systems.
    enum { POLICY_LOCAL = 4 };
    return syscall(SYS_set_mempolicy, POLICY_LOCAL, NULL, 0) < 0 ? -errno : 0;
}

int64_t galgo_advise_huge(void *address, size_t count) {
    return madvise(address, count, MADV_HUGEPAGE) < 0 ? -errno : 0;
}

int64_t galgo_data_limit(void) {
    struct rlimit data, space;
    if (getrlimit(RLIMIT_DATA, &data) < 0 || getrlimit(RLIMIT_AS, &space) < 0) return -errno;
    rlim_t least = data.rlim_cur < space.rlim_cur ? data.rlim_cur : space.rlim_cur;
    return least > INT64_MAX ? INT64_MAX : (int64_t)least;
}

typedef char *(*crypt_function)(const char *, const char *, void *);

// Room for the state of every libcrypt.so.1 there was: 32 KiB (libxcrypt), 128 KiB (old C library).
enum { CRYPT_STATE = 256 * 1024 };

static crypt_function find_crypt(void) {
    void *library = dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL);
    return library == NULL ? NULL : (crypt_function)dlsym(library, "crypt_r");
}

int64_t galgo_crypt(
    const uint8_t *password, size_t password_count, const uint8_t *setting, size_t setting_count, uint8_t *result,
    size_t capacity) {
    crypt_function function = find_crypt();
    if (function == NULL) return -ENOSYS;
    if (memchr(password, 0, password_count) != NULL || memchr(setting, 0, setting_count) != NULL) return -EINVAL;
    size_t total = CRYPT_STATE + password_count + setting_count + 2;
    char *state = calloc(1, total);
    if (state == NULL) return -ENOMEM;
    char *password_text = state + CRYPT_STATE, *setting_text = password_text + password_count + 1;
    memcpy(password_text, password, password_count);
    memcpy(setting_text, setting, setting_count);
    const char *hash = function(password_text, setting_text, state);
    int64_t count = -EINVAL;
    // A failure is a null pointer or, so that it never equals a stored hash, a text that begins with a star.
    if (hash != NULL && hash[0] != '*' && strlen(hash) <= capacity) {
        count = (int64_t)strlen(hash);
        memcpy(result, hash, (size_t)count);
    }
    explicit_bzero(state, total);
    free(state);
    return count;
}
