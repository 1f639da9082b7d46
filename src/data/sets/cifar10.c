/* CIFAR-10 in its binary version: five files of training images and one of test images, 3,073 bytes
 * a record: the label, then the red, green and blue planes by rows. */
#include "data/internal.h"
#include "util/mem.h"
#include "util/sha256.h"
#include <stdio.h>
#include <string.h>

enum { BATCHES = 5, CIFAR_FILES = BATCHES + 1, CLASSES = 10, SIDE = 32 };
enum { MOST = 1 << 30 }; /* bytes of a file: 35 times the published ones */

static const char *const files[] = {"data_batch_1.bin",
                                    "data_batch_2.bin",
                                    "data_batch_3.bin",
                                    "data_batch_4.bin",
                                    "data_batch_5.bin",
                                    "test_batch.bin",
                                    NULL};
static const char *const folders[] = {"cifar-10-batches-bin", NULL};
static const char *const classes[] = {"airplane", "automobile", "bird", "cat",   "deer", "dog",
                                      "frog",     "horse",      "ship", "truck", NULL};

static bool check_length(const char *name, size_t n, struct error *err)
{
    if (n == 0)
        return error_set(err, ERR_DATA, "%s: empty: there is no record in it", name);
    if (n % CIFAR_RECORD != 0)
        return error_set(err, ERR_DATA,
                         "%s: %zu bytes are no multiple of %d, the length of a record: image %zu "
                         "is cut short; copy the file again",
                         name, n, CIFAR_RECORD, n / CIFAR_RECORD);
    return true;
}

bool cifar_parse(const char *name, const uint8_t *bytes, size_t n, uint8_t *images, uint8_t *labels,
                 struct error *err)
{
    if (!check_length(name, n, err))
        return false;
    for (size_t i = 0; i < n / CIFAR_RECORD; i++) {
        const uint8_t *record = bytes + i * CIFAR_RECORD;
        if (record[0] >= CLASSES)
            return error_set(err, ERR_DATA,
                             "%s: label %u of image %zu (byte %zu) lies beyond the %d classes: is "
                             "this a file of CIFAR-10's binary version?",
                             name, record[0], i, i * CIFAR_RECORD, CLASSES);
        labels[i] = record[0];
        memcpy(images + i * CIFAR_PIXELS, record + 1, CIFAR_PIXELS);
    }
    return true;
}

/* ---- files ---- */

struct batch {
    const char *path;
    uint8_t *bytes; /* owned */
    size_t n;
};

/* The file as it stands there, plain or .gz; both must hold the same. */
static bool read_batch(struct arena *a, const struct data_config *c, size_t file, struct batch *ret,
                       struct error *err)
{
    struct data_paths p = data_find(a, c, file);
    if (p.n == 0)
        return data_explain_missing(c, file, err);
    ret->path = p.path[0];
    if (!packed_read_all(p.path[0], MOST, &ret->bytes, &ret->n, err))
        return false;
    for (size_t i = 1; i < p.n; i++) {
        struct batch other = {0};
        if (!packed_read_all(p.path[i], MOST, &other.bytes, &other.n, err))
            return false;
        bool same = other.n == ret->n && memcmp(other.bytes, ret->bytes, ret->n) == 0;
        mem_free(other.bytes);
        if (!same)
            return error_set(err, ERR_DATA,
                             "%s and %s differ: remove the one that is not meant, or move it away",
                             p.path[0], p.path[i]);
    }
    return true;
}

/* Files first ... first+n of the set as two of IDX. */
static bool join(const struct batch *b, size_t n, struct idx *ret_images, struct idx *ret_labels,
                 struct error *err)
{
    size_t records = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        records += b[i].n / CIFAR_RECORD;
    *ret_images = (struct idx){.dims = 4,
                               .dim = {(uint32_t)records, 3, SIDE, SIDE},
                               .item = CIFAR_PIXELS,
                               .bytes = mem_array(records + 1, CIFAR_PIXELS)};
    *ret_labels = (struct idx){
        .dims = 1, .dim = {(uint32_t)records}, .item = 1, .bytes = mem_array(records + 1, 1)};
    for (size_t i = 0; i < n; i++) {
        if (!cifar_parse(b[i].path, b[i].bytes, b[i].n, ret_images->bytes + at * CIFAR_PIXELS,
                         ret_labels->bytes + at, err))
            return false;
        at += b[i].n / CIFAR_RECORD;
    }
    return true;
}

