#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int64_t write_text(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int64_t result = write(file, text, strlen(text)) < 0 ? -errno : 0;
    close(file);
    return result;
}

/// Root of a namespace of users: nobody but this process sees it as such.
static int64_t become_root_of_own(void) {
    uid_t user = geteuid();
    gid_t group = getegid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return -errno;
    char map[64];
    // Without this a group may not be mapped by an ordinary user.
    int64_t result = write_text("/proc/self/setgroups", "deny");
    if (result < 0 && result != -ENOENT) return result;
    snprintf(map, sizeof map, "0 %lu 1", (unsigned long)user);
    if ((result = write_text("/proc/self/uid_map", map)) < 0) return result;
    snprintf(map, sizeof map, "0 %lu 1", (unsigned long)group);
    return write_text("/proc/self/gid_map", map);
}

int64_t galgo_own_mounts(void) {
    if (unshare(CLONE_NEWNS) < 0) {
        int64_t result = become_root_of_own();
        if (result < 0) return result;
    }
    // What is mounted from here on does not spread to where others look.
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int64_t galgo_mount_memory(const char *path, int64_t byte_count) {
    char options[64];
    snprintf(options, sizeof options, "size=%lld,huge=never", (long long)byte_count);
    return mount("none", path, "tmpfs", 0, options) < 0 ? -errno : 0;
}

int64_t galgo_unmount(const char *path) { return umount(path) < 0 ? -errno : 0; }
