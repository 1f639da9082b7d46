#include "checkpoint/safetensors.h"
#include "util/file.h"
#include "util/json.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The limit of the format's own readers: a larger header is an attack or a damaged length. */
#define MAX_HEADER 100000000u
#define MAX_FILE ((size_t)1 << 40)
#define METADATA "__metadata__"
#define DIGEST "descent.digest" /* SHA-256 of the data section */
#define HEADER_DIGEST                                                                              \
    "descent.header" /* SHA-256 of the header's JSON as it is without this member */

static const struct dtype {
    const char *name;
    unsigned bits; /* some types are smaller than a byte */
} dtypes[] = {
    {"BOOL", 8},        {"U8", 8},      {"I8", 8},      {"I16", 16},        {"U16", 16},
    {"I32", 32},        {"U32", 32},    {"I64", 64},    {"U64", 64},        {"F16", 16},
    {"BF16", 16},       {"F32", 32},    {"F64", 64},    {"C64", 64},        {"F4", 4},
    {"F6_E2M3", 6},     {"F6_E3M2", 6}, {"F8_E4M3", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2", 8},
    {"F8_E5M2FNUZ", 8}, {"F8_E8M0", 8},
};

static const struct dtype *find_dtype(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (strcmp(dtypes[i].name, name) == 0)
            return &dtypes[i];
    return NULL;
}

/* product(shape) * bits / 8; false where that overflows or ends within a byte. */
static bool bytes_of(const struct dtype *d, const uint64_t *dim, size_t dims, uint64_t *ret)
{
    uint64_t count = d->bits;
    for (size_t i = 0; i < dims; i++)
        if (__builtin_mul_overflow(count, dim[i], &count))
            return false;
    *ret = count / 8;
    return count % 8 == 0;
}

/* ---- writing ---- */

static int by_key(const void *a, const void *b)
{
    const struct st_meta *x = a, *y = b;
    return strcmp(x->key, y->key);
}

/* Metadata as an object, sorted. */
static struct json *metadata_of(const struct st_meta *meta, size_t metas)
{
    struct st_meta *sorted = mem_array(metas, sizeof *sorted);
    memcpy(sorted, meta, metas * sizeof *sorted);
    qsort(sorted, metas, sizeof *sorted, by_key);
    struct json *object = js_new_object();
    for (size_t i = 0; i < metas; i++)
        js_set(object, sorted[i].key, js_new_string(sorted[i].value));
    mem_free(sorted);
    return object;
}

/* One tensor's member of the header; *end moves past its data. */
static struct json *entry_of(const struct st_tensor *t, uint64_t *end)
{
    const struct dtype *d = find_dtype(t->dtype);
    uint64_t bytes = 0;
    assert(d && t->dims <= ST_MAX_DIMS);
    bool fits = bytes_of(d, t->dim, t->dims, &bytes);
    assert(fits && bytes == t->bytes && bytes <= INT64_MAX - *end);
    (void)fits;
    struct json *entry = js_new_object(), *shape = js_new_array(), *offsets = js_new_array();
    for (size_t i = 0; i < t->dims; i++)
        js_append(shape, js_new_integer((int64_t)t->dim[i]));
    js_append(offsets, js_new_integer((int64_t)*end));
    *end += bytes;
    js_append(offsets, js_new_integer((int64_t)*end));
    js_set(entry, "dtype", js_new_string(d->name));
    js_set(entry, "shape", shape);
    js_set(entry, "data_offsets", offsets);
    return entry;
}

/* The header's JSON, appended to out. False for a name that is there twice, or that JSON cannot
 * hold: not a file this module could read again. */
static bool header_of(const struct st_tensor *tensors, size_t n, const struct st_meta *meta,
                      size_t metas, struct strbuf *out)
{
    struct json *header = js_new_object();
    size_t members = n;
    uint64_t end = 0;
    bool whole = true;
    if (metas > 0) {
        struct json *object = metadata_of(meta, metas);
        whole = js_size(object) == metas;
        js_set(header, METADATA, object);
        members++;
    }
    for (size_t i = 0; i < n; i++)
        js_set(header, tensors[i].name, entry_of(&tensors[i], &end));
    whole = whole && js_size(header) == members;
    js_write(header, out, 0);
    js_free(header);
    return whole;
}

/* Length and padded header into out; both digests join the metadata where `data` is that of the
 * data. */
static bool framed_header(const struct st_content *x, const char *data, struct strbuf *out)
{
    size_t metas = x->metas;
    struct st_meta *all = mem_array(metas + 2, sizeof *all);
    char hex[65];
    bool whole = true;
    if (metas > 0)
        memcpy(all, x->meta, metas * sizeof *all);
    if (data) {
        all[metas++] = (struct st_meta){DIGEST, data};
        whole = header_of(x->tensor, x->n, all, metas, out);
        sha256_of(out->text, out->length, hex);
        all[metas++] = (struct st_meta){HEADER_DIGEST, hex};
        strbuf_clear(out);
    }
    strbuf_add_bytes(out, "\0\0\0\0\0\0\0", 8);
    whole = whole && header_of(x->tensor, x->n, all, metas, out);
    mem_free(all);
    while (out->length % 8 != 0)
        strbuf_add_char(out, ' ');
    uint64_t length = out->length - 8;
    for (unsigned i = 0; i < 8; i++)
        out->text[i] = (char)(unsigned char)(length >> 8 * i);
    return whole && length <= MAX_HEADER;
}

static void digest_of(const struct st_content *x, char ret_hex[65])
{
    struct sha256 s;
    sha256_init(&s);
    for (size_t i = 0; i < x->n; i++)
        if (x->tensor[i].bytes > 0)
            sha256_add(&s, x->tensor[i].data, x->tensor[i].bytes);
    sha256_finish(&s, ret_hex);
}

bool st_write(const char *path, const struct st_content *x, struct error *err)
{
    char hex[65];
    struct strbuf header;
    struct file_writer w;
    if (x->digest)
        digest_of(x, hex);
    strbuf_init(&header);
    bool ok = framed_header(x, x->digest ? hex : NULL, &header);
    if (!ok) {
        error_set(err, ERR_SYSTEM,
                  "cannot write %s: a name appears twice, is not UTF-8, "
                  "or the header is longer than 100 MB",
                  path);
        goto out;
    }
    ok = file_begin(&w, path, err);
    if (!ok)
        goto out;
    ok = file_add(&w, header.text, header.length, err);
    for (size_t i = 0; ok && i < x->n; i++)
        ok = file_add(&w, x->tensor[i].data, x->tensor[i].bytes, err);
    if (ok)
        ok = file_commit(&w, err);
    else
        file_abort(&w);
out:
    strbuf_fini(&header);
    return ok;
}

/* ---- reading ---- */

struct span {
    uint64_t begin, end;
    size_t index; /* of its tensor */
};

/* What the members of the header fill. */
struct reader {
    struct st_file *f;
    struct span *span;
    struct error *err;
};

/* A name out of a file, cut and without control characters, for a message. */
struct shown {
    char text[64];
};
static struct shown show(const char *name)
{
    struct shown s;
    size_t n = 0;
    for (; name[n] && n + 1 < sizeof s.text; n++)
        s.text[n] = (unsigned char)name[n] < 32 || name[n] == 127 ? '?' : name[n];
    if (name[n]) /* not within a character */
        while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80)
            n--;
    s.text[n] = '\0';
    return s;
}

