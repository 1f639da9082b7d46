/* Data sets: four IDX files (or the synthetic digits), checked against one another and split. */
#include "data/internal.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/processor.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const data_names[] = {"mnist", "fashion-mnist", "digits", "idx", NULL};
enum { SET_DIGITS = 2, SET_IDX = 3 };
enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, FILES = DATA_FILES };
/* The digits and the published sets are of the same size. */
enum {
    KNOWN_TRAIN = 60000,
    KNOWN_TEST = 10000,
    KNOWN_FEATURES = 784,
    KNOWN_SIDE = 28,
    KNOWN_CLASSES = 10
};

/* Which pixels of a file's images are not zero: num/sparse.h's masks, one image's after the
 * other's. */
struct row_block {
    const uint8_t *pixels; /* of what it was made */
    uint64_t *mask;
};

struct data_store {
    struct arena arena;
    const char *path[FILES]; /* of files that were read */
    struct idx file[FILES];
    uint32_t *index;           /* of training, then validation images */
    struct row_block block[2]; /* training and test images as rows, or empty */
    bool counted;
    double density; /* once counted */
    pthread_t digester;
    bool digesting;
};

/* ---- the spec's section ---- */

static const char *const splits[] = {"tail", "random", "stratified", NULL};
static const char *const scales[] = {"unit", "standard", "none", NULL};

static bool read_validation(struct binder *b, const struct param *p, const struct node *value,
                            void *field)
{
    double v;
    int64_t whole;
    if (node_is_null(value)) {
        *(double *)field = DATA_A_TENTH;
        return true;
    }
    if (!node_as_real(value, &v) || !(v >= 0) ||
        (v >= 1 && (v > floor(v) || v < 2) && !node_as_int(value, &whole)))
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    *(double *)field = v;
    return true;
}

static void write_validation(const void *field, struct strbuf *out)
{
    double v = *(const double *)field;
    if (v < DATA_A_TENTH)
        strbuf_add_real(out, v);
    else
        strbuf_add(out, "null");
}

const struct param data_params[] = {
    P_CHOICE(struct data_config, name, "mnist", data_names,
             "the data set; idx: any four IDX files in dir"),
    P_TEXT(struct data_config, dir, "null",
           "folder of the four IDX files, plain or .gz; default datasets/NAME",
           .nullable = true, .path = true),
    P_INT(struct data_config, seed, "0", AT_LEAST(0),
          "digits only: image i is a function of (seed, i)"),
    P_INT(struct data_config, classes, "null", FROM_TO(2, 256),
          "null: the largest training label + 1", .nullable = true),
    {.name = "validation",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct data_config, validation),
     .fallback = "null",
     .nullable = true,
     .shape = "a count, a fraction in (0, 1), 0 for none, or null",
     .json = "\"anyOf\": [{\"type\": \"null\"}, {\"type\": \"integer\", \"minimum\": 0}, "
             "{\"type\": \"number\", \"exclusiveMinimum\": 0, \"exclusiveMaximum\": 1}]",
     .read = read_validation,
     .write = write_validation,
     .help = "training images to hold out; null: a tenth of the training file"},
    P_CHOICE(struct data_config, validation_split, "tail", splits, "which images are held out"),
    P_INT(struct data_config, folds, "null", FROM_TO(2, 1e6),
          "cross validation in place of 'validation': as many parts, of which one is held out",
          .nullable = true),
    P_INT(struct data_config, fold, "0", AT_LEAST(0), "which part, from 0"),
    P_INT(struct data_config, split_seed, "null", AT_LEAST(0),
          "of a split that is not tail; null: the run's seed", .nullable = true),
    P_INT(struct data_config, train_limit, "null", AT_LEAST(1),
          "only the first N of what remains for training", .unit = "images", .nullable = true),
    P_INT(struct data_config, test_limit, "null", AT_LEAST(1), "only the first N test images",
          .unit = "images", .nullable = true),
    P_CHOICE(
        struct data_config, scale, "unit", scales,
        "unit: x / 255; standard: by the mean and deviation of the training pixels; none: 0 ... 255"),
    P_END};

bool data_has_folds(const struct data_config *c)
{
    return c->folds != PARAM_NULL_INT && c->folds > 1;
}

