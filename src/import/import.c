/* From a source to a set of images: what all forms have in common. */
#include "data/data.h"
#include "data/packed.h"
#include "import/internal.h"
#include "import/picture.h"
#include "util/file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND(name) extern const struct import_source import_##name;
#include "import/list.inc"
#undef KIND
#define KIND(name) &import_##name,
static const struct import_source *const sources[] = {
#include "import/list.inc"
    NULL};
#undef KIND

static const double a_fifth = 0.2;

/* Less than this machine has. */
static size_t find_most(void)
{
    static const double most = (double)((size_t)1 << 32);
    return (size_t)fmin(most, mem_limit() / 3);
}

void import_number_classes(struct import_set *s, size_t n)
{
    s->classes = n;
    for (size_t k = 0; k < n; k++)
        s->name[k] = arena_printf(&s->arena, "%zu", k);
}

/* ---- one image ---- */

static size_t most_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void note_size(struct import_sizes *z, struct image_shape x, bool first)
{
    z->least.width = first || x.width < z->least.width ? x.width : z->least.width;
    z->least.height = first || x.height < z->least.height ? x.height : z->least.height;
    z->most.width = most_of(z->most.width, x.width);
    z->most.height = most_of(z->most.height, x.height);
}

/* What no training would read is not written. channels: as far as they are known. */
static bool check_largest(const struct import_set *s, size_t channels, struct error *err)
{
    const struct image_shape x = s->image;
    size_t numbers = channels * image_pixels(x);
    if (numbers <= DATA_LARGEST_IMAGE)
        return true;
    double factor = sqrt((double)DATA_LARGEST_IMAGE / (double)numbers);
    size_t width = (size_t)(factor * (double)x.width), height = (size_t)(factor * (double)x.height);
    return error_set(
        err, s->options.width ? ERR_USAGE : ERR_DATA,
        "%s%s: an image of %zu x %zu%s has %zu numbers, and at most %d are trained on: "
        "--size %zux%zu%s makes it smaller",
        s->options.width ? "--size is too large for " : "", s->first, x.width, x.height,
        channels == 3 ? " in colour" : "", numbers, DATA_LARGEST_IMAGE, width > 0 ? width : 1,
        height > 0 ? height : 1,
        channels == 3 && image_pixels(x) <= DATA_LARGEST_IMAGE ? ", or --grey," : "");
}

/* The shape of every image is that of the first one, or as asked for. */
static bool take_shape(struct import_set *s, const struct import_image *x, struct error *err)
{
    const struct import_options *o = &s->options;
    size_t channels = o->grey ? 1 : x->shape.channels;
    bool first = !s->first;
    s->was_colour |= x->shape.channels == 3;
    note_size(&s->sizes, x->shape, first);
    if (first) {
        s->first = arena_strdup(&s->arena, x->place);
        s->image = (struct image_shape){channels, o->height ? o->height : x->shape.height,
                                        o->width ? o->width : x->shape.width};
        if (!check_largest(s, s->grey_files ? 1 : channels, err))
            return false;
    }
    bool other = x->shape.width != s->image.width || x->shape.height != s->image.height;
    s->sizes.resized += other;
    if (other && !o->width)
        return error_set(err, ERR_DATA,
                         "%s is %zu x %zu, %s is %zu x %zu: --size %zux%zu makes them alike",
                         x->place, x->shape.width, x->shape.height, s->first, s->image.width,
                         s->image.height, s->image.width, s->image.height);
    if (channels != s->image.channels)
        return error_set(err, ERR_DATA, "%s has %zu channels, %s has %zu: --grey makes them alike",
                         x->place, channels, s->first, s->image.channels);
    return true;
}

static void make_room(uint8_t **bytes, size_t *room, size_t want)
{
    if (want <= *room)
        return;
    size_t more = most_of(want, 2 * *room + 4096);
    *bytes = mem_grow(*bytes, *room, more);
    *room = more;
}

