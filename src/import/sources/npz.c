/* An .npz as Keras has it: x_train, y_train, x_test, y_test. */
#include "import/internal.h"
#include "import/sources/zip.h"
#include "util/file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIMS_MAX = 8, MAGIC = 8, HEADER_MAX = 1 << 16 };

/* A .npy file: numpy's format 1.0 to 3.0. */
struct array {
    char place[256]; /* "mnist.npz: x_train" */
    uint8_t *bytes;  /* owned, whole */
    const uint8_t *data;
    size_t size, count; /* bytes, numbers */
    size_t dims, dim[DIMS_MAX];
    char type;    /* u, i, f, b, ... */
    size_t width; /* bytes of a number */
    bool big;     /* endian */
    bool pixels;  /* not labels */
    struct image_shape image;
    bool last; /* its channels */
};

/* ---- the header ---- */

/* What stands behind 'key': in the dictionary. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (!at)
        return NULL;
    at += strlen(key);
    return at + strspn(at, "'\" :");
}

static bool read_type(struct array *x, const char *header, struct error *err)
{
    const char *at = value_of(header, "descr");
    bool plain = at && strchr("<>|=", at[0]) && at[0] && at[1];
    char *end = NULL;
    if (plain) {
        x->big = at[0] == '>';
        x->type = at[1];
        x->width = strtoul(at + 2, &end, 10);
    }
    return (plain && end != at + 2 && (*end == '\'' || *end == '"')) ||
           error_set(err, ERR_DATA,
                     "%s: its numbers are of no plain type (structured, or objects): in numpy, "
                     "numpy.unique(y, return_inverse=True)[1] makes numbers of labels",
                     x->place);
}

static bool read_shape(struct array *x, const char *header, struct error *err)
{
    const char *at = value_of(header, "shape");
    size_t count = 1;
    bool ok = at && *at++ == '(';
    while (ok && at[strspn(at, " ,")] != ')') {
        at += strspn(at, " ,");
        char *end;
        errno = 0;
        unsigned long long n = strtoull(at, &end, 10);
        ok = *at >= '0' && *at <= '9' && errno == 0 && x->dims < DIMS_MAX &&
             !__builtin_mul_overflow(count, (size_t)n, &count);
        if (ok)
            x->dim[x->dims++] = (size_t)n;
        at = end;
    }
    x->count = count;
    return (ok && x->dims > 0) ||
           error_set(err, ERR_DATA, "%s: its shape is none of a list of things", x->place);
}

/* Text between the magic and the numbers. */
static bool read_header(struct arena *a, struct array *x, struct error *err)
{
    static const char magic[] = "\223NUMPY";
    const uint8_t *b = x->bytes;
    bool ok = x->size >= MAGIC + 4 && memcmp(b, magic, 6) == 0 && b[6] >= 1 && b[6] <= 3;
    size_t field = ok && b[6] == 1 ? 2 : 4, length = 0;
    for (size_t i = field; ok && i-- > 0;)
        length = length << 8 | b[MAGIC + i];
    if (!ok || length > HEADER_MAX || length > x->size - MAGIC - field)
        return error_set(err, ERR_DATA, "%s: not a sound .npy file", x->place);
    const char *header = arena_strndup(a, (const char *)b + MAGIC + field, length);
    x->data = b + MAGIC + field + length;
    if (!read_type(x, header, err) || !read_shape(x, header, err))
        return false;
    const char *order = value_of(header, "fortran_order");
    if (!order || (strncmp(order, "False", 5) != 0 && x->dims > 1))
        return error_set(err, ERR_DATA,
                         "%s: stands column after column (Fortran's order); "
                         "numpy.ascontiguousarray(x) turns it",
                         x->place);
    return true;
}

static bool check_length(const struct array *x, struct error *err)
{
    size_t bytes, there = (size_t)(x->bytes + x->size - x->data);
    if (x->count == 0)
        return error_set(err, ERR_DATA, "%s: there is nothing in it", x->place);
    return (!__builtin_mul_overflow(x->count, x->width, &bytes) && bytes == there) ||
           error_set(err, ERR_DATA, "%s: its shape asks for other than the %zu bytes there are",
                     x->place, there);
}

/* ---- the shape of its images ---- */

/* (N, rows, columns), with 1 or 3 channels last (as Keras has them) or first, or (N, pixels). */
static bool find_shape(const struct import_set *s, struct array *x, struct error *err)
{
    const size_t *d = x->dim;
    struct image_shape *ret = &x->image;
    if (x->dims == 2)
        return import_shape_of_row(s, x->place, d[1], ret, err);
    if (x->dims == 3)
        *ret = (struct image_shape){1, d[1], d[2]};
    else if (x->dims == 4 && (d[3] == 1 || d[3] == 3)) {
        *ret = (struct image_shape){d[3], d[1], d[2]};
        x->last = true;
    } else if (x->dims == 4 && (d[1] == 1 || d[1] == 3))
        *ret = (struct image_shape){d[1], d[2], d[3]};
    else
        return error_set(err, ERR_DATA,
                         "%s: %zu dimension%s%s; images are (N, rows, columns), with 1 or 3 "
                         "channels last or first, or (N, pixels)",
                         x->place, x->dims, x->dims == 1 ? "" : "s",
                         x->dims == 4 ? ", none of 1 or 3 channels" : "");
    return (ret->height > 0 && ret->width > 0) ||
           error_set(err, ERR_DATA, "%s: its images have no pixels", x->place);
}