static bool count_of(const struct json *j, uint64_t *ret)
{
    int64_t v;
    if (!js_integer(j, &v) || v < 0)
        return false;
    *ret = (uint64_t)v;
    return true;
}

static bool read_meta(void *context, const char *key, const struct json *value)
{
    struct reader *r = context;
    const char *text = js_string(value);
    if (!text)
        return error_set(r->err, ERR_DATA, "the metadata '%s' is not a string", show(key).text);
    struct arena *a = &r->f->arena;
    r->f->meta[r->f->metas++] = (struct st_meta){arena_strdup(a, key), arena_strdup(a, text)};
    return true;
}

static bool read_metadata(struct reader *r, const struct json *object)
{
    if (!js_is_object(object))
        return error_set(r->err, ERR_DATA, "the metadata are not an object");
    r->f->meta = arena_alloc(&r->f->arena, js_size(object) * sizeof *r->f->meta);
    return js_each(object, read_meta, r);
}

static bool read_shape(const struct json *shape, struct st_tensor *t, struct error *err)
{
    if (!js_is_array(shape))
        return error_set(err, ERR_DATA, "tensor '%s' has no shape", show(t->name).text);
    t->dims = js_size(shape);
    if (t->dims > ST_MAX_DIMS)
        return error_set(err, ERR_DATA, "tensor '%s' has %zu dimensions, more than %d",
                         show(t->name).text, t->dims, ST_MAX_DIMS);
    for (size_t i = 0; i < t->dims; i++)
        if (!count_of(js_element(shape, i), &t->dim[i]))
            return error_set(err, ERR_DATA,
                             "tensor '%s': dimension %zu is not a whole number "
                             "of at least 0",
                             show(t->name).text, i + 1);
    return true;
}