/* As the options ask, into `to`. */
static void convert(const struct import_set *s, const struct import_image *x, uint8_t *to)
{
    struct image_shape from = x->shape;
    uint8_t *grey = NULL;
    const uint8_t *bytes = x->bytes;
    if (s->options.grey && from.channels == 3) {
        bytes = grey = mem_unset(image_pixels(from), 1);
        picture_grey(x->bytes, image_pixels(from), grey);
        from.channels = 1;
    }
    if (from.width == s->image.width && from.height == s->image.height)
        memcpy(to, bytes, image_numbers(from));
    else
        picture_resize(bytes, from, s->image, to);
    if (s->options.invert)
        picture_invert(to, image_numbers(s->image));
    mem_free(grey);
}

bool import_add(struct import_set *s, int part, const struct import_image *x, unsigned label,
                struct error *err)
{
    struct import_part *p = &s->part[part];
    if (!take_shape(s, x, err))
        return false;
    size_t item = image_numbers(s->image);
    if (p->n >= UINT32_MAX || (p->n + 1) > s->most / item)
        return error_set(err, ERR_SYSTEM,
                         "%s: more images than this machine has memory for (%.1f GB)", x->place,
                         (double)s->most / 1e9);
    make_room(&p->pixels, &p->pixel_room, (p->n + 1) * item);
    make_room(&p->labels, &p->label_room, p->n + 1);
    convert(s, x, p->pixels + p->n * item);
    p->labels[p->n++] = (uint8_t)label;
    return true;
}

bool import_shape_of_row(const struct import_set *s, const char *place, size_t n,
                         struct image_shape *ret, struct error *err)
{
    const struct import_options *o = &s->options;
    size_t side = (size_t)lround(sqrt((double)n));
    *ret = (struct image_shape){1, side, side};
    if (o->width * o->height == n)
        *ret = (struct image_shape){1, o->height, o->width};
    else if (n == 0 || side * side != n)
        return error_set(err, ERR_DATA,
                         "%s: %zu pixels are no square; --size WIDTHxHEIGHT says how they lie",
                         place, n);
    return true;
}

/* ---- the whole ---- */

/* Three equal channels are one. */
static bool is_grey(const struct import_set *s)
{
    size_t n = image_pixels(s->image);
    for (int k = 0; k < IMPORT_PARTS; k++)
        for (size_t i = 0; i < s->part[k].n; i++) {
            const uint8_t *p = s->part[k].pixels + 3 * n * i;
            if (memcmp(p, p + n, n) != 0 || memcmp(p, p + 2 * n, n) != 0)
                return false;
        }
    return true;
}

static void drop_channels(struct import_set *s)
{
    size_t n = image_pixels(s->image);
    for (int k = 0; k < IMPORT_PARTS; k++)
        for (size_t i = 0; i < s->part[k].n; i++)
            memmove(s->part[k].pixels + n * i, s->part[k].pixels + 3 * n * i, n);
    s->image.channels = 1;
}

void import_count(const struct import_part *p, size_t ret[IMPORT_CLASSES_MAX])
{
    memset(ret, 0, IMPORT_CLASSES_MAX * sizeof *ret);
    for (size_t i = 0; i < p->n; i++)
        ret[p->labels[i]]++;
}

/* One image's place in the new order. */
struct turn {
    size_t from, rank, of; /* number `rank` of the `of` images of its class */
    uint8_t label;
    bool test;
};

/* Classes mixed evenly: by the share of its class that comes before an image. */
static int by_share(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    uint64_t left = (2 * (uint64_t)x->rank + 1) * y->of,
             right = (2 * (uint64_t)y->rank + 1) * x->of;
    if (left != right)
        return left < right ? -1 : 1;
    return x->label < y->label ? -1 : x->label > y->label;
}

/* How many of n images are for the test: at least one is trained on. */
static size_t test_images(double share, size_t n)
{
    size_t k = (size_t)lround(share * (double)n);
    return k < n ? k : n - 1;
}

static void copy_part(const struct import_set *s, const struct turn *p, size_t n, bool test,
                      struct import_part *ret)
{
    size_t item = image_numbers(s->image);
    *ret = (struct import_part){.pixels = mem_unset(n, item), .labels = mem_unset(n, 1)};
    for (size_t i = 0; i < n; i++)
        if (p[i].test == test) {
            memcpy(ret->pixels + ret->n * item, s->part[IMPORT_TRAIN].pixels + p[i].from * item,
                   item);
            ret->labels[ret->n++] = p[i].label;
        }
}

