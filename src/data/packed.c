/* Files, plain or gzip, read from front to back. A .gz is read to its last byte: what follows its
 * end is an error, not padding. */
#include "data/packed.h"
#include "util/file.h"
#include "util/mem.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#define ZLIB_CONST
#include <zlib.h>

enum { BUFFER = 1 << 17 };

struct packed {
    FILE *file;
    const char *path;
    z_stream z;
    bool is_gz, ended; /* ended: the last member's end has been read */
    uint8_t buffer[BUFFER];
};

/* More bytes of the file, where there are any. */
static bool refill(struct packed *p, struct error *err)
{
    if (p->z.avail_in > 0)
        return true;
    p->z.next_in = p->buffer;
    p->z.avail_in = (uInt)fread(p->buffer, 1, BUFFER, p->file);
    return !ferror(p->file) || error_set(err, ERR_DATA, "%s: %s", p->path, strerror(errno));
}

static bool is_magic(const uint8_t *b, size_t n)
{
    return n >= 2 && b[0] == 0x1F && b[1] == 0x8B;
}

struct packed *packed_open(const char *path, struct error *err)
{
    int fd;
    size_t size;
    if (!file_open(path, FILE_PLAIN, &fd, &size, err)) {
        err->code = ERR_DATA;
        return NULL;
    }
    FILE *file = fdopen(fd, "rb");
    if (!file)
        mem_exhausted(0);
    struct packed *p = mem_new(sizeof *p);
    p->file = file;
    p->path = path;
    if (!refill(p, err)) {
        packed_close(p);
        return NULL;
    }
    p->is_gz = is_magic(p->z.next_in, p->z.avail_in);
    if (p->is_gz && inflateInit2(&p->z, 15 + 16) != Z_OK)
        mem_exhausted(0);
    return p;
}

void packed_close(struct packed *p)
{
    if (!p)
        return;
    if (p->is_gz)
        inflateEnd(&p->z);
    fclose(p->file);
    mem_free(p);
}

/* Behind a member's end: the file's end, or another member. */
static bool after_member(struct packed *p, struct error *err)
{
    if (p->z.avail_in == 1) { /* both bytes of the magic at once */
        p->buffer[0] = *p->z.next_in;
        p->z.next_in = p->buffer;
        p->z.avail_in += (uInt)fread(p->buffer + 1, 1, BUFFER - 1, p->file);
    }
    if (!refill(p, err))
        return false;
    if (p->z.avail_in == 0) {
        p->ended = true;
        return true;
    }
    if (is_magic(p->z.next_in, p->z.avail_in))
        return inflateReset(&p->z) == Z_OK;
    size_t extra = p->z.avail_in, n;
    while ((n = fread(p->buffer, 1, BUFFER, p->file)) > 0)
        extra += n;
    return error_set(err, ERR_DATA,
                     "%s: %zu byte%s after the end of the compressed data: copy the file again",
                     p->path, extra, extra == 1 ? "" : "s");
}

static bool inflate_some(struct packed *p, uint8_t *to, size_t n, size_t *ret, struct error *err)
{
    while (*ret < n && !p->ended) {
        size_t left = n - *ret;
        if (!refill(p, err))
            return false;
        if (p->z.avail_in == 0)
            return error_set(err, ERR_DATA, "%s: the compressed file is cut short", p->path);
        p->z.next_out = to + *ret;
        p->z.avail_out = left < (1u << 30) ? (uInt)left : 1u << 30;
        uInt room = p->z.avail_out;
        int code = inflate(&p->z, Z_NO_FLUSH);
        *ret += room - p->z.avail_out;
        if (code == Z_MEM_ERROR)
            mem_exhausted(0);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return error_set(err, ERR_DATA, "%s: not a sound gzip file (%s)", p->path,
                             p->z.msg ? p->z.msg : "damaged");
        if (code == Z_STREAM_END && !after_member(p, err))
            return false;
    }
    return true;
}