static bool read_offsets(const struct json *offsets, const char *name, struct span *s,
                         struct error *err)
{
    if (!js_is_array(offsets) || js_size(offsets) != 2 ||
        !count_of(js_element(offsets, 0), &s->begin) || !count_of(js_element(offsets, 1), &s->end))
        return error_set(err, ERR_DATA,
                         "tensor '%s': data_offsets are not two whole numbers of "
                         "at least 0",
                         show(name).text);
    if (s->begin > s->end)
        return error_set(err, ERR_DATA, "tensor '%s' ends before it begins", show(name).text);
    return true;
}

static bool read_tensor(void *context, const char *name, const struct json *entry)
{
    struct reader *r = context;
    if (strcmp(name, METADATA) == 0)
        return read_metadata(r, entry);
    struct st_tensor *t = &r->f->tensor[r->f->n];
    struct span *s = &r->span[r->f->n];
    t->name = arena_strdup(&r->f->arena, name);
    s->index = r->f->n++;
    if (!js_is_object(entry))
        return error_set(r->err, ERR_DATA, "tensor '%s' is not an object", show(name).text);
    const char *dtype = js_string(js_get(entry, "dtype"));
    if (!dtype)
        return error_set(r->err, ERR_DATA, "tensor '%s' has no dtype", show(name).text);
    const struct dtype *d = find_dtype(dtype);
    if (!d)
        return error_set(r->err, ERR_DATA, "tensor '%s': unknown dtype '%s'", show(name).text,
                         show(dtype).text);
    t->dtype = d->name;
    if (!read_shape(js_get(entry, "shape"), t, r->err) ||
        !read_offsets(js_get(entry, "data_offsets"), name, s, r->err))
        return false;
    if (js_size(entry) != 3)
        return error_set(r->err, ERR_DATA, "tensor '%s' has a member that is not of the format",
                         show(name).text);
    uint64_t bytes;
    if (!bytes_of(d, t->dim, t->dims, &bytes))
        return error_set(r->err, ERR_DATA, "tensor '%s': its shape is no possible size",
                         show(name).text);
    if (bytes != s->end - s->begin)
        return error_set(r->err, ERR_DATA,
                         "tensor '%s' has %llu bytes of data, its shape "
                         "takes %llu",
                         show(name).text, (unsigned long long)(s->end - s->begin),
                         (unsigned long long)bytes);
    return true;
}

static int by_begin(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end); /* empty tensors first */
}

/* The spans, in order, must cover 0 .. length: no hole, no overlap, no rest. Sorts them. */
static bool check_tiles(struct reader *r, const char *data, uint64_t length)
{
    struct st_file *f = r->f;
    uint64_t end = 0;
    qsort(r->span, f->n, sizeof *r->span, by_begin);
    for (size_t i = 0; i < f->n; i++) {
        const struct span *s = &r->span[i];
        struct st_tensor *t = &f->tensor[s->index];
        if (s->begin != end)
            return error_set(r->err, ERR_DATA,
                             "tensor '%s' begins at byte %llu of the data, "
                             "where %llu is due",
                             show(t->name).text, (unsigned long long)s->begin,
                             (unsigned long long)end);
        if (s->end > length)
            return error_set(r->err, ERR_DATA,
                             "tensor '%s' ends at byte %llu of the data, of "
                             "which there are %llu",
                             show(t->name).text, (unsigned long long)s->end,
                             (unsigned long long)length);
        t->data = data + s->begin;
        t->bytes = (size_t)(s->end - s->begin);
        end = s->end;
    }
    if (end != length)
        return error_set(r->err, ERR_DATA, "%llu bytes of data belong to no tensor",
                         (unsigned long long)(length - end));
    return true;
}

