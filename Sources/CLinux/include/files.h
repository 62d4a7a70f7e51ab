#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H
#include <stdint.h>
#include <stddef.h>
#include <sys/uio.h>

/// Makes `path` and its parents (mode 0700) and opens it as a directory.
int64_t galgo_open_root(const char *path);
/// Opens relative to `directory`, following no symbolic link in the last component; a new file has mode 0600.
int64_t galgo_open(int directory, const char *path, int flags);
int64_t galgo_open_directory(int directory, const char *path);
/// A file for reading and writing that has no name, or has lost it.
int64_t galgo_open_scratch(int directory);
/// The number of the file system's kind, as statfs(2) has it.
int64_t galgo_file_system(int descriptor);
int64_t galgo_close(int descriptor);
int64_t galgo_byte_count(int descriptor);

/// Only what the page cache holds: -EAGAIN if nothing, -EOPNOTSUPP if the file system cannot tell.
int64_t galgo_read_cached(int descriptor, void *to, size_t count, int64_t at);
int64_t galgo_read(int descriptor, void *to, size_t count, int64_t at);
int64_t galgo_write(int descriptor, const struct iovec *parts, int count, int64_t at);
/// Reserves blocks, then writes zeros over them; restores the old length when that fails.
int64_t galgo_allocate(int descriptor, int64_t at, int64_t count);
int64_t galgo_truncate(int descriptor, int64_t length);
/// Gives the file blocks in the range behind its end, whose length stays; refused when less than 16 times that is free.
int64_t galgo_reserve(int descriptor, int64_t at, int64_t count);
/// Frees the blocks behind the end of the file. Nobody may be writing to it.
void galgo_give_back(int descriptor);
int64_t galgo_sync_data(int descriptor);
/// The page cache need not keep the first bytes of the file, which are durable. A hint.
void galgo_forget(int descriptor, int64_t length);
int64_t galgo_sync(int descriptor);
/// Exclusive, non-blocking; -EWOULDBLOCK if another open file holds it. Writes the process id into the file.
int64_t galgo_lock(int descriptor);
/// The same without a word in it, also for a directory.
int64_t galgo_lock_only(int descriptor);

int64_t galgo_make_directory(int directory, const char *path);
int64_t galgo_remove_directory(int directory, const char *path);
int64_t galgo_unlink(int directory, const char *path);
int64_t galgo_rename(int directory, const char *from, const char *to);
/// -EEXIST if something has the new name.
int64_t galgo_rename_new(int directory, const char *from, const char *to);
/// Calls `take` for each name but `.` and `..`.
int64_t galgo_list(
    int directory, const char *path, void *context, void (*take)(void *context, const char *name, int is_directory));
/// 1 for a regular file, 0 for anything else; links are not followed. Microseconds since 1970.
int64_t galgo_entry(int directory, const char *path, int64_t *byte_count, int64_t *written_at);
/// Adds to a file that is open for appending, or to a stream.
int64_t galgo_append(int descriptor, const void *bytes, size_t count);
/// A terminal or a pipe opened once more, for writing that never waits, whoever else has it open: O_NONBLOCK set on the
/// descriptor itself would hold for all of them. -ENOTTY for what is neither.
int64_t galgo_open_again(int descriptor);
/// Adds to a stream; to a socket without waiting.
int64_t galgo_show(int descriptor, const void *bytes, size_t count);
int64_t galgo_space(int directory, int64_t *free_bytes, int64_t *total_bytes);
#endif
