/* IDX files (LeCun's format): two zero bytes, a type, the number of dimensions, each dimension as a
 * big-endian 32-bit number, then the data. */
#include "data/internal.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/sha256.h"
#include <string.h>
#include <zlib.h>

enum { UNSIGNED_BYTES = 0x08, MAX_DIMS = 4, HEADER = 4 + 4 * MAX_DIMS };
static const size_t largest = (size_t)1 << 40;

void idx_fini(struct idx *x)
{
    mem_free(x->bytes);
    *x = (struct idx){0};
}

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* A count whose highest byte is not 0 and whose lowest one is: as processors have it, not IDX. */
static const char *why_so_long(const uint8_t *dim, uint32_t dims)
{
    for (uint32_t i = 0; i < dims; i++)
        if (dim[4 * i] == 0 || dim[4 * i + 3] != 0)
            return "";
    return ": they stand lowest byte first, and IDX has the highest first (in Python: "
           "struct.pack('>I', n))";
}

/* " (floats)"; "" where there is no such type. */
static const char *type_name(uint8_t type)
{
    return type == 0x09   ? " (signed bytes)"
           : type == 0x0b ? " (16-bit numbers)"
           : type == 0x0c ? " (32-bit numbers)"
           : type == 0x0d ? " (floats)"
           : type == 0x0e ? " (doubles)"
                          : "";
}
static const char to_bytes[] = ": bring its numbers to 0 ... 255 in numpy, astype('uint8'), and "
                               "'descent data import' of numpy.savez('own.npz', x_train=..., "
                               "y_train=...) makes a data set";

/* Length of the header, 0 with err set where it is none. */
static size_t parse_header(const char *name, const uint8_t *b, size_t n, struct idx *x,
                           struct error *err)
{
    static const char remedy[] = "is this an IDX file?";
    if (n < 4) {
        error_set(err, ERR_DATA, "%s: only %zu bytes, too short for an IDX header", name, n);
        return 0;
    }
    if (b[0] != 0 || b[1] != 0) {
        error_set(err, ERR_DATA, "%s: begins with bytes %02x %02x instead of 00 00: %s", name, b[0],
                  b[1], remedy);
        return 0;
    }
    if (b[2] != UNSIGNED_BYTES) {
        error_set(err, ERR_DATA,
                  "%s: element type 0x%02x%s; only unsigned bytes (0x08) are images or labels%s",
                  name, b[2], type_name(b[2]), type_name(b[2])[0] ? to_bytes : "");
        return 0;
    }
    if (b[3] < 1 || b[3] > MAX_DIMS) {
        error_set(err, ERR_DATA, "%s: %u dimensions; an IDX file of images or labels has 1 to %d",
                  name, b[3], MAX_DIMS);
        return 0;
    }
    x->dims = b[3];
    size_t header = 4 + 4 * (size_t)x->dims, total = 1;
    if (n < header) {
        error_set(err, ERR_DATA, "%s: cut short within its header", name);
        return 0;
    }
    x->item = 1;
    for (uint32_t i = 0; i < x->dims; i++) {
        x->dim[i] = big_endian(b + 4 + 4 * i);
        if (x->dim[i] == 0) {
            error_set(err, ERR_DATA, "%s: dimension %u is 0: there is nothing in it", name, i + 1);
            return 0;
        }
        if (__builtin_mul_overflow(total, (size_t)x->dim[i], &total) || total > largest) {
            error_set(err, ERR_DATA, "%s: its dimensions promise more data than fits a file%s",
                      name, why_so_long(b + 4, x->dims));
            return 0;
        }
        x->item *= i > 0 ? x->dim[i] : 1;
    }
    return header;
}

static bool check_length(const char *name, const struct idx *x, size_t header, size_t length,
                         struct error *err)
{
    size_t promised = header + x->dim[0] * x->item;
    if (length < promised)
        return error_set(err, ERR_DATA, "%s: cut short: %zu bytes, but its header promises %zu",
                         name, length, promised);
    if (length > promised)
        return error_set(err, ERR_DATA, "%s: %zu bytes more than its header promises", name,
                         length - promised);
    return true;
}

bool idx_parse(const char *name, const uint8_t *bytes, size_t n, struct idx *ret, struct error *err)
{
    struct idx x = {0};
    size_t header = parse_header(name, bytes, n, &x, err);
    if (header == 0 || !check_length(name, &x, header, n, err))
        return false;
    x.bytes = mem_new(n - header);
    memcpy(x.bytes, bytes + header, n - header);
    *ret = x;
    return true;
}

/* ---- files ---- */

/* PATH, or PATH.gz where that is not there; owned. */
static bool find(const char *path, char **ret, struct error *err)
{
    char *other = path_new("%s.gz", path);
    bool plain = file_exists(path);
    if (plain || file_exists(other)) {
        *ret = plain ? path_copy(path) : other;
        if (plain)
            mem_free(other);
        return true;
    }
    mem_free(other);
    return error_set(err, ERR_DATA, "%s: no such file, nor %s.gz", path, path);
}