static bool check_digest(struct st_file *f, const char *data, size_t length, struct error *err)
{
    sha256_of(data, length, f->digest);
    const char *stated = st_meta(f, DIGEST);
    if (stated && strcmp(stated, f->digest) != 0)
        return error_set(err, ERR_DATA,
                         "the data are damaged: their SHA-256 is not the one "
                         "in " DIGEST);
    return true;
}

/* What was understood of the header, written out again, is what its digest was made of. */
static bool check_header_digest(const struct st_file *f, struct error *err)
{
    const char *stated = st_meta(f, HEADER_DIGEST);
    if (!stated)
        return true;
    struct st_meta *rest = mem_array(f->metas, sizeof *rest);
    struct strbuf text;
    size_t n = 0;
    char hex[65];
    for (size_t i = 0; i < f->metas; i++)
        if (strcmp(f->meta[i].key, HEADER_DIGEST) != 0)
            rest[n++] = f->meta[i];
    strbuf_init(&text);
    bool whole = header_of(f->tensor, f->n, rest, n, &text);
    sha256_of(text.text, text.length, hex);
    strbuf_fini(&text);
    mem_free(rest);
    return (whole && strcmp(stated, hex) == 0) ||
           error_set(err, ERR_DATA,
                     "the header is damaged: its SHA-256 is not the one in " HEADER_DIGEST);
}

/* All that follows the header's length. */
static bool read_header(struct st_file *f, size_t header, struct error *err)
{
    struct json *j = js_parse(f->block + 8, header, err);
    if (!j)
        return error_prefix(err, "the header is ");
    const char *data = f->block + 8 + header;
    size_t length = f->length - 8 - header, members = js_size(j);
    struct reader r = {.f = f, .err = err};
    r.span = mem_array(members, sizeof *r.span);
    f->tensor = arena_alloc(&f->arena, members * sizeof *f->tensor);
    bool ok = js_is_object(j) || error_set(err, ERR_DATA, "the header is not an object");
    ok = ok && js_each(j, read_tensor, &r) && check_tiles(&r, data, length) &&
         check_header_digest(f, err) && check_digest(f, data, length, err);
    mem_free(r.span);
    js_free(j);
    return ok;
}

/* The header's length, the first 8 bytes of a file of n. */
static bool check_length(const char *block, size_t n, uint64_t *ret, struct error *err)
{
    uint64_t header = 0;
    for (unsigned i = 0; i < 8; i++)
        header |= (uint64_t)(unsigned char)block[i] << 8 * i;
    if (header > MAX_HEADER)
        return error_set(err, ERR_DATA,
                         "no safetensors file: the header would be longer than "
                         "100 MB");
    if (header > n - 8)
        return error_set(err, ERR_DATA, "the file ends within the header");
    *ret = header;
    return true;
}

static bool check_file(struct st_file *f, struct error *err)
{
    uint64_t header = 0;
    if (f->length < 8)
        return error_set(err, ERR_DATA, "no safetensors file: it has %zu bytes", f->length);
    return check_length(f->block, f->length, &header, err) && read_header(f, (size_t)header, err);
}

/* Takes block, also on failure. */
static bool take(const char *name, char *block, size_t n, struct st_file *ret, struct error *err)
{
    struct st_file f = {.block = block, .length = n};
    arena_init(&f.arena);
    if (!check_file(&f, err)) {
        st_fini(&f);
        return error_prefix(err, "%s: ", name);
    }
    *ret = f;
    return true;
}

bool st_parse(const char *name, const char *bytes, size_t n, struct st_file *ret, struct error *err)
{
    char *block = mem_new(n);
    if (n > 0)
        memcpy(block, bytes, n);
    return take(name, block, n, ret, err);
}