/* A tenth of the training file, where that is known. */
static double default_validation(const struct data_config *c, struct arena *a)
{
    struct error ignored;
    struct idx x;
    if (c->name == SET_DIGITS)
        return KNOWN_TRAIN / 10;
    struct data_paths p = data_find(a, c, TRAIN_LABELS);
    if (p.n > 0 && idx_read_header(p.path[0], &x, &ignored))
        return floor(x.dim[0] / 10.0 + 0.5);
    return c->name == SET_IDX ? DATA_A_TENTH : KNOWN_TRAIN / 10;
}

void data_config_finish(struct data_config *c, struct arena *a)
{
    if (!c->dir)
        c->dir = arena_printf(a, "datasets/%s", data_names[c->name]);
    if (!(c->validation < DATA_A_TENTH) && !data_has_folds(c))
        c->validation = default_validation(c, a);
}

/* ---- reading ---- */

struct job {
    struct data_paths paths;
    struct idx *file;
    struct error err;
    bool ok;
};

static void *read_job(void *context)
{
    struct job *j = context;
    j->ok = data_read(&j->paths, j->file, &j->err);
    return NULL;
}

/* The big file in this thread, the three others in another. */
static void *read_others(void *context)
{
    struct job *j = context;
    for (int i = 1; i < FILES; i++)
        read_job(&j[i]);
    return NULL;
}

static bool read_files(struct arena *a, const struct data_config *c, struct data_store *s,
                       struct error *err)
{
    struct job job[FILES] = {0};
    pthread_t other;
    for (size_t i = 0; i < FILES; i++) {
        job[i].paths = data_find(a, c, i);
        if (job[i].paths.n == 0)
            return data_explain_missing(c, i, err);
        s->path[i] = job[i].paths.path[0];
        job[i].file = &s->file[i];
    }
    bool threaded = pthread_create(&other, NULL, read_others, job) == 0;
    read_job(&job[0]);
    if (threaded)
        pthread_join(other, NULL);
    else
        read_others(job);
    for (int i = 0; i < FILES; i++)
        if (!job[i].ok) {
            *err = job[i].err;
            return false;
        }
    return true;
}