/* The last share of each class is the test set; what stands class after class is mixed. */
static void rearrange(struct import_set *s, double share)
{
    struct import_part *all = &s->part[IMPORT_TRAIN], train, test;
    size_t count[IMPORT_CLASSES_MAX], rank[IMPORT_CLASSES_MAX] = {0}, n = all->n;
    struct turn *p = mem_array(n, sizeof *p);
    import_count(all, count);
    for (size_t i = 0; i < n; i++) {
        uint8_t k = all->labels[i];
        size_t held = share > 0 ? test_images(share, count[k]) : 0;
        p[i] = (struct turn){.from = i, .rank = rank[k]++, .of = count[k], .label = k};
        p[i].test = p[i].rank >= count[k] - held;
    }
    if (s->mixed)
        qsort(p, n, sizeof *p, by_share);
    copy_part(s, p, n, false, &train);
    if (share > 0) {
        copy_part(s, p, n, true, &test);
        s->part[IMPORT_TEST] = test;
    }
    mem_free(p);
    mem_free(all->pixels);
    mem_free(all->labels);
    *all = train;
}

enum { COLUMN_BYTES = 256 };

/* Of a table: which column was taken for the labels, and how to take another. */
static const char *label_column(const struct import_set *s, char ret[COLUMN_BYTES])
{
    ret[0] = '\0';
    if (s->label)
        snprintf(ret, COLUMN_BYTES, " (labels: %.150s; --label names another column)", s->label);
    return ret;
}

/* count: of each class's images, which are all in the training set. */
static bool no_test(const struct import_set *s, const char *source, const size_t *count,
                    struct error *err)
{
    char column[COLUMN_BYTES];
    size_t most = 0;
    for (size_t k = 0; k < IMPORT_CLASSES_MAX; k++)
        most = count[k] > most ? count[k] : most;
    if (most < 2)
        return error_set(err, ERR_DATA,
                         "%s: each class has one image only, which is trained on; for a test set, "
                         "a class needs two%s",
                         source, label_column(s, column));
    return error_set(err, ERR_DATA,
                     "%s: no class has enough images for a test set of %g of each; '--test %.2g' "
                     "takes one of %zu",
                     source, s->options.test, 1 / (double)most, most);
}

static bool check_counts(const struct import_set *s, const char *source, struct error *err)
{
    char column[COLUMN_BYTES];
    size_t count[IMPORT_CLASSES_MAX], test[IMPORT_CLASSES_MAX], there = 0;
    import_count(&s->part[IMPORT_TRAIN], count);
    import_count(&s->part[IMPORT_TEST], test);
    for (size_t k = 0; k < IMPORT_CLASSES_MAX; k++) {
        there += count[k] > 0;
        if (test[k] > 0 && count[k] == 0)
            return error_set(err, ERR_DATA, "%s: class %s has test images but none to train on",
                             source, s->name[k]);
    }
    if (there == 0)
        return error_set(err, ERR_DATA, "%s holds no image", source);
    if (there < 2)
        return error_set(err, ERR_DATA,
                         "%s holds images of one class only: there is nothing to tell apart%s",
                         source, label_column(s, column));
    return s->part[IMPORT_TEST].n > 0 || no_test(s, source, count, err);
}

/* What holds of all forms once the images are there. */
static bool finish(struct import_set *s, const char *source, struct error *err)
{
    for (int k = 0; k < IMPORT_PARTS; k++)
        for (size_t i = 0; s->image.channels && i < s->part[k].n * image_numbers(s->image); i++)
            if (s->part[k].pixels[i] > s->brightest)
                s->brightest = s->part[k].pixels[i];
    if (s->grey_files && s->image.channels == 3 && is_grey(s))
        drop_channels(s);
    if (s->first && !check_largest(s, s->image.channels, err))
        return false;
    if (s->has_test && !isnan(s->options.test))
        return error_set(err, ERR_USAGE, "%s has a test set of its own: --test is of no use",
                         source);
    if (isnan(s->options.test))
        s->options.test = a_fifth;
    if (s->part[IMPORT_TRAIN].n > 0 && (!s->has_test || s->mixed))
        rearrange(s, s->has_test ? 0 : s->options.test);
    return check_counts(s, source, err);
}

