/* Reading safetensors. */
#include "checkpoint/format.h"
#include "util/file.h"
#include "util/json.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE ((size_t)1 << 40)

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
    if (strcmp(name, ST_METADATA) == 0)
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
    const struct st_dtype *d = st_dtype_find(dtype);
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
    if (!st_dtype_bytes(d, t->dim, t->dims, &bytes))
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
    const char *stated = st_meta(f, ST_DIGEST);
    if (stated && strcmp(stated, f->digest) != 0)
        return error_set(err, ERR_DATA,
                         "the data are damaged: their SHA-256 is not the one "
                         "in " ST_DIGEST);
    return true;
}

/* What was understood of the header, written out again, is what its digest was made of. */
static bool check_header_digest(const struct st_file *f, struct error *err)
{
    const char *stated = st_meta(f, ST_HEADER_DIGEST);
    if (!stated)
        return true;
    struct st_meta *rest = mem_array(f->metas, sizeof *rest);
    struct strbuf text;
    size_t n = 0;
    char hex[65];
    for (size_t i = 0; i < f->metas; i++)
        if (strcmp(f->meta[i].key, ST_HEADER_DIGEST) != 0)
            rest[n++] = f->meta[i];
    strbuf_init(&text);
    bool whole = st_header_json(f->tensor, f->n, rest, n, &text);
    sha256_of(text.text, text.length, hex);
    strbuf_fini(&text);
    mem_free(rest);
    return (whole && strcmp(stated, hex) == 0) ||
           error_set(err, ERR_DATA,
                     "the header is damaged: its SHA-256 is not the one in " ST_HEADER_DIGEST);
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
    if (header > ST_MAX_HEADER)
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
        if (!file_is_withheld(path, err))
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