/* ---- numbers ---- */

static bool check_type(const struct array *x, struct error *err)
{
    bool pixels = x->pixels;
    if ((x->type == 'u' || x->type == 'i') &&
        (x->width == 1 || x->width == 2 || x->width == 4 || x->width == 8))
        return true;
    if (x->type == 'f')
        return error_set(err, ERR_DATA,
                         "%s: has fractions (float%zu), and %s are whole numbers from 0 to 255: %s",
                         x->place, 8 * x->width, pixels ? "pixels" : "labels",
                         pixels ? "in numpy, (255 * x).round().astype('uint8') where x is from 0 "
                                  "to 1, x.astype('uint8') where it is from 0 to 255"
                                : "y.astype('uint8')");
    return error_set(err, ERR_DATA, "%s: holds %s; %s are whole numbers from 0 to 255%s", x->place,
                     x->type == 'b'                     ? "truth values"
                     : x->type == 'U' || x->type == 'S' ? "texts"
                     : x->type == 'O'                   ? "Python objects"
                     : x->type == 'c'                   ? "complex numbers"
                                                        : "no numbers",
                     pixels ? "pixels" : "labels",
                     pixels ? (x->type == 'b' ? ": in numpy, 255 * x.astype('uint8')" : "")
                            : ": in numpy, numpy.unique(y, return_inverse=True)[1] makes them");
}

/* Labels that are one-hot are so in any type; Keras makes floats of them. */
static bool check_single(const struct array *y, struct error *err)
{
    return y->dims != 2 || y->dim[1] < 2 ||
           error_set(err, ERR_DATA,
                     "%s: %zu numbers an image, and a label is one: y.argmax(axis=1) where they "
                     "are one-hot",
                     y->place, y->dim[1]);
}

/* Number i as a byte. */
static bool byte_at(const struct array *x, size_t i, uint8_t *ret, struct error *err)
{
    const uint8_t *p = x->data + i * x->width;
    uint64_t v = 0;
    for (size_t k = 0; k < x->width; k++)
        v = v << 8 | p[x->big ? k : x->width - 1 - k];
    bool negative = x->type == 'i' && (v >> (8 * x->width - 1) & 1);
    *ret = (uint8_t)v;
    if (!negative && v <= 255)
        return true;
    size_t item = x->count / x->dim[0];
    uint64_t size = negative && x->width < 8 ? (UINT64_C(1) << 8 * x->width) - v
                    : negative               ? 0 - v
                                             : v;
    return error_set(err, ERR_DATA, "%s: %s%s%llu in image %zu lies beyond 0 to 255", x->place,
                     x->pixels ? "the pixel " : "the label ", negative ? "-" : "",
                     (unsigned long long)size, i / item);
}

static bool to_bytes(struct array *x, struct error *err)
{
    uint8_t *to = x->bytes; /* never before what is still to be read */
    for (size_t i = 0; i < x->count; i++) {
        uint8_t v;
        if (!byte_at(x, i, &v, err))
            return false;
        to[i] = v;
    }
    x->data = to;
    return true;
}

/* ---- images ---- */

static void to_planes(const uint8_t *from, struct image_shape s, uint8_t *to)
{
    size_t n = image_pixels(s);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < s.channels; c++)
            to[c * n + i] = from[i * s.channels + c];
}

static bool add_images(struct import_set *s, int part, const struct array *x, const struct array *y,
                       struct error *err)
{
    struct strbuf place;
    size_t item = image_numbers(x->image);
    bool ok = true;
    uint8_t *planes = mem_new(item);
    strbuf_init(&place);
    for (size_t i = 0; ok && i < x->dim[0]; i++) {
        struct import_image image = {NULL, x->image, x->data + i * item};
        if (x->last) {
            to_planes(image.bytes, x->image, planes);
            image.bytes = planes;
        }
        strbuf_clear(&place);
        strbuf_addf(&place, "%s[%zu]", x->place, i);
        image.place = place.text;
        if (y->data[i] >= s->classes)
            s->classes = (size_t)y->data[i] + 1;
        ok = import_add(s, part, &image, y->data[i], err);
    }
    strbuf_fini(&place);
    mem_free(planes);
    return ok;
}

/* ---- the file ---- */