/* Of a file's images: (N, rows, columns), one channel. */
static struct image_shape shape_of(const struct idx *x)
{
    return (struct image_shape){1, x->dim[1], x->item / x->dim[1]};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The first of the images held out, in the order of the split, and how many there are. */
static size_t held_out(const struct data_config *c, size_t n, size_t *ret_first)
{
    size_t first = 0, end = 0;
    if (data_has_folds(c)) {
        size_t folds = (size_t)c->folds, fold = (size_t)c->fold;
        first = fold * (n / folds) + least(fold, n % folds);
        end = first + n / folds + (fold < n % folds);
    } else {
        double share = c->validation < DATA_A_TENTH ? c->validation : 0.1;
        end = share < 1 ? (size_t)floor(share * (double)n + 0.5) : (size_t)share;
    }
    *ret_first = first;
    return end - first;
}

/* Only as many digits as the limits ask for, where the validation set lies next to the training
 * set. */
static void count_digits(const struct data_config *c, size_t *ret_train, size_t *ret_test)
{
    double train = (double)c->train_limit;
    train =
        c->validation < 1 ? floor(train / (1 - c->validation) + 0.5) : train + c->validation;
    bool few = c->train_limit != PARAM_NULL_INT && train < KNOWN_TRAIN && !data_has_folds(c);
    *ret_train = few ? (size_t)train : KNOWN_TRAIN;
    *ret_test =
        c->test_limit != PARAM_NULL_INT ? least(KNOWN_TEST, (size_t)c->test_limit) : KNOWN_TEST;
}

static void make_digits(const struct data_config *c, struct idx file[FILES])
{
    size_t train, test;
    count_digits(c, &train, &test);
    digits_make((uint64_t)c->seed, 0, (uint32_t)train, &file[TRAIN_IMAGES],
                &file[TRAIN_LABELS]);
    digits_make((uint64_t)c->seed, KNOWN_TRAIN, (uint32_t)test, &file[TEST_IMAGES],
                &file[TEST_LABELS]);
}

/* ---- checks ---- */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool check_pair(const struct data_config *c, const struct data_store *s, int first,
                       struct error *err)
{
    const struct idx *images = &s->file[first], *labels = &s->file[first + 1];
    const char *const *path = s->path + first;
    if (images->dims < 2)
        return error_set(err, ERR_DATA, "%s: has %u dimension; images have at least 2", path[0],
                         images->dims);
    if (labels->dims != 1)
        return error_set(err, ERR_DATA, "%s: has %u dimensions; labels have 1", path[1],
                         labels->dims);
    if (images->dim[0] != labels->dim[0])
        return error_set(err, ERR_DATA, "%s: %u images in %s, but %u labels in %s", c->dir,
                         images->dim[0], base_of(path[0]), labels->dim[0], base_of(path[1]));
    return true;
}

static unsigned largest_label(const struct idx *labels)
{
    unsigned most = 0;
    for (uint32_t i = 0; i < labels->dim[0]; i++)
        most = labels->bytes[i] > most ? labels->bytes[i] : most;
    return most;
}

static bool check_labels(const struct data_store *s, int file, size_t classes,
                         struct error *err)
{
    const struct idx *labels = &s->file[file];
    for (uint32_t i = 0; i < labels->dim[0]; i++)
        if (labels->bytes[i] >= classes)
            return error_set(err, ERR_DATA,
                             "%s: label %u of image %u lies beyond the %zu classes",
                             s->path[file], labels->bytes[i], i, classes);
    return true;
}

static bool check_files(const struct data_config *c, struct data *d, struct error *err)
{
    const struct data_store *s = d->store;
    const struct idx *f = s->file;
    if (!check_pair(c, s, TRAIN_IMAGES, err) || !check_pair(c, s, TEST_IMAGES, err))
        return false;
    if (f[TRAIN_IMAGES].item != f[TEST_IMAGES].item)
        return error_set(err, ERR_DATA, "%s: training images have %zu pixels, test images %zu",
                         c->dir, f[TRAIN_IMAGES].item, f[TEST_IMAGES].item);
    if (f[TRAIN_IMAGES].item > 1000000)
        return error_set(err, ERR_DATA, "%s: images of %zu pixels are too large",
                         s->path[TRAIN_IMAGES], f[TRAIN_IMAGES].item);
    d->classes =
        c->classes == PARAM_NULL_INT ? largest_label(&f[TRAIN_LABELS]) + 1 : (size_t)c->classes;
    if (d->classes < 2)
        return error_set(err, ERR_DATA, "%s: all labels are 0: there is nothing to tell apart",
                         s->path[TRAIN_LABELS]);
    return check_labels(s, TRAIN_LABELS, d->classes, err) &&
           check_labels(s, TEST_LABELS, d->classes, err);
}

/* ---- splits ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* By class, in the order that they have: n more words. */
static void sort_by_class(const struct idx *labels, uint32_t *order, uint32_t *scratch)
{
    size_t n = labels->dim[0], at = 0;
    memcpy(scratch, order, n * sizeof *order);
    for (unsigned k = 0; k < 256; k++)
        for (size_t i = 0; i < n; i++)
            if (labels->bytes[scratch[i]] == k)
                order[at++] = scratch[i];
}

/* Marks `count` images of a random order from `first` on. Stratified: each class's share of them; of
 * folds, every N-th image in the order of classes, so that folds and a class's images in them differ
 * by at most one. */
static void choose_held_out(const struct data_config *c, uint64_t seed,
                            const struct idx *labels, size_t first, size_t count, bool *held)
{
    size_t n = labels->dim[0], step = 1;
    seed = c->split_seed != PARAM_NULL_INT ? (uint64_t)c->split_seed : seed;
    uint32_t *order = mem_array(n, sizeof *order), *scratch = mem_array(n, sizeof *scratch);
    struct rng r = rng_stream(seed, RNG_SPLIT, 0, 0);
    struct data_split all = {.n = n, .labels = labels->bytes};
    bool stratified = c->validation_split == DATA_SPLIT_STRATIFIED;
    if (stratified && !data_has_folds(c)) {
        /* the first batch of a stratified order that no epoch of training has */
        data_order(SAMPLER_STRATIFIED, &all, 0, seed, (uint64_t)1 << 62, count, order, scratch);
    } else {
        for (uint32_t i = 0; i < n; i++)
            order[i] = i;
        rng_shuffle(&r, order, n);
    }
    if (stratified && data_has_folds(c)) {
        sort_by_class(labels, order, scratch);
        first = (size_t)c->fold;
        step = (size_t)c->folds;
    }
    for (size_t i = 0; i < count; i++)
        held[order[first + i * step]] = true;
    mem_free(order);
    mem_free(scratch);
}

static void split(struct data *d, const struct data_config *c, uint64_t seed,
                  const struct data_sizes *sizes)
{
    struct data_store *s = d->store;
    size_t n = s->file[TRAIN_IMAGES].dim[0], first, held_count = held_out(c, n, &first),
           train = 0, valid = 0;
    s->index = mem_array(n + 1, sizeof *s->index);
    bool *held = mem_array(n, sizeof *held);
    if (c->validation_split == DATA_SPLIT_TAIL)
        memset(held + (data_has_folds(c) ? first : n - held_count), 1, held_count);
    else if (held_count > 0)
        choose_held_out(c, seed, &s->file[TRAIN_LABELS], first, held_count, held);
    for (uint32_t i = 0; i < n; i++)
        s->index[held[i] ? n - held_count + valid++ : train++] = i;
    qsort(s->index + train, valid, sizeof *s->index, by_number);
    mem_free(held);
    const uint8_t *pixels = s->file[TRAIN_IMAGES].bytes, *labels = s->file[TRAIN_LABELS].bytes;
    d->train = (struct data_split){
        .n = sizes->train, .pixels = pixels, .labels = labels, .index = s->index};
    d->valid = (struct data_split){
        .n = valid, .pixels = pixels, .labels = labels, .index = s->index + (n - held_count)};
    d->test = (struct data_split){.n = sizes->test,
                                  .pixels = s->file[TEST_IMAGES].bytes,
                                  .labels = s->file[TEST_LABELS].bytes};
}

/* What the spec makes of so many training and test images. */
static bool count_splits(const struct data_config *c, size_t n, size_t test,
                         struct data_sizes *ret, struct error *err)
{
    size_t first, held = held_out(c, n, &first), all = c->name == SET_DIGITS ? KNOWN_TRAIN : n;
    if (data_has_folds(c) && (uint64_t)c->folds > n)
        return error_set_at(err, ERR_USAGE, "dataset.folds",
                            "'dataset.folds' is %lld, but there are %zu training images",
                            (long long)c->folds, n);
    if (held >= n)
        return error_set_at(
            err, ERR_USAGE, "dataset.validation",
            "'dataset.validation' holds out %zu of %zu training images: none are left", held,
            n);
    if (c->validation > 0 && held == 0 && !data_has_folds(c) && c->validation < DATA_A_TENTH)
        return error_set_at(
            err, ERR_USAGE, "dataset.validation",
            "'dataset.validation' is so small a fraction that it holds out no image");
    if (c->train_limit != PARAM_NULL_INT && (uint64_t)c->train_limit > n - held)
        return error_set_at(
            err, ERR_USAGE, "dataset.train_limit",
            "'dataset.train_limit' is %lld, but only %zu training images remain",
            (long long)c->train_limit, all - held);
    if (c->test_limit != PARAM_NULL_INT && (uint64_t)c->test_limit > test)
        return error_set_at(err, ERR_USAGE, "dataset.test_limit",
                            "'dataset.test_limit' is %lld, but there are %zu test images",
                            (long long)c->test_limit, test);
    ret->train = c->train_limit != PARAM_NULL_INT ? (size_t)c->train_limit : n - held;
    ret->valid = held;
    ret->test = c->test_limit != PARAM_NULL_INT ? (size_t)c->test_limit : test;
    return true;
}

/* ---- scale ---- */

static void set_scale(struct data *d, int scale)
{
    d->scale = scale == DATA_SCALE_UNIT ? 1.0f / 255 : 1;
    d->shift = 0;
    if (scale != DATA_SCALE_STANDARD)
        return;
    uint64_t sum = 0, square = 0, count = (uint64_t)d->train.n * d->features;
    for (size_t i = 0; i < d->train.n; i++) {
        const uint8_t *x = d->train.pixels + (size_t)d->train.index[i] * d->features;
        uint32_t a = 0;
        uint64_t b = 0;
        for (size_t j = 0; j < d->features; j++) {
            a += x[j];
            b += (uint32_t)x[j] * x[j];
        }
        sum += a;
        square += b;
    }
    double mean = (double)sum / (double)count,
           variance = (double)square / (double)count - mean * mean;
    double deviation = variance > 0 ? sqrt(variance) : 1;
    d->scale = (float)(1 / deviation);
    d->shift = (float)(-mean / deviation);
}

/* ---- digests, computed while training begins ---- */

static void *digest(void *context)
{
    struct data *d = context;
    for (int i = 0; i < FILES; i++) {
        struct idx *x = &d->store->file[i];
        idx_digest(x);
        memcpy(d->sha256[i], x->sha256, sizeof x->sha256);
    }
    return NULL;
}

void data_digests(struct data *d)
{
    if (d->store->digesting)
        pthread_join(d->store->digester, NULL);
    else if (d->sha256[0][0] == '\0')
        digest(d);
    d->store->digesting = false;
}

/* ---- all together ---- */

bool data_load(const struct data_config *c, uint64_t seed, struct data **ret, struct error *err)
{
    struct data *d = mem_new(sizeof *d);
    struct data_store *s = d->store = mem_new(sizeof *s);
    struct data_sizes sizes = {0};
    arena_init(&s->arena);
    if (c->name == SET_DIGITS)
        make_digits(c, s->file);
    else if (!read_files(&s->arena, c, s, err))
        goto failed;
    if (!check_files(c, d, err))
        goto failed;
    if (!count_splits(c, s->file[TRAIN_IMAGES].dim[0], s->file[TEST_IMAGES].dim[0], &sizes,
                      err))
        goto failed;
    const struct idx *images = &s->file[TRAIN_IMAGES];
    d->features = images->item;
    d->rows = images->dim[1];
    d->cols = images->item / images->dim[1];
    d->image = shape_of(images);
    split(d, c, seed, &sizes);
    set_scale(d, c->scale);
    s->digesting = pthread_create(&s->digester, NULL, digest, d) == 0;
    *ret = d;
    return true;
failed:
    data_free(d);
    return false;
}

void data_free(struct data *d)
{
    if (!d)
        return;
    if (d->store->digesting)
        pthread_join(d->store->digester, NULL);
    for (int i = 0; i < FILES; i++)
        idx_fini(&d->store->file[i]);
    for (int i = 0; i < 2; i++) {
        mem_free(d->store->block[i].mask);
    }
    mem_free(d->store->index);
    arena_fini(&d->store->arena);
    mem_free(d->store);
    mem_free(d);
}

bool data_write(const struct data *d, const char *folder, bool gz, struct error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < FILES; i++) {
        char *path = path_new("%s/%s%s", folder, data_file_names[i], gz ? ".gz" : "");
        const struct idx *x = &d->store->file[i];
        ok = gz ? idx_write_gz(path, x, err) : idx_write(path, x, err);
        mem_free(path);
    }
    return ok;
}

