#include "CLinux.h"
#include "calls.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

int64_t galgo_open_root(const char *path) {
    char partial[4096];
    size_t length = strlen(path);
    if (length == 0) return -ENOENT;
    if (length >= sizeof partial) return -ENAMETOOLONG;
    memcpy(partial, path, length + 1);
    int refused = 0;
    for (size_t i = 1; i <= length; i++) {
        if (partial[i] != '/' && partial[i] != 0) continue;
        char kept = partial[i];
        partial[i] = 0;
        if (mkdir(partial, 0700) < 0 && errno != EEXIST && refused == 0) refused = errno;
        partial[i] = kept;
    }
    int64_t opened;
    RETRY(opened, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened >= 0) return opened;
    // That it is not there is no news when it could not be made: why not is.
    return errno == ENOENT && refused != 0 ? -refused : -errno;
}

int64_t galgo_open(int directory, const char *path, int flags) {
    RETURN_RESULT(openat(directory, path, flags | O_NOFOLLOW | O_CLOEXEC, 0600));
}

int64_t galgo_open_directory(int directory, const char *path) {
    RETURN_RESULT(openat(directory, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

int64_t galgo_open_scratch(int directory) {
    int64_t opened;
    RETRY(opened, openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (opened >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return opened < 0 ? -errno : opened;
    char name[64];
    snprintf(name, sizeof name, "galgo-doctor-%ld.tmp", (long)getpid());
    RETRY(opened, openat(directory, name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (opened < 0) return -errno;
    (void)unlinkat(directory, name, 0);
    return opened;
}

int64_t galgo_file_system(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0) return -errno;
    return (int64_t)(uint32_t)status.f_type;
}

int64_t galgo_close(int descriptor) {
    // Linux frees the descriptor even when it reports EINTR: closing again would close somebody else's.
    return close(descriptor) < 0 && errno != EINTR ? -errno : 0;
}

int64_t galgo_byte_count(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    return status.st_size;
}

int64_t galgo_read_cached(int descriptor, void *to, size_t count, int64_t at) {
    struct iovec part = {.iov_base = to, .iov_len = count};
    RETURN_RESULT(preadv2(descriptor, &part, 1, at, RWF_NOWAIT));
}

int64_t galgo_read(int descriptor, void *to, size_t count, int64_t at) {
    RETURN_RESULT(pread(descriptor, to, count, at));
}

int64_t galgo_write(int descriptor, const struct iovec *parts, int count, int64_t at) {
    RETURN_RESULT(pwritev(descriptor, parts, count, at));
}

static int64_t write_zeros(int descriptor, int64_t at, int64_t count) {
    static const char zeros[1 << 16];
    while (count > 0) {
        size_t chunk = count < (int64_t)sizeof zeros ? (size_t)count : sizeof zeros;
        int64_t written;
        RETRY(written, pwrite(descriptor, zeros, chunk, at));
        if (written < 0) return -errno;
        at += written;
        count -= written;
    }
    return 0;
}

int64_t galgo_allocate(int descriptor, int64_t at, int64_t count) {
    if (at < 0 || count < 0 || at > INT64_MAX - count) return -EINVAL;
    if (count == 0) return 0;
    int64_t length = galgo_byte_count(descriptor);
    if (length < 0) return length;
    int64_t result;
    RETRY(result, fallocate(descriptor, 0, at, count));
    if (result < 0) result = -errno;
    // Refused by the file system or a sandbox, and not for want of space: zeros get blocks as well.
    int is_missing = result == -EOPNOTSUPP || result == -ENOSYS || result == -EPERM || result == -ENOMEM;
    if (result == 0 || is_missing) result = write_zeros(descriptor, at, count);
    if (result < 0 && length <= at) {
        // The space goes back to where others may need it; that this fails too changes nothing.
        int64_t ignored;
        RETRY(ignored, ftruncate(descriptor, length));
        (void)ignored;
    }
    return result;
}

int64_t galgo_reserve(int descriptor, int64_t at, int64_t count) {
    struct statvfs status;
    if (fstatvfs(descriptor, &status) < 0) return -errno;
    // What others may need soon stays free.
    if ((int64_t)(status.f_bavail * status.f_frsize) / 16 < count) return -ENOSPC;
    RETURN_RESULT(fallocate(descriptor, FALLOC_FL_KEEP_SIZE, at, count));
}

void galgo_give_back(int descriptor) {
    int64_t length = galgo_byte_count(descriptor);
    // To the length that it has: only blocks behind it go.
    if (length >= 0) (void)galgo_truncate(descriptor, length);
}

int64_t galgo_truncate(int descriptor, int64_t length) { RETURN_RESULT(ftruncate(descriptor, length)); }

int64_t galgo_sync_data(int descriptor) { RETURN_RESULT(fdatasync(descriptor)); }

void galgo_forget(int descriptor, int64_t length) {
    // A hint: what is in use stays.
    (void)posix_fadvise(descriptor, 0, length, POSIX_FADV_DONTNEED);
}

int64_t galgo_sync(int descriptor) { RETURN_RESULT(fsync(descriptor)); }

int64_t galgo_lock_only(int descriptor) { RETURN_RESULT(flock(descriptor, LOCK_EX | LOCK_NB)); }

int64_t galgo_lock(int descriptor) {
    int64_t locked = galgo_lock_only(descriptor);
    if (locked < 0) return locked;
    // For the message of whoever finds it locked. The lock does not depend on it, so a full disk does not matter.
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(descriptor, 0) == 0 && length > 0) (void)!pwrite(descriptor, text, (size_t)length, 0);
    return 0;
}

int64_t galgo_make_directory(int directory, const char *path) { RETURN_RESULT(mkdirat(directory, path, 0700)); }

int64_t galgo_remove_directory(int directory, const char *path) {
    RETURN_RESULT(unlinkat(directory, path, AT_REMOVEDIR));
}

int64_t galgo_unlink(int directory, const char *path) { RETURN_RESULT(unlinkat(directory, path, 0)); }

int64_t galgo_rename(int directory, const char *from, const char *to) {
    RETURN_RESULT(renameat(directory, from, directory, to));
}

int64_t galgo_rename_new(int directory, const char *from, const char *to) {
    int64_t renamed;
    RETRY(renamed, renameat2(directory, from, directory, to, RENAME_NOREPLACE));
    if (renamed == 0 || (errno != EINVAL && errno != ENOSYS && errno != EPERM)) return renamed < 0 ? -errno : 0;
    // The file system or a sandbox does not know the flag. A second name that replaces none would be safe against
    // others at the same moment, but a crash would leave both, so that two names stood for one file.
    struct stat status;
    if (fstatat(directory, to, &status, AT_SYMLINK_NOFOLLOW) == 0) return -EEXIST;
    return errno == ENOENT ? galgo_rename(directory, from, to) : -errno;
}

int64_t galgo_entry(int directory, const char *path, int64_t *byte_count, int64_t *written_at) {
    struct stat status;
    if (fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    *byte_count = status.st_size;
    *written_at = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
    return S_ISREG(status.st_mode) ? 1 : 0;
}

int64_t galgo_append(int descriptor, const void *bytes, size_t count) {
    RETURN_RESULT(write(descriptor, bytes, count));
}

int64_t galgo_open_again(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    if (!S_ISFIFO(status.st_mode) && !isatty(descriptor)) return -ENOTTY;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    RETURN_RESULT(open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

int64_t galgo_show(int descriptor, const void *bytes, size_t count) {
    int64_t sent;
    RETRY(sent, send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL));
    if (sent >= 0) return sent;
    return errno == ENOTSOCK ? galgo_append(descriptor, bytes, count) : -errno;
}

int64_t galgo_list(
    int directory, const char *path, void *context, void (*take)(void *context, const char *name, int is_directory)) {
    int64_t opened = galgo_open_directory(directory, path);
    if (opened < 0) return opened;
    DIR *stream = fdopendir((int)opened);
    if (stream == NULL) {
        int error = errno;
        close((int)opened);
        return -error;
    }
    int64_t result = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            if (errno == EINTR) continue;
            result = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int is_directory = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN) {
            struct stat status;
            is_directory = fstatat((int)opened, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
                && S_ISDIR(status.st_mode);
        }
        take(context, entry->d_name, is_directory);
    }
    closedir(stream);
    return result;
}

int64_t galgo_space(int directory, int64_t *free_bytes, int64_t *total_bytes) {
    struct statvfs status;
    int64_t result;
    RETRY(result, fstatvfs(directory, &status));
    if (result < 0) return -errno;
    *free_bytes = (int64_t)(status.f_bavail * status.f_frsize);
    *total_bytes = (int64_t)(status.f_blocks * status.f_frsize);
    return 0;
}