/* Which image of the training set stands in which file. */
static const struct data_part *list_parts(struct arena *a, const struct batch *b)
{
    struct data_part *p = arena_alloc(a, BATCHES * sizeof *p);
    for (size_t i = 0; i < BATCHES; i++)
        p[i] = (struct data_part){.path = b[i].path, .n = b[i].n / CIFAR_RECORD};
    return p;
}

static bool read_set(const struct data_config *c, struct data_files *ret, struct error *err)
{
    struct batch b[CIFAR_FILES] = {0};
    struct idx *f = ret->file;
    bool ok = true;
    for (size_t i = 0; ok && i < CIFAR_FILES; i++)
        ok = read_batch(ret->arena, c, i, &b[i], err);
    ok = ok && join(b, BATCHES, &f[TRAIN_IMAGES], &f[TRAIN_LABELS], err) &&
         join(b + BATCHES, 1, &f[TEST_IMAGES], &f[TEST_LABELS], err);
    ret->path[TRAIN_IMAGES] = ret->path[TRAIN_LABELS] = b[0].path;
    ret->path[TEST_IMAGES] = ret->path[TEST_LABELS] = b[BATCHES].path;
    ret->part = list_parts(ret->arena, b);
    for (size_t i = 0; i < CIFAR_FILES; i++)
        mem_free(b[i].bytes);
    return ok;
}

/* ---- sizes ---- */

/* Records of a file, by its length; a .gz is unpacked for that. */
static bool count_records(struct arena *a, const struct data_config *c, size_t file, size_t *sum,
                          struct error *err)
{
    struct data_paths p = data_find(a, c, file);
    size_t length;
    if (p.n == 0)
        return data_explain_missing(c, file, err);
    if (!packed_length(p.path[0], &length, err) || !check_length(p.path[0], length, err))
        return false;
    *sum += length / CIFAR_RECORD;
    return true;
}

static bool measure(const struct data_config *c, struct data_sizes *ret, struct error *err)
{
    struct arena a;
    bool ok = true;
    arena_init(&a);
    for (size_t i = 0; ok && i < CIFAR_FILES; i++)
        ok = count_records(&a, c, i, i < BATCHES ? &ret->train : &ret->test, err);
    arena_fini(&a);
    ret->image = ok ? (struct image_shape){3, SIDE, SIDE} : ret->image;
    return ok;
}

static size_t count(const struct data_config *c)
{
    struct error ignored;
    struct arena a;
    size_t n = 0;
    bool ok = true;
    arena_init(&a);
    for (size_t i = 0; ok && i < BATCHES; i++)
        ok = count_records(&a, c, i, &n, &ignored);
    arena_fini(&a);
    return ok ? n : 0;
}

static bool inspect(const char *path, struct data_file_facts *ret, struct error *err)
{
    struct batch b = {.path = path};
    if (!packed_read_all(path, MOST, &b.bytes, &b.n, err))
        return false;
    struct idx images = {0}, labels = {0};
    bool ok = join(&b, 1, &images, &labels, err);
    snprintf(ret->dims, sizeof ret->dims, "%zux3x%dx%d", b.n / CIFAR_RECORD, SIDE, SIDE);
    sha256_of(b.bytes, b.n, ret->sha256);
    idx_fini(&images);
    idx_fini(&labels);
    mem_free(b.bytes);
    return ok;
}

const struct data_kind data_cifar10 = {
    .base = {.name = "cifar10",
             .title = "colour photographs, 32 x 32 pixels, ten classes",
             .source = "Krizhevsky 2009, Learning multiple layers of features from tiny images",
             .note =
                 "The binary version: data_batch_1.bin ... data_batch_5.bin and test_batch.bin, "
                 "plain or .gz, 3,073 bytes an image."},
    .folder = folders,
    .file = files,
    .class_name = classes,
    .classes = CLASSES,
    .known_train = 50000,
    .known_test = 10000,
    .known_classes = CLASSES,
    .known_image = {3, SIDE, SIDE},
    .count = count,
    .measure = measure,
    .read = read_set,
    .inspect = inspect,
};
