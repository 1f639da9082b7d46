/* Tar files (POSIX.1-2008, pax: the ustar format), read from front to back. */
#ifndef DESCENT_IMPORT_TAR_H
#define DESCENT_IMPORT_TAR_H

#include "data/packed.h"
#include "util/error.h"

struct tar {
    const char *path; /* borrowed */
    struct packed *file;
    size_t left, total; /* of this entry's bytes and padding; of all entries so far */
    size_t entries;
};
struct tar_entry {
    char name[101]; /* as it stands in the header */
    size_t size;
    bool is_file;
};
/* Whether a file that begins with these n bytes is one. */
bool tar_is(const uint8_t *head, size_t n);
/* Opens it, plain or gzip. ERR_DATA. tar_close in any case. */
MUST_CHECK bool tar_open(struct tar *t, const char *path, struct error *err);
/* The next entry; what is left of the last one is skipped. *ret_more: there is one; where there is
 * none, the file was read to its last byte. ERR_DATA. */
MUST_CHECK bool tar_next(struct tar *t, struct tar_entry *ret, bool *ret_more, struct error *err);
/* The bytes of the entry that tar_next has given, e->size of them. */
MUST_CHECK bool tar_read(struct tar *t, const struct tar_entry *e, uint8_t *to, struct error *err);
/* Takes one that was not opened. */
void tar_close(struct tar *t);

#endif