/* What its first bytes promise, before memory is taken for all of it: a file of nothing but zeros,
 * or of another kind, may be of any size. */
static bool check_beginning(const char *path, struct error *err)
{
    int fd;
    size_t size;
    char head[8];
    uint64_t header = 0;
    if (!file_open(path, FILE_PLAIN, &fd, &size, err))
        return false;
    bool whole = read(fd, head, sizeof head) == (ssize_t)sizeof head;
    close(fd);
    if (!whole) /* for the reader of the whole to name */
        return true;
    return (check_length(head, size, &header, err) &&
            (header >= 2 || error_set(err, ERR_DATA, "the header is empty"))) ||
           error_prefix(err, "%s: ", path);
}

static bool read_any(const char *path, struct st_file *ret, struct error *err)
{
    char *block;
    size_t n;
    if (!check_beginning(path, err) || !file_read(path, MAX_FILE, &block, &n, err)) {
        err->code = ERR_DATA;
        return false;
    }
    return take(path, block, n, ret, err);
}

static bool is_of_other_format(const struct st_file *f)
{
    const char *format = st_meta(f, "descent.format");
    return format && strcmp(format, ST_FORMAT) != 0;
}

bool st_is_of_other_format(const char *path)
{
    struct st_file f = {0};
    struct error err;
    if (!read_any(path, &f, &err))
        return false;
    bool is = is_of_other_format(&f);
    st_fini(&f);
    return is;
}

bool st_read(const char *path, struct st_file *ret, struct error *err)
{
    struct st_file f = {0};
    if (!read_any(path, &f, err))
        return false;
    if (is_of_other_format(&f)) {
        error_set(err, ERR_DATA,
                  "%s is a checkpoint of format %s, and this version (" DESCENT_VERSION
                  ") reads format " ST_FORMAT ": use the version that wrote it; what its "
                  "'descent export' writes, 'model.init_from' takes here",
                  path, show(st_meta(&f, "descent.format")).text);
        st_fini(&f);
        return false;
    }
    *ret = f;
    return true;
}

void st_fini(struct st_file *f)
{
    arena_fini(&f->arena);
    mem_free(f->block);
    *f = (struct st_file){0};
}

const struct st_tensor *st_find(const struct st_file *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->tensor[i].name, name) == 0)
            return &f->tensor[i];
    return NULL;
}

const char *st_meta(const struct st_file *f, const char *key)
{
    for (size_t i = 0; i < f->metas; i++)
        if (strcmp(f->meta[i].key, key) == 0)
            return f->meta[i].value;
    return NULL;
}

/* ---- numbers of other sizes ---- */

bool st_is_real(const struct st_tensor *t)
{
    return strcmp(t->dtype, "F32") == 0 || strcmp(t->dtype, "F64") == 0 ||
           strcmp(t->dtype, "F16") == 0 || strcmp(t->dtype, "BF16") == 0;
}

static uint64_t little_endian(const unsigned char *bytes, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)bytes[i] << 8 * i;
    return v;
}

static float float_of_bits(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
static float half(uint32_t bits)
{
    uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ffu;
    if (exponent == 0) { /* a multiple of 2^-24 */
        float v = (float)fraction * 0x1p-24f;
        return sign ? -v : v;
    }
    uint32_t wide = exponent == 31 ? 255 : exponent + 127 - 15;
    return float_of_bits(sign | wide << 23 | fraction << 13);
}

static float real_of(const unsigned char *bytes, size_t size, bool brain)
{
    uint64_t bits = little_endian(bytes, size);
    if (size == 8) {
        double v;
        memcpy(&v, &bits, sizeof v);
        return (float)v;
    }
    if (size == 4)
        return float_of_bits((uint32_t)bits);
    return brain ? float_of_bits((uint32_t)bits << 16) : half((uint32_t)bits);
}

void st_to_floats(const struct st_tensor *t, float *to)
{
    size_t size = find_dtype(t->dtype)->bits / 8;
    bool brain = strcmp(t->dtype, "BF16") == 0;
    for (size_t i = 0; i < t->bytes / size; i++)
        to[i] = real_of((const unsigned char *)t->data + i * size, size, brain);
}
