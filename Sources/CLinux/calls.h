#ifndef CLINUX_CALLS_H
#define CLINUX_CALLS_H
// How calls are made in this module, for its own files.

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#define RETRY(result, call) do { (result) = (call); } while ((result) < 0 && errno == EINTR)
#define RETURN_RESULT(call) do { int64_t r_; RETRY(r_, call); return r_ < 0 ? -errno : r_; } while (0)

/// What a call that takes no flags returned, closed on exec and perhaps non-blocking: for sandboxes that know only the
/// older of two calls. -errno, and no descriptor, if it cannot have them.
static inline int64_t galgo_with_flags(int descriptor, int is_non_blocking) {
    if (descriptor < 0) return -errno;
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        && (!is_non_blocking || fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)) return descriptor;
    int error = errno;
    close(descriptor);
    return -error;
}
#endif
