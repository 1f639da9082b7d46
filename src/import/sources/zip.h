/* Zip files: PKWARE's APPNOTE 6.3, sections 4.3 and 4.4; without encryption and 64-bit sizes. */
#ifndef DESCENT_IMPORT_ZIP_H
#define DESCENT_IMPORT_ZIP_H

#include "util/mem.h"
#include <stdint.h>

struct zip_entry {
    const char *name;     /* in the arena */
    const uint8_t *bytes; /* as they lie in the file */
    size_t packed, size;
    uint32_t crc;
    bool deflated;
};
struct zip {
    const char *path; /* borrowed, as the bytes */
    const uint8_t *bytes;
    size_t n, entries;
    struct zip_entry *entry; /* in the arena */
};
/* Whether a file that begins with these n bytes is one. */
bool zip_is(const uint8_t *head, size_t n);
/* Reads the directory; every entry lies within the file. ERR_DATA. */
MUST_CHECK bool zip_open(struct arena *a, const char *path, const uint8_t *bytes, size_t n,
                         struct zip *ret, struct error *err);
/* NULL: there is none. */
const struct zip_entry *zip_find(const struct zip *z, const char *name);
/* What an entry holds, e->size bytes, at most `most`; its checksum holds. Owned by the caller. */
MUST_CHECK bool zip_unpack(const struct zip *z, const struct zip_entry *e, size_t most,
                           uint8_t **ret, struct error *err);

#endif
