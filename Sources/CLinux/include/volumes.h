#ifndef CLINUX_VOLUMES_H
#define CLINUX_VOLUMES_H
#include <stdint.h>

/// From here on this process mounts for itself alone. Without the privilege to mount it takes one in a namespace of
/// users of its own, where ordinary users may have those; that needs a process of one thread.
int64_t galgo_own_mounts(void);
/// A file system in memory with room for so many bytes of files.
int64_t galgo_mount_memory(const char *path, int64_t byte_count);
int64_t galgo_unmount(const char *path);
#endif