static bool read_array(struct import_set *s, const struct zip *z, const char *name,
                       struct array *ret, struct error *err)
{
    const struct zip_entry *e = zip_find(z, arena_printf(&s->arena, "%s.npy", name));
    snprintf(ret->place, sizeof ret->place, "%s: %s", z->path, name);
    if (!e)
        return error_set(err, ERR_DATA, "%s holds no array %s", z->path, name);
    if (!zip_unpack(z, e, s->most, &ret->bytes, err))
        return false;
    ret->size = e->size;
    return read_header(&s->arena, ret, err) && (ret->pixels || check_single(ret, err)) &&
           check_type(ret, err) && check_length(ret, err) &&
           (!ret->pixels || find_shape(s, ret, err)) && to_bytes(ret, err);
}

static bool check_labels(const struct array *x, const struct array *y, struct error *err)
{
    return (y->count == x->dim[0] && y->dim[0] == x->dim[0]) ||
           error_set(err, ERR_DATA, "%s: %zu labels for the %zu images of %s", y->place, y->count,
                     x->dim[0], x->place);
}

static bool read_part(struct import_set *s, const struct zip *z, int part, struct error *err)
{
    static const char *const name[IMPORT_PARTS][2] = {{"x_train", "y_train"}, {"x_test", "y_test"}};
    struct array x = {.pixels = true}, y = {0};
    bool ok = read_array(s, z, name[part][0], &x, err) &&
              read_array(s, z, name[part][1], &y, err) && check_labels(&x, &y, err) &&
              add_images(s, part, &x, &y, err);
    mem_free(x.bytes);
    mem_free(y.bytes);
    return ok;
}

#define NAMES_WANTED                                                                               \
    "%s holds no x_train and y_train (and x_test and y_test, where there is a test set), "

static bool is_of_pictures(const struct zip *z)
{
    for (size_t i = 0; i < z->entries; i++) {
        size_t n = strlen(z->entry[i].name);
        if (n > 4 && strcasecmp(z->entry[i].name + n - 4, ".png") == 0)
            return true;
    }
    return false;
}

/* Images are larger than their labels. */
static size_t largest(const struct zip *z)
{
    size_t best = 0;
    for (size_t i = 1; i < z->entries; i++)
        if (z->entry[i].size > z->entry[best].size)
            best = i;
    return best;
}

/* n bytes as they stand within '...' in Python. */
static const char *python_text(struct arena *a, const char *s, size_t n)
{
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\'' || s[i] == '\\')
            strbuf_add_char(&b, '\\');
        strbuf_add_char(&b, s[i]);
    }
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

/* The name of an array: its entry's without ".npy". */
static const char *array_name(struct arena *a, const struct zip *z, size_t entry)
{
    const char *name = z->entry[entry].name, *dot = strrchr(name, '.');
    return python_text(a, name,
                       dot && strcmp(dot, ".npy") == 0 ? (size_t)(dot - name) : strlen(name));
}

static bool explain_names(struct arena *a, const struct zip *z, struct error *err)
{
    if (is_of_pictures(z))
        return error_set(err, ERR_DATA,
                         "%s is a zip archive of pictures: unpack it, and import the folder",
                         z->path);
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < z->entries && i < 8; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", z->entry[i].name);
    const char *held = z->entries > 0 ? b.text : "nothing";
    size_t x = largest(z), y = x + 1 < z->entries ? x + 1 : 0;
    if (z->entries < 2)
        error_set(err, ERR_DATA, NAMES_WANTED "but %s", z->path, held);
    else
        error_set(err, ERR_DATA,
                  NAMES_WANTED "but %s; in numpy: d = numpy.load('%s'); numpy.savez('own.npz', "
                               "x_train=d['%s'], y_train=d['%s'])",
                  z->path, held, python_text(a, z->path, strlen(z->path)), array_name(a, z, x),
                  array_name(a, z, y));
    strbuf_fini(&b);
    return false;
}

static bool read_arrays(struct import_set *s, const struct zip *z, struct error *err)
{
    bool tests[] = {zip_find(z, "x_test.npy"), zip_find(z, "y_test.npy")};
    if (!zip_find(z, "x_train.npy") || !zip_find(z, "y_train.npy"))
        return explain_names(&s->arena, z, err);
    if (tests[0] != tests[1])
        return error_set(err, ERR_DATA, "%s holds %s without %s", z->path,
                         tests[0] ? "x_test" : "y_test", tests[0] ? "y_test" : "x_test");
    s->has_test = tests[0];
    if (!read_part(s, z, IMPORT_TRAIN, err) || (s->has_test && !read_part(s, z, IMPORT_TEST, err)))
        return false;
    import_number_classes(s, s->classes);
    return true;
}

static bool read_npz(struct import_set *s, const char *path, struct error *err)
{
    char *bytes;
    size_t n;
    struct zip z;
    if (!file_read(path, s->most, &bytes, &n, err)) {
        err->code = ERR_DATA;
        return false;
    }
    bool ok =
        zip_open(&s->arena, path, (const uint8_t *)bytes, n, &z, err) && read_arrays(s, &z, err);
    mem_free(bytes);
    return ok;
}

const struct import_source import_npz = {
    .name = "an .npz",
    .is = zip_is,
    .read = read_npz,
};
