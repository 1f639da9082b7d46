#include "import/sources/zip.h"
#include "data/packed.h"
#include <string.h>

/* Lengths of the fixed parts, and what begins them. */
enum { LOCAL = 30, CENTRAL = 46, END = 22, STORED = 0, DEFLATED = 8 };
static const uint8_t local_magic[4] = {'P', 'K', 3, 4}, central_magic[4] = {'P', 'K', 1, 2},
                     end_magic[4] = {'P', 'K', 5, 6};

static uint32_t little(const uint8_t *b, unsigned bytes)
{
    uint32_t v = 0;
    for (unsigned i = bytes; i-- > 0;)
        v = v << 8 | b[i];
    return v;
}

bool zip_is(const uint8_t *head, size_t n)
{
    return n >= 4 && (memcmp(head, local_magic, 4) == 0 || memcmp(head, end_magic, 4) == 0);
}

/* The end of the directory stands last, but for a comment. NULL: there is none; *ret_extra: how
 * many bytes follow what could be one. */
static const uint8_t *find_end(const struct zip *z, size_t *ret_extra)
{
    *ret_extra = 0;
    for (size_t back = END; back <= z->n; back++) {
        const uint8_t *p = z->bytes + z->n - back;
        if (memcmp(p, end_magic, 4) != 0)
            continue;
        size_t comment = little(p + 20, 2);
        if (comment == back - END)
            return p;
        if (*ret_extra == 0 && comment < back - END && little(p + 16, 4) < z->n - back &&
            memcmp(z->bytes + little(p + 16, 4), central_magic, 4) == 0)
            *ret_extra = back - END - comment;
    }
    return NULL;
}

static bool fail(const struct zip *z, struct error *err, const char *what)
{
    return error_set(err, ERR_DATA, "%s: not a sound zip file: %s", z->path, what);
}

/* Where an entry's bytes lie: behind its own header. */
static bool locate(const struct zip *z, size_t offset, struct zip_entry *e, struct error *err)
{
    if (offset > z->n || z->n - offset < LOCAL || memcmp(z->bytes + offset, local_magic, 4) != 0)
        return fail(z, err, "an entry of its directory is not where it says");
    const uint8_t *p = z->bytes + offset;
    size_t header = LOCAL + (size_t)little(p + 26, 2) + little(p + 28, 2);
    if (z->n - offset < header || z->n - offset - header < e->packed)
        return fail(z, err, "an entry reaches beyond its end");
    e->bytes = p + header;
    return true;
}

/* The entry at *at, which moves behind it. */
static bool read_entry(struct arena *a, const struct zip *z, size_t *at, struct zip_entry *e,
                       struct error *err)
{
    const uint8_t *p = z->bytes + *at;
    if (z->n - *at < CENTRAL || memcmp(p, central_magic, 4) != 0)
        return fail(z, err, "its directory is cut short");
    size_t name = little(p + 28, 2),
           length = CENTRAL + name + little(p + 30, 2) + little(p + 32, 2);
    unsigned flags = little(p + 8, 2), method = little(p + 10, 2);
    if (z->n - *at < length)
        return fail(z, err, "its directory is cut short");
    *e = (struct zip_entry){.name = arena_strndup(a, (const char *)p + CENTRAL, name),
                            .packed = little(p + 20, 4),
                            .size = little(p + 24, 4),
                            .crc = little(p + 16, 4),
                            .deflated = method == DEFLATED};
    *at += length;
    if (e->packed == UINT32_MAX || e->size == UINT32_MAX || little(p + 42, 4) == UINT32_MAX)
        return error_set(err, ERR_DATA, "%s: '%s' is larger than 4 GB", z->path, e->name);
    if (flags & 1)
        return error_set(err, ERR_DATA, "%s: '%s' is encrypted", z->path, e->name);
    if (method != STORED && method != DEFLATED)
        return error_set(err, ERR_DATA, "%s: '%s' is compressed in a way that numpy does not use",
                         z->path, e->name);
    if (method == STORED && e->packed != e->size)
        return fail(z, err, "an entry that is not compressed has two sizes");
    return locate(z, little(p + 42, 4), e, err);
}

bool zip_open(struct arena *a, const char *path, const uint8_t *bytes, size_t n, struct zip *ret,
              struct error *err)
{
    struct zip z = {.path = path, .bytes = bytes, .n = n};
    size_t extra;
    const uint8_t *end = find_end(&z, &extra);
    if (!end && extra > 0)
        return error_set(err, ERR_DATA,
                         "%s: %zu byte%s after the end of the zip file: copy it again", path, extra,
                         extra == 1 ? "" : "s");
    if (!end)
        return fail(&z, err, "it is cut short: there is no directory at its end");
    size_t at = little(end + 16, 4);
    z.entries = little(end + 10, 2);
    if (at > n)
        return fail(&z, err, "its directory lies beyond its end");
    z.entry = arena_alloc(a, (z.entries + 1) * sizeof *z.entry);
    for (size_t i = 0; i < z.entries; i++)
        if (!read_entry(a, &z, &at, &z.entry[i], err))
            return false;
    *ret = z;
    return true;
}

const struct zip_entry *zip_find(const struct zip *z, const char *name)
{
    for (size_t i = 0; i < z->entries; i++)
        if (strcmp(z->entry[i].name, name) == 0)
            return &z->entry[i];
    return NULL;
}

bool zip_unpack(const struct zip *z, const struct zip_entry *e, size_t most, uint8_t **ret,
                struct error *err)
{
    enum { MOST_RATIO = 1032 }; /* of deflate */
    if (e->size > most)
        return error_set(err, ERR_DATA,
                         "%s: '%s' holds %zu bytes, more than the %zu that are taken", z->path,
                         e->name, e->size, most);
    if (e->size / MOST_RATIO > e->packed)
        return error_set(err, ERR_DATA, "%s: '%s' says that it holds %zu bytes, in %zu: impossible",
                         z->path, e->name, e->size, e->packed);
    uint8_t *bytes = mem_unset(e->size + 1, 1);
    bool ok = true;
    if (e->deflated)
        ok = packed_inflate(z->path, e->bytes, e->packed, bytes, e->size, err);
    else
        memcpy(bytes, e->bytes, e->size);
    if (ok && packed_crc32(0, bytes, e->size) != e->crc)
        ok = error_set(err, ERR_DATA, "%s: '%s' is damaged: its checksum is another one", z->path,
                       e->name);
    if (ok)
        *ret = bytes;
    else
        mem_free(bytes);
    return ok;
}