/* Data is read in growing pieces, so that a header that lies allocates no more than the file holds.
 * */
static bool read_data(struct packed *f, const char *path, struct idx *x, size_t header,
                      struct error *err)
{
    size_t promised = x->dim[0] * x->item, have = 0,
           room = promised < (1u << 26) ? promised : 1u << 26, got;
    x->bytes = mem_new(room + 1);
    for (;;) {
        if (!packed_read(f, x->bytes + have, room - have, &got, err))
            return false;
        have += got;
        if (have < room)
            return check_length(path, x, header, header + have, err);
        if (room == promised)
            break;
        size_t more = room > promised / 2 ? promised : 2 * room;
        x->bytes = mem_grow(x->bytes, room + 1, more + 1);
        room = more;
    }
    uint8_t beyond[4096];
    size_t extra;
    if (!packed_read(f, beyond, sizeof beyond, &extra, err))
        return false;
    return check_length(path, x, header, header + have + extra, err);
}

static bool read_open(struct packed *f, const char *path, bool whole, struct idx *x,
                      struct error *err)
{
    uint8_t head[HEADER];
    size_t got, more;
    if (!packed_read(f, head, 4, &got, err))
        return false;
    size_t rest = got == 4 && head[3] >= 1 && head[3] <= MAX_DIMS ? 4 * (size_t)head[3] : 0;
    if (!packed_read(f, head + got, rest, &more, err))
        return false;
    size_t header = parse_header(path, head, got + more, x, err);
    return header > 0 && (!whole || read_data(f, path, x, header, err));
}

static bool read_file(const char *path, bool whole, struct idx *ret, struct error *err)
{
    char *found = NULL;
    struct idx x = {0};
    if (!find(path, &found, err))
        return false;
    struct packed *f = packed_open(found, err);
    bool ok = f && read_open(f, found, whole, &x, err);
    packed_close(f);
    mem_free(found);
    if (ok)
        *ret = x;
    else
        mem_free(x.bytes);
    return ok;
}

bool idx_read(const char *path, struct idx *ret, struct error *err)
{
    return read_file(path, true, ret, err);
}

bool idx_read_header(const char *path, struct idx *ret, struct error *err)
{
    return read_file(path, false, ret, err);
}

/* ---- writing, and the digest of what would be written ---- */

static size_t put_header(const struct idx *x, uint8_t ret[20])
{
    ret[0] = ret[1] = 0;
    ret[2] = UNSIGNED_BYTES;
    ret[3] = (uint8_t)x->dims;
    for (uint32_t i = 0; i < x->dims; i++)
        for (int b = 0; b < 4; b++)
            ret[4 + 4 * i + (uint32_t)b] = (uint8_t)(x->dim[i] >> (24 - 8 * b));
    return 4 + 4 * (size_t)x->dims;
}

bool idx_write(const char *path, const struct idx *x, struct error *err)
{
    uint8_t header[HEADER];
    struct file_writer w = {0};
    if (!file_begin(&w, path, err))
        return false;
    if (file_add(&w, header, put_header(x, header), err) &&
        file_add(&w, x->bytes, x->dim[0] * x->item, err))
        return file_commit(&w, err);
    file_abort(&w);
    return false;
}

/* Deflates into `to`, the whole in one call: `to` has room for the worst case. */
static bool deflate_all(z_stream *z, const uint8_t *header, size_t header_length,
                        const struct idx *x)
{
    uint8_t *in = mem_new(header_length + x->dim[0] * x->item);
    memcpy(in, header, header_length);
    memcpy(in + header_length, x->bytes, x->dim[0] * x->item);
    z->next_in = in;
    z->avail_in = (uInt)(header_length + x->dim[0] * x->item);
    bool ok = deflate(z, Z_FINISH) == Z_STREAM_END;
    mem_free(in);
    return ok;
}

bool idx_write_gz(const char *path, const struct idx *x, struct error *err)
{
    uint8_t header[HEADER];
    size_t header_length = put_header(x, header), n = header_length + x->dim[0] * x->item;
    z_stream z = {0};
    if (n > (1u << 31) ||
        deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return error_set(err, ERR_SYSTEM, "cannot write %s: too large to compress", path);
    size_t room = deflateBound(&z, (uLong)n);
    uint8_t *to = mem_new(room);
    z.next_out = to;
    z.avail_out = (uInt)room;
    bool ok = deflate_all(&z, header, header_length, x) ||
              error_set(err, ERR_SYSTEM, "cannot compress %s", path);
    ok = ok && file_write(path, to, z.total_out, err);
    deflateEnd(&z);
    mem_free(to);
    return ok;
}

void idx_digest(struct idx *x)
{
    struct sha256 s;
    uint8_t header[HEADER];
    sha256_init(&s);
    sha256_add(&s, header, put_header(x, header));
    sha256_add(&s, x->bytes, x->dim[0] * x->item);
    sha256_finish(&s, x->sha256);
}
