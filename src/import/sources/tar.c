#include "import/sources/tar.h"
#include <string.h>

enum { BLOCK = 512, ENTRIES_MAX = 100000, CHECKSUM = 148, MAGIC = 257 };
static const size_t total_max = (size_t)1 << 32; /* bytes of all entries */

/* A number in octal digits; those of 8 GB and more, in bytes behind a set bit, are refused. */
static bool number(const uint8_t *b, size_t n, uint64_t *ret)
{
    size_t i = 0;
    *ret = 0;
    if (b[0] & 0x80)
        return false;
    while (i < n && b[i] == ' ')
        i++;
    for (; i < n && b[i] >= '0' && b[i] <= '7'; i++)
        *ret = *ret << 3 | (uint64_t)(b[i] - '0');
    return i == n || b[i] == '\0' || b[i] == ' ';
}

/* The header's bytes, those of the sum counted as spaces. */
static bool is_sound(const uint8_t *b)
{
    uint64_t sum = 0, said;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : b[i];
    return number(b + CHECKSUM, 8, &said) && said == sum;
}

bool tar_is(const uint8_t *head, size_t n)
{
    return n >= BLOCK && head[0] != '\0' && is_sound(head);
}

bool tar_open(struct tar *t, const char *path, struct error *err)
{
    *t = (struct tar){.path = path, .file = packed_open(path, err)};
    return t->file != NULL;
}

void tar_close(struct tar *t)
{
    packed_close(t->file);
}

static bool read_whole(struct tar *t, uint8_t *to, size_t n, struct error *err)
{
    size_t got;
    return packed_read(t->file, to, n, &got, err) &&
           (got == n || error_set(err, ERR_DATA, "%s: the archive is cut short", t->path));
}

static bool skip(struct tar *t, struct error *err)
{
    uint8_t piece[8 * BLOCK];
    while (t->left > 0) {
        size_t n = t->left < sizeof piece ? t->left : sizeof piece;
        if (!read_whole(t, piece, n, err))
            return false;
        t->left -= n;
    }
    return true;
}

/* Behind its end an archive has zeros only, and a .gz its checksum, which is to be read. */
static bool read_end(struct tar *t, struct error *err)
{
    uint8_t piece[8 * BLOCK];
    for (size_t got = sizeof piece; got == sizeof piece;) {
        if (!packed_read(t->file, piece, sizeof piece, &got, err))
            return false;
        for (size_t i = 0; i < got; i++)
            if (piece[i] != 0)
                return error_set(err, ERR_DATA,
                                 "%s: other bytes follow the end of the archive: copy the file "
                                 "again",
                                 t->path);
    }
    return true;
}

bool tar_next(struct tar *t, struct tar_entry *ret, bool *ret_more, struct error *err)
{
    uint8_t b[BLOCK];
    uint64_t size;
    size_t got;
    *ret = (struct tar_entry){0};
    *ret_more = false;
    if (!skip(t, err) || !packed_read(t->file, b, BLOCK, &got, err))
        return false;
    if (got == BLOCK && b[0] == '\0' && memcmp(b, b + 1, BLOCK - 1) == 0)
        return read_end(t, err);
    if (got < BLOCK)
        return error_set(err, ERR_DATA, "%s: the archive is cut short", t->path);
    if (!is_sound(b) || !number(b + 124, 12, &size))
        return error_set(err, ERR_DATA, "%s: entry %zu of the archive is damaged", t->path,
                         t->entries + 1);
    t->total += size > total_max ? total_max : (size_t)size;
    if (++t->entries > ENTRIES_MAX || t->total > total_max)
        return error_set(err, ERR_DATA, "%s: more than %d entries, or than %zu bytes: no data set",
                         t->path, ENTRIES_MAX, total_max);
    memcpy(ret->name, b, 100);
    ret->size = (size_t)size;
    ret->is_file = b[156] == '0' || b[156] == '\0';
    t->left = (ret->size + BLOCK - 1) / BLOCK * BLOCK;
    *ret_more = true;
    return true;
}

bool tar_read(struct tar *t, const struct tar_entry *e, uint8_t *to, struct error *err)
{
    if (!read_whole(t, to, e->size, err))
        return false;
    t->left -= e->size;
    return true;
}