static bool read_header(struct arena *a, const struct data_config *c, size_t file,
                        struct idx *ret, struct error *err)
{
    struct data_paths p = data_find(a, c, file);
    return p.n > 0 ? idx_read_header(p.path[0], ret, err) : data_explain_missing(c, file, err);
}

static bool read_classes(struct arena *a, const struct data_config *c, size_t *ret,
                         struct error *err)
{
    struct idx labels = {0};
    struct data_paths p = data_find(a, c, TRAIN_LABELS);
    if (p.n == 0)
        return data_explain_missing(c, TRAIN_LABELS, err);
    if (!idx_read(p.path[0], &labels, err))
        return false;
    unsigned most = largest_label(&labels);
    *ret = most > 0 ? most + 1 : 0; /* a single class is for data_load to refuse */
    idx_fini(&labels);
    return true;
}

/* Those of the files that are there. */
static bool read_sizes(const struct data_config *c, struct data_sizes *ret, size_t *ret_train,
                       size_t *ret_test, struct error *err)
{
    struct idx train, test;
    struct arena a;
    arena_init(&a);
    bool ok = read_header(&a, c, TRAIN_IMAGES, &train, err) &&
              read_header(&a, c, TEST_IMAGES, &test, err) &&
              (ret->classes > 0 || read_classes(&a, c, &ret->classes, err));
    arena_fini(&a);
    if (!ok)
        return false;
    ret->features = train.item;
    ret->image = shape_of(&train);
    *ret_train = train.dim[0];
    *ret_test = test.dim[0];
    return true;
}