/* ---- which form it is ---- */

/* A file's first bytes, of a .gz what it holds. */
static bool read_head(const char *path, uint8_t ret[IMPORT_HEAD], size_t *ret_n, struct error *err)
{
    struct packed *p = packed_open(path, err);
    bool ok = p && packed_read(p, ret, IMPORT_HEAD, ret_n, err);
    packed_close(p);
    return ok;
}

static bool begins(const uint8_t *head, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(head, with, strlen(with)) == 0;
}

static const struct import_source *recognise(const char *path, const uint8_t *head, size_t n)
{
    bool folder = file_is_folder(path);
    for (size_t i = 0; sources[i]; i++)
        if (folder ? !sources[i]->is : sources[i]->is && sources[i]->is(head, n))
            return sources[i];
    return NULL;
}

/* Forms that people have and that are not read, with the way out. */
static bool explain_unknown(const char *path, const uint8_t *head, size_t n, struct error *err)
{
    static const struct {
        const char *begin, *what;
    } known[] = {
        {"\211PNG", "is one picture; a folder of folders, one a class, is a data set; "
                    "'descent eval FOLDER --image FILE.png' shows what a model sees in one"},
        {"\223NUMPY", "is one array; numpy.savez(FILE, x_train=..., y_train=...) makes an .npz"},
        {"\377\330\377", "is a JPEG; only PNG files in folders are read"},
        {"\211HDF", "is an HDF5 file; numpy.savez makes an .npz of its arrays"},
        {"PAR1", "is a Parquet file; pandas' to_csv makes a CSV of it"},
        {"7z\274\257", "is a 7z archive: unpack it, and import the folder"},
        {"Rar!", "is a RAR archive: unpack it, and import the folder"},
        {"%PDF", "is a PDF"},
        {"\377\376", "is text in UTF-16; 'iconv -f UTF-16 -t UTF-8 FILE > NEW' makes UTF-8 of it"},
        {"\376\377", "is text in UTF-16; 'iconv -f UTF-16 -t UTF-8 FILE > NEW' makes UTF-8 of it"},
    };
    if (n == 0)
        return error_set(err, ERR_DATA, "%s is empty", path);
    if (n > 3 && head[0] == 0 && head[1] == 0 && head[2] == 8)
        return error_set(err, ERR_DATA,
                         "%s is an IDX file: no import is needed; 'dataset: {name: idx, dir: "
                         "FOLDER}' reads its folder",
                         path);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (begins(head, n, known[i].begin))
            return error_set(err, ERR_DATA, "%s %s", path, known[i].what);
    return error_set(err, ERR_DATA,
                     "%s is neither a folder of PNG files, nor a CSV, nor an .npz, nor CIFAR-10's "
                     "archive",
                     path);
}

bool import_read(const char *source, const struct import_options *o, struct import_set *ret,
                 struct error *err)
{
    uint8_t head[IMPORT_HEAD];
    size_t n = 0;
    *ret = (struct import_set){.options = *o, .most = find_most()};
    arena_init(&ret->arena);
    if (!file_is_folder(source) && !read_head(source, head, &n, err))
        return false;
    const struct import_source *kind = recognise(source, head, n);
    if (!kind)
        return explain_unknown(source, head, n, err);
    if (o->label && !kind->has_label)
        return error_set(err, ERR_USAGE, "--label is of a CSV; %s is %s", source, kind->name);
    return kind->read(ret, source, err) && finish(ret, source, err);
}

void import_fini(struct import_set *s)
{
    for (int k = 0; k < IMPORT_PARTS; k++) {
        mem_free(s->part[k].pixels);
        mem_free(s->part[k].labels);
    }
    arena_fini(&s->arena);
}
