/* zip: PKWARE's APPNOTE 6.3, sections 4.3 and 4.4; npy: numpy's format 1.0. All numbers
 * little-endian. */
#include "inspect/npz.h"
#include "data/packed.h"
#include "util/file.h"
#include "util/strbuf.h"
#include <string.h>

enum {
    VERSION = 20,
    UTF8 = 1 << 11,
    DATE = 1 << 5 | 1
}; /* 1 January 1980, the first day that zip knows */

static const struct {
    const char *dtype, *descr;
} types[] = {{"F32", "<f4"}, {"F64", "<f8"},  {"F16", "<f2"}, {"I64", "<i8"}, {"U64", "<u8"},
             {"I32", "<i4"}, {"U32", "<u4"},  {"I16", "<i2"}, {"U16", "<u2"}, {"I8", "|i1"},
             {"U8", "|u1"},  {"BOOL", "|b1"}, {"C64", "<c8"}};

static const char *descr_of(const char *dtype)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].dtype, dtype) == 0)
            return types[i].descr;
    return NULL;
}

/* The .npy header, spaces up to a multiple of 64 bytes. */
static void add_npy_header(struct strbuf *b, const struct st_tensor *t)
{
    struct strbuf dict;
    strbuf_init(&dict);
    strbuf_addf(&dict, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr_of(t->dtype));
    for (size_t i = 0; i < t->dims; i++)
        strbuf_addf(&dict, "%s%llu%s", i ? " " : "", (unsigned long long)t->dim[i],
                    i + 1 < t->dims || t->dims == 1 ? "," : "");
    strbuf_add(&dict, "), }");
    while ((10 + dict.length + 1) % 64 != 0)
        strbuf_add_char(&dict, ' ');
    strbuf_add_char(&dict, '\n');
    strbuf_add_bytes(b, "\223NUMPY\1\0", 8);
    strbuf_add_little(b, (uint32_t)dict.length, 2);
    strbuf_add_bytes(b, dict.text, dict.length);
    strbuf_fini(&dict);
}

struct zip {
    struct file_writer to;
    struct strbuf directory, piece;
    uint64_t at;
    uint32_t entries;
};

static bool add(struct zip *z, const void *bytes, size_t n, struct error *err)
{
    z->at += n;
    return n == 0 || file_add(&z->to, bytes, n, err);
}

/* What the local header and the directory have in common. */
static void add_facts(struct strbuf *b, uint32_t crc, uint32_t size, size_t name)
{
    strbuf_add_little(b, VERSION, 2);
    strbuf_add_little(b, UTF8, 2);
    strbuf_add_little(b, 0, 2); /* stored */
    strbuf_add_little(b, 0, 2); /* midnight */
    strbuf_add_little(b, DATE, 2);
    strbuf_add_little(b, crc, 4);
    strbuf_add_little(b, size, 4);
    strbuf_add_little(b, size, 4);
    strbuf_add_little(b, (uint32_t)name, 2);
    strbuf_add_little(b, 0, 2); /* no extra field */
}

static bool add_tensor(struct zip *z, const struct st_tensor *t, struct error *err)
{
    struct strbuf npy, *local = &z->piece, *d = &z->directory;
    size_t name = strlen(t->name) + strlen(".npy");
    uint64_t begin = z->at;
    strbuf_init(&npy);
    add_npy_header(&npy, t);
    uint32_t size = (uint32_t)(npy.length + t->bytes);
    uint32_t crc = packed_crc32(packed_crc32(0, npy.text, npy.length), t->data, t->bytes);
    strbuf_clear(local);
    strbuf_add(local, "PK\3\4");
    add_facts(local, crc, size, name);
    strbuf_addf(local, "%s.npy", t->name);
    strbuf_add(d, "PK\1\2");
    strbuf_add_little(d, VERSION, 2);
    add_facts(d, crc, size, name);
    strbuf_add_little(d, 0, 2); /* no comment */
    strbuf_add_little(d, 0, 2); /* disk */
    strbuf_add_little(d, 0, 2); /* internal attributes */
    strbuf_add_little(d, 0, 4); /* external attributes */
    strbuf_add_little(d, (uint32_t)begin, 4);
    strbuf_addf(d, "%s.npy", t->name);
    z->entries++;
    bool ok = add(z, local->text, local->length, err) && add(z, npy.text, npy.length, err) &&
              add(z, t->data, t->bytes, err);
    strbuf_fini(&npy);
    return ok;
}

static bool add_directory(struct zip *z, struct error *err)
{
    struct strbuf *end = &z->piece;
    strbuf_clear(end);
    strbuf_add(end, "PK\5\6");
    strbuf_add_little(end, 0, 4); /* disks */
    strbuf_add_little(end, z->entries, 2);
    strbuf_add_little(end, z->entries, 2);
    strbuf_add_little(end, (uint32_t)z->directory.length, 4);
    strbuf_add_little(end, (uint32_t)z->at, 4);
    strbuf_add_little(end, 0, 2); /* no comment */
    return add(z, z->directory.text, z->directory.length, err) &&
           add(z, end->text, end->length, err);
}

/* zip without its 64-bit extension counts in 32 bits, and entries in 16. */
static bool check(const char *path, const struct st_tensor *tensors, size_t n, struct error *err)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (!descr_of(tensors[i].dtype))
            return error_set(err, ERR_USAGE, "tensor '%s' has type %s, which numpy does not know",
                             tensors[i].name, tensors[i].dtype);
        if (strlen(tensors[i].name) > 1000)
            return error_set(err, ERR_USAGE, "tensor '%.60s...' has too long a name for a zip file",
                             tensors[i].name);
        total += tensors[i].bytes + 4096;
    }
    if (total > UINT32_MAX || n > UINT16_MAX)
        return error_set(err, ERR_USAGE, "%s would be larger than a zip file of 4 GiB", path);
    return true;
}

bool npz_write(const char *path, const struct st_tensor *tensors, size_t n, struct error *err)
{
    struct zip z = {.entries = 0};
    if (!check(path, tensors, n, err) || !file_begin(&z.to, path, err))
        return false;
    strbuf_init(&z.directory);
    strbuf_init(&z.piece);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = add_tensor(&z, &tensors[i], err);
    ok = ok && add_directory(&z, err);
    if (ok)
        ok = file_commit(&z.to, err);
    else
        file_abort(&z.to);
    strbuf_fini(&z.directory);
    strbuf_fini(&z.piece);
    return ok;
}