bool packed_read(struct packed *p, uint8_t *to, size_t n, size_t *ret, struct error *err)
{
    *ret = 0;
    if (p->is_gz)
        return inflate_some(p, to, n, ret, err);
    while (*ret < n) {
        if (!refill(p, err))
            return false;
        size_t have = p->z.avail_in, part = have < n - *ret ? have : n - *ret;
        if (part == 0)
            break;
        memcpy(to + *ret, p->z.next_in, part);
        p->z.next_in += part;
        p->z.avail_in -= (uInt)part;
        *ret += part;
    }
    return true;
}

/* Read in growing pieces, so that what is promised allocates no more than there is. */
bool packed_read_all(const char *path, size_t most, uint8_t **ret, size_t *ret_n, struct error *err)
{
    struct packed *p = packed_open(path, err);
    size_t have = 0, room = 1u << 20, got = 0;
    uint8_t *bytes = p ? mem_new(room) : NULL;
    bool ok = p != NULL;
    while (ok && (ok = packed_read(p, bytes + have, room - have, &got, err))) {
        have += got;
        if (have > most)
            ok = error_set(err, ERR_DATA, "%s: more than %zu bytes", path, most);
        if (!ok || have < room)
            break;
        size_t more = room > most / 2 ? most + 2 : 2 * room;
        bytes = mem_grow(bytes, room, more);
        room = more;
    }
    packed_close(p);
    if (!ok) {
        mem_free(bytes);
        return false;
    }
    bytes[have] = '\0'; /* have < room */
    *ret = bytes;
    *ret_n = have;
    return true;
}

bool packed_length(const char *path, size_t *ret, struct error *err)
{
    struct packed *p = packed_open(path, err);
    struct stat st;
    uint8_t *bytes = mem_new(BUFFER);
    size_t got = BUFFER;
    bool ok = p != NULL;
    *ret = 0;
    if (ok && !p->is_gz && fstat(fileno(p->file), &st) == 0)
        *ret = (size_t)st.st_size;
    else
        while (ok && got == BUFFER && (ok = packed_read(p, bytes, BUFFER, &got, err)))
            *ret += got;
    packed_close(p);
    mem_free(bytes);
    return ok;
}

/* ---- blocks ---- */

enum { PIECE = 1 << 30 }; /* zlib counts what is left in 32 bits */

bool packed_inflate(const char *name, const uint8_t *from, size_t n, uint8_t *to, size_t size,
                    struct error *err)
{
    z_stream z = {0};
    uint8_t beyond = 0; /* where a byte too many would go */
    size_t done = 0, taken = 0;
    int code = Z_OK;
    if (inflateInit2(&z, -15) != Z_OK)
        mem_exhausted(0);
    while (code == Z_OK && done <= size) {
        size_t in = n - taken, out = size - done;
        uInt have = in < PIECE ? (uInt)in : PIECE, room = out < PIECE ? (uInt)out : PIECE;
        z.next_in = from + taken;
        z.avail_in = have;
        z.next_out = room > 0 ? to + done : &beyond;
        z.avail_out = room > 0 ? room : 1;
        uInt given = z.avail_out;
        code = inflate(&z, Z_NO_FLUSH);
        taken += have - z.avail_in;
        done += given - z.avail_out;
    }
    const char *why = z.msg ? z.msg : "cut short, or of another size than it says";
    bool ok = code == Z_STREAM_END && done == size && taken == n;
    if (code == Z_MEM_ERROR)
        mem_exhausted(0);
    if (!ok)
        error_set(err, ERR_DATA, "%s: not soundly compressed: %s", name, why);
    inflateEnd(&z);
    return ok;
}

uint32_t packed_crc32(uint32_t crc, const void *bytes, size_t n)
{
    return n > 0 ? (uint32_t)crc32_z(crc, bytes, n) : crc; /* zlib begins again at NULL */
}
