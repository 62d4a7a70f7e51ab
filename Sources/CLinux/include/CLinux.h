#ifndef CLINUX_H
#define CLINUX_H
// What Swift cannot reach: system calls and flags that Glibc's module leaves out.
//
// One convention for all of them: a result of zero or more, or the negative error number. A call that a signal
// interrupted is made again here, so EINTR never leaves this module.

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include "crash.h"
#include "files.h"
#include "process.h"
#include "sockets.h"
#include "volumes.h"

#endif
