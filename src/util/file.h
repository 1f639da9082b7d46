/* Files: read whole, write atomically (the old one or the new one, never half). */
#ifndef DESCENT_UTIL_FILE_H
#define DESCENT_UTIL_FILE_H

#include "util/error.h"
#include <stddef.h>
#include <stdint.h>

/* Reads a whole file of at most `max` bytes into memory (owned, NUL after the last byte).
 * Errors: ERR_SYSTEM where it cannot be opened or read (the caller may change the code), ERR_DATA
 * where it is larger than max. The message names the path and the system's reason. */
MUST_CHECK bool file_read(const char *path, size_t max, char **ret_text, size_t *ret_length,
                          struct error *err);

/* Atomic write: PATH.tmp in the same folder, fsync, rename, fsync of the folder. ERR_SYSTEM on
 * failure, the old file intact and the temporary removed. Through a link the file that it names is
 * replaced; what is no regular file (a device, a pipe) is written into, as there is nothing to
 * keep. */
MUST_CHECK bool file_write(const char *path, const void *bytes, size_t n, struct error *err);

/* The same in pieces: begin, write ..., then commit or abort. */
struct file_writer {
    int fd;
    char path[4096], temporary[4096]; /* temporary "": written into directly */
};
MUST_CHECK bool file_begin(struct file_writer *w, const char *path, struct error *err);
MUST_CHECK bool file_add(struct file_writer *w, const void *bytes, size_t n, struct error *err);
MUST_CHECK bool file_commit(struct file_writer *w, struct error *err);
void file_abort(struct file_writer *w);

/* What was written to it is on disk; where a file system cannot tell, true. False: errno. */
MUST_CHECK bool file_sync(int fd);
/* New names in a folder are on disk; where a file system cannot tell, nothing. */
void file_sync_folder(const char *folder);

/* mkdir -p */
MUST_CHECK bool file_make_folder(const char *path, struct error *err);
bool file_exists(const char *path);
bool file_is_folder(const char *path);

#endif