bool data_sizes(const struct data_config *c, struct data_sizes *ret, struct error *err)
{
    size_t n = KNOWN_TRAIN, test = KNOWN_TEST;
    bool set = c->classes != PARAM_NULL_INT;
    *ret = (struct data_sizes){.classes = set ? (size_t)c->classes : 0};
    if (c->name == SET_DIGITS || (c->name != SET_IDX && data_has_no_files(c))) {
        ret->features = KNOWN_FEATURES;
        ret->image = (struct image_shape){1, KNOWN_SIDE, KNOWN_SIDE};
        ret->classes = set ? ret->classes : KNOWN_CLASSES;
        if (c->name == SET_DIGITS)
            count_digits(c, &n, &test);
    } else if (!read_sizes(c, ret, &n, &test, err)) {
        return false;
    }
    return count_splits(c, n, test, ret, err);
}

static VECTORIZED(to_floats,
                  (const uint8_t *restrict pixel, size_t n, float scale, float shift,
                   float *restrict ret),
                  (pixel, n, scale, shift, ret))
{
    for (size_t j = 0; j < n; j++)
        ret[j] = (float)pixel[j] * scale + shift;
}

enum { AHEAD = 4, LINE = 64 };

static void prefetch(const uint8_t *row, size_t n)
{
    for (size_t j = 0; j < n; j += LINE)
        __builtin_prefetch(row + j);
}

