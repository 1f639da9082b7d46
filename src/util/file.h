/* Files: read whole, write atomically (the old one or the new one, never half). */
#ifndef DESCENT_UTIL_FILE_H
#define DESCENT_UTIL_FILE_H

#include "util/error.h"
#include "util/mem.h"
#include <stddef.h>
#include <stdint.h>

/* So often a name is opened again that another machine has given to a new file (ESTALE). */
enum { FILE_STALE_TRIES = 10 };

/* What a reader takes. A pipe, a terminal or a device only where it was given open and is named by
 * its descriptor (/dev/stdin, /dev/fd/N); everything else that is no plain file is refused at once.
 */
enum file_source { FILE_PLAIN, FILE_OR_PIPE };

/* The one place where files are opened for reading: never waits for another end, ERR_SYSTEM for
 * what is missing or no plain file. ret_size: of a plain file, else 0. The caller closes ret_fd. */
MUST_CHECK bool file_open(const char *path, enum file_source source, int *ret_fd, size_t *ret_size,
                          struct error *err);

/* Reads a whole plain file of at most `max` bytes into memory (owned, NUL after the last byte).
 * Errors: ERR_SYSTEM where it cannot be opened or read (the caller may change the code), ERR_DATA
 * where it is larger than max. The message names the path and the system's reason. */
MUST_CHECK bool file_read(const char *path, size_t max, char **ret_text, size_t *ret_length,
                          struct error *err);
/* The same of FILE_OR_PIPE: for what a user names on the command line. */
MUST_CHECK bool file_read_given(const char *path, size_t max, char **ret_text, size_t *ret_length,
                                struct error *err);

/* Whether the system said no (a permission, the disk, too many open files) where a plain file lies:
 * what it holds may be sound. err: what reading it gave. */
bool file_is_withheld(const char *path, const struct error *err);

/* SHA-256 of a plain file of any size. ERR_SYSTEM. */
MUST_CHECK bool file_digest(const char *path, char ret_hex[65], struct error *err);

/* Atomic write: a new file beside PATH (NAME.0123456789ab.tmp, the digits random), fsync, rename,
 * fsync of the folder. ERR_SYSTEM on failure, the old file intact and the temporary removed.
 * Through a link the file that it names is replaced; what is no regular file (a device, a pipe) is
 * written into, as there is nothing to keep. Below the folder of a run or a sweep, both are errors.
 */
MUST_CHECK bool file_write(const char *path, const void *bytes, size_t n, struct error *err);

/* The same in pieces: begin, write ..., then commit or abort. */
struct file_writer {
    int fd;
    char *path, *temporary; /* owned; temporary NULL: written into directly */
};
/* Opens the temporary. ERR_SYSTEM. */
MUST_CHECK bool file_begin(struct file_writer *w, const char *path, struct error *err);
/* Appends n bytes. ERR_SYSTEM. */
MUST_CHECK bool file_add(struct file_writer *w, const void *bytes, size_t n, struct error *err);
/* Gives it its name; w is closed either way. ERR_SYSTEM. */
MUST_CHECK bool file_commit(struct file_writer *w, struct error *err);
/* Removes the temporary. */
void file_abort(struct file_writer *w);

/* Hexadecimal digits, others at every call, which nobody can foresee. */
enum { FILE_RANDOM_DIGITS = 12 };
/* From the system's source of random bytes. */
void file_random_digits(char ret[FILE_RANDOM_DIGITS + 1]);

/* A second name for the same bytes; the old file of that name is replaced at once. Where the file
 * system has no links: a copy. ERR_SYSTEM. */
MUST_CHECK bool file_give_name(const char *from, const char *to, struct error *err);
/* What to do about what the system said, to stand behind it; "" where nothing is known. */
const char *file_remedy(int number);
/* The same of what is new at that path: where the working folder takes nothing, -o helps. */
const char *file_place_remedy(int number, const char *path);
/* Removes what killed processes were writing in the folder; what a live one writes stays. */
void file_drop_temporaries(const char *folder);
/* ERR_SYSTEM where the path leads through a link below the folder of a run or a sweep. */
MUST_CHECK bool file_check_links(const char *path, struct error *err);

/* ERR_SYSTEM where a file of that path cannot be: it is a folder, or lies in one that is not
 * there. */
MUST_CHECK bool file_check_place(const char *path, struct error *err);

/* What was written to it is on disk; where a file system cannot tell, true. False: errno. */
MUST_CHECK bool file_sync(int fd);
/* New names in a folder are on disk; where a file system cannot tell, nothing. */
void file_sync_folder(const char *folder);

/* mkdir -p; not through a link below the folder of a run or a sweep. */
MUST_CHECK bool file_make_folder(const char *path, struct error *err);
/* Its first part: the folders around it. */
MUST_CHECK bool file_make_folders_around(const char *path, struct error *err);
/* Its second part: the folder alone; what is around it has to be there. ret_made: this call made
 * it. */
MUST_CHECK bool file_make_inner_folder(const char *path, bool *ret_made, struct error *err);
/* "~/x" as $HOME/x, in the arena; any other path, or without HOME, itself. */
const char *file_expand(struct arena *a, const char *path);
/* Whether the path names something, whatever it is. */
bool file_exists(const char *path);
/* Whether this user may not read it (a folder: enter it), or not enter a folder above it. */
bool file_is_denied(const char *path);
/* Why a folder that was named cannot be used: ERR_SYSTEM where it is denied, ERR_DATA where there is
 * none. */
MUST_CHECK bool file_check_folder(const char *path, struct error *err);
/* Whether the path names a folder. */
bool file_is_folder(const char *path);
/* Whether both paths lead to one file or folder that is there. */
bool file_is_same(const char *path, const char *other);
/* Names in a folder. */
struct file_names {
    size_t n;
    const char **name;
};
/* Those that are not hidden, sorted by their bytes, in the arena. False, and none, where the folder
 * cannot be read: errno says why. */
bool file_list(struct arena *a, const char *folder, struct file_names *ret);

#endif