static size_t place_of(const struct data_split *s, const uint32_t *idx, size_t first, size_t i)
{
    size_t at = idx ? idx[i] : first + i;
    return s->index ? s->index[at] : at;
}

void data_gather(const struct data *d, const struct data_split *s, const uint32_t *idx,
                 size_t first, size_t n, float *x, size_t ld, uint8_t *y)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = place_of(s, idx, first, i);
        if (i + AHEAD < n) /* rows in random order are what the processor cannot foresee */
            prefetch(s->pixels + place_of(s, idx, first, i + AHEAD) * d->features, d->features);
        to_floats(s->pixels + at * d->features, d->features, d->scale, d->shift, x + i * ld);
        y[i] = s->labels[at];
    }
}

void data_gather_pixels(const struct data *d, const struct data_split *s, const uint32_t *idx,
                        size_t first, size_t n, float *x, size_t ld, uint8_t *y)
{
    size_t pixels = image_pixels(d->image), channels = d->image.channels;
    if (channels == 1 && ld == 1) { /* both orders are one */
        data_gather(d, s, idx, first, n, x, d->features, y);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = place_of(s, idx, first, i);
        const uint8_t *p = s->pixels + at * d->features;
        for (size_t c = 0; c < channels; c++)
            for (size_t k = 0; k < pixels; k++)
                x[(i * pixels + k) * ld + c] = (float)p[c * pixels + k] * d->scale + d->shift;
        y[i] = s->labels[at];
    }
}

/* ---- rows ---- */

static VECTORIZED_TO(size_t, count_nonzero, (const uint8_t *restrict p, size_t n), (p, n))
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += 128) { /* sums that fit a byte */
        uint8_t part = 0;
        for (size_t k = i; k < n && k < i + 128; k++)
            part = (uint8_t)(part + (p[k] != 0));
        count += part;
    }
    return count;
}

double data_density(struct data *d)
{
    struct data_store *s = d->store;
    const struct idx *x = &s->file[TRAIN_IMAGES];
    size_t n = x->dim[0] * x->item;
    if (!s->counted)
        s->density = n > 0 ? (double)count_nonzero(x->bytes, n) / (double)n : 0;
    s->counted = true;
    return s->density;
}

static void mark(const struct idx *x, struct row_block *b)
{
    size_t n = x->dim[0], width = x->item, words = sparse_words(width);
    b->pixels = x->bytes;
    b->mask = mem_array(n * words, sizeof *b->mask);
    for (size_t i = 0; i < n; i++)
        sparse_mask(x->bytes + i * width, width, b->mask + i * words);
}

void data_make_rows(struct data *d)
{
    struct data_store *s = d->store;
    if (s->block[0].mask)
        return;
    mark(&s->file[TRAIN_IMAGES], &s->block[0]);
    mark(&s->file[TEST_IMAGES], &s->block[1]);
}

void data_gather_rows(const struct data *d, const struct data_split *s, const uint32_t *idx,
                      size_t first, size_t n, struct sparse_row *rows, uint8_t *y)
{
    const struct row_block *b = &d->store->block[s->pixels == d->store->block[1].pixels];
    size_t words = sparse_words(d->features);
    for (size_t i = 0; i < n; i++) {
        size_t at = place_of(s, idx, first, i);
        rows[i] = (struct sparse_row){.mask = b->mask + at * words,
                                      .value = b->pixels + at * d->features};
        prefetch((const uint8_t *)rows[i].mask, words * sizeof *rows[i].mask);
        prefetch(rows[i].value, d->features);
        y[i] = s->labels[at];
    }
}
