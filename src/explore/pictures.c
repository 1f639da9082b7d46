/* Pictures of images, errors and weights. */
#include "explore/pictures.h"
#include "figure/draw/mosaic.h"
#include "num/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static size_t place_of(const struct data_split *s, size_t i)
{
    return s->index ? s->index[i] : i;
}

static uint8_t label_of(const struct data_split *s, size_t i)
{
    return s->labels[place_of(s, i)];
}

static void put_pixels(const struct data *d, const struct data_split *s, size_t i, float *to)
{
    const uint8_t *pixel = s->pixels + place_of(s, i) * d->features;
    for (size_t k = 0; k < d->features; k++)
        to[k] = (float)pixel[k];
}

/* The class's name, or its number. */
static const char *class_of(struct arena *a, const char *const *name, size_t class)
{
    return name ? name[class] : arena_printf(a, "%zu", class);
}

/* One panel, with numbers that are carried and not drawn. In a column of a paper half as many stand
 * side by side, unless the rows have names. */
static bool write_mosaic(struct mosaic *m, const char *note, const struct curve *curve,
                         size_t curves, const struct picture *x, struct error *err)
{
    struct axes panel = {.title = note, .mosaic = m, .curve = curve, .curves = curves};
    struct figure_text text;
    struct figure f = figure_column(x->title, &panel, 1, x->spec, &text);
    f.appearance = x->appearance;
    if (x->appearance.narrow && !m->row)
        m->columns = (m->columns + 1) / 2;
    mosaic_size(m, m->width < 20 ? 5 : 4, &f.width, &f.height);
    return figure_write(&f, x->path, err);
}

/* n images of a data set. */
static struct mosaic mosaic_of(const struct data *d, size_t n, size_t columns, const float *value)
{
    return (struct mosaic){.n = n,
                           .columns = columns,
                           .width = d->image.width,
                           .height = d->image.height,
                           .channels = d->image.channels,
                           .value = value,
                           .high = 255};
}

/* ---- samples ---- */

/* Numbers of the images of a class, shuffled. */
static size_t shuffled(struct arena *a, const struct data_split *s, size_t class, uint64_t seed,
                       uint32_t **ret)
{
    struct rng r = rng_stream(seed, RNG_FIGURE, class, 0);
    size_t n = 0;
    *ret = arena_alloc(a, (s->n + 1) * sizeof **ret);
    for (uint32_t i = 0; i < s->n; i++)
        if (label_of(s, i) == class)
            (*ret)[n++] = i;
    rng_shuffle(&r, *ret, n);
    return n;
}

/* Where a class has less than `each`, its row ends in empty pictures. */
bool pictures_samples(const struct data *d, const struct data_split *s, uint64_t seed, size_t each,
                      const struct picture *x, struct error *err)
{
    struct arena a;
    arena_init(&a);
    float *value = arena_alloc(&a, d->classes * each * d->features * sizeof *value);
    double *image = arena_alloc(&a, d->classes * each * sizeof *image),
           *label = arena_alloc(&a, d->classes * each * sizeof *label);
    const char **row = arena_alloc(&a, d->classes * sizeof *row);
    size_t shown = 0;
    for (size_t k = 0; k < d->classes; k++) {
        uint32_t *number;
        size_t n = shuffled(&a, s, k, seed, &number);
        row[k] = class_of(&a, d->class_name, k);
        for (size_t i = 0; i < each && i < n; i++, shown++) {
            put_pixels(d, s, number[i], value + (k * each + i) * d->features);
            image[shown] = number[i];
            label[shown] = (double)k;
        }
    }
    struct mosaic m = mosaic_of(d, d->classes * each, each, value);
    m.row = row;
    struct curve c = {.name = "label", .x = image, .y = label, .n = shown};
    bool ok = write_mosaic(&m,
                           arena_printf(&a, "%s: %zu random image%s of each class",
                                        split_info[x->split].images, each, each == 1 ? "" : "s"),
                           &c, 1, x, err);
    arena_fini(&a);
    return ok;
}

/* ---- augmentations ---- */

/* Of each class the first image of the order of samples: as it is, then as each of the epochs
 * sees it. */
bool pictures_augmented(const struct data *d, uint64_t seed, size_t epochs, const struct picture *x,
                        struct error *err)
{
    struct arena a;
    const struct data_split *s = &d->train;
    arena_init(&a);
    size_t each = epochs + 1, rows = 0;
    float *value = arena_alloc(&a, d->classes * each * d->features * sizeof *value);
    double *image = arena_alloc(&a, d->classes * each * sizeof *image),
           *epoch = arena_alloc(&a, d->classes * each * sizeof *epoch);
    const char **row = arena_alloc(&a, d->classes * sizeof *row);
    uint8_t *pixels = arena_alloc(&a, d->features);
    for (size_t k = 0; k < d->classes; k++) {
        uint32_t *number;
        if (shuffled(&a, s, k, seed, &number) == 0)
            continue;
        row[rows] = class_of(&a, d->class_name, k);
        for (size_t e = 0; e < each; e++) {
            float *to = value + (rows * each + e) * d->features;
            put_pixels(d, s, number[0], to);
            if (e > 0)
                data_augment(d, s, place_of(s, number[0]), seed, e, pixels);
            for (size_t i = 0; e > 0 && i < d->features; i++)
                to[i] = (float)pixels[i];
            image[rows * each + e] = number[0];
            epoch[rows * each + e] = (double)e;
        }
        rows++;
    }
    struct mosaic m = mosaic_of(d, rows * each, each, value);
    m.row = row;
    struct curve c = {.name = "epoch", .x = image, .y = epoch, .n = rows * each};
    const char *note = arena_printf(
        &a, "training set: an image of each class, and as the first %zu epochs see it", epochs);
    bool ok = write_mosaic(&m, note, &c, 1, x, err);
    arena_fini(&a);
    return ok;
}

/* ---- errors ---- */

struct wrong {
    size_t image;
    float probability;
};

static int surest_first(const void *a, const void *b)
{
    const struct wrong *x = a, *y = b;
    int by_probability = (x->probability < y->probability) - (x->probability > y->probability);
    return by_probability ? by_probability : (x->image > y->image) - (x->image < y->image);
}

static size_t find_wrong(struct arena *a, const struct predictions *p, struct wrong **ret)
{
    const struct data_split *s = p->split;
    size_t n = 0;
    *ret = arena_alloc(a, (s->n + 1) * sizeof **ret);
    for (size_t i = 0; i < s->n; i++)
        if (p->class[i] != label_of(s, i))
            (*ret)[n++] = (struct wrong){i, p->probability[i]};
    qsort(*ret, n, sizeof **ret, surest_first);
    return n;
}

bool pictures_errors(const struct data *d, const struct predictions *p, size_t most,
                     const struct picture *x, size_t *ret_wrong, struct error *err)
{
    struct arena a;
    const struct data_split *s = p->split;
    struct wrong *w;
    arena_init(&a);
    size_t wrong = find_wrong(&a, p, &w), n = wrong < most ? wrong : most;
    float *value = arena_alloc(&a, (n * d->features + 1) * sizeof *value);
    const char **caption = arena_alloc(&a, (n + 1) * sizeof *caption);
    double *number = arena_alloc(&a, (4 * n + 1) * sizeof *number), *label = number + n,
           *said = label + n, *sure = said + n;
    for (size_t i = 0; i < n; i++) {
        size_t at = w[i].image;
        put_pixels(d, s, at, value + i * d->features);
        number[i] = (double)at;
        label[i] = label_of(s, at);
        said[i] = p->class[at];
        sure[i] = (double)w[i].probability;
        caption[i] =
            arena_printf(&a, "%s → %s  %.0f %%", class_of(&a, d->class_name, label_of(s, at)),
                         class_of(&a, d->class_name, p->class[at]), 100 * sure[i]);
    }
    struct mosaic m = mosaic_of(d, n, n < 10 ? (n > 0 ? n : 1) : 10, value);
    m.caption = caption;
    struct curve c[] = {{.name = "label", .x = number, .y = label, .n = n},
                        {.name = "prediction", .x = number, .y = said, .n = n},
                        {.name = "probability", .x = number, .y = sure, .n = n}};
    const char *note =
        arena_printf(&a,
                     wrong > n ? "%s, label → prediction: %zu of %zu wrong, the %zu surest"
                               : "%s, label → prediction: %zu of %zu wrong, the surest first",
                     split_info[x->split].images, wrong, s->n, n);
    bool ok = write_mosaic(
        &m,
        n > 0 ? note
              : arena_printf(&a, "%s: none of %zu is wrong", split_info[x->split].images, s->n),
        c, 3, x, err);
    *ret_wrong = wrong;
    arena_fini(&a);
    return ok;
}

/* ---- the confusion matrix ---- */

/* The matrix as cells of a heat map, and what its title says. */
struct confusion {
    double *value, *share, *class;
    const char **row, **column;
    size_t right, all, most; /* most: images of the largest class, 10 at least */
};

/* The first label on top, as the matrix is written; what never happened is left blank. */
static struct confusion confusion_of(struct arena *a, const struct data *d, const size_t *count)
{
    size_t classes = d->classes;
    struct confusion c = {.value = arena_alloc(a, classes * classes * sizeof *c.value),
                          .share = arena_alloc(a, classes * classes * sizeof *c.share),
                          .class = arena_alloc(a, classes * sizeof *c.class),
                          .row = arena_alloc(a, classes * sizeof *c.row),
                          .column = arena_alloc(a, classes * sizeof *c.column),
                          .most = 10};
    for (size_t i = 0; i < classes; i++) {
        size_t images = 0, from = (classes - 1 - i) * classes;
        for (size_t j = 0; j < classes; j++)
            images += count[i * classes + j];
        for (size_t j = 0; j < classes; j++) {
            size_t n = count[i * classes + j];
            c.value[from + j] = n > 0 ? (double)n : (double)NAN;
            c.share[from + j] = n > 0 ? (double)n / (double)images : (double)NAN;
        }
        c.column[i] = c.row[classes - 1 - i] = class_of(a, d->class_name, i);
        c.class[i] = (double)i;
        c.right += count[i * classes + i];
        c.all += images;
        c.most = images > c.most ? images : c.most;
    }
    return c;
}

/* Colours go by the share of the label's images: classes are not of one size. They span one image
 * of the largest class to all of them, whatever the model makes of the images. */
bool pictures_confusion(const struct data *d, const size_t *count, const struct picture *x,
                        struct error *err)
{
    struct arena a;
    arena_init(&a);
    struct confusion c = confusion_of(&a, d, count);
    const double range[] = {1 / (double)c.most, 1};
    struct heat_map heat = {.columns = d->classes,
                            .rows = d->classes,
                            .column = c.column,
                            .row = c.row,
                            .x = c.class,
                            .value = c.value,
                            .shade = c.share,
                            .best = d->classes * d->classes,
                            .log = true,
                            .range = range,
                            .whole = true,
                            .label = "share of the label's images"};
    double percent = c.all > 0 ? 100 * (double)c.right / (double)c.all : 0;
    struct axes panel = {.title =
                             arena_printf(&a, "%s: %zu of %zu right (%.2f %%)",
                                          split_info[x->split].images, c.right, c.all, percent),
                         .x_label = "prediction",
                         .y_label = "label",
                         .y_percent = true,
                         .heat = &heat};
    struct figure_text text;
    struct figure f = figure_column(x->title, &panel, 1, x->spec, &text);
    f.width = 1500;
    f.height = 1300;
    f.appearance = x->appearance;
    bool ok = figure_write(&f, x->path, err);
    arena_fini(&a);
    return ok;
}

/* ---- weights ---- */

static int ascending(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A few outliers would leave the rest pale: 99.9 % of the values lie within the scale. */
static double scale_of(struct arena *a, const float *value, size_t n)
{
    float *size = arena_alloc(a, (n + 1) * sizeof *size);
    for (size_t i = 0; i < n; i++)
        size[i] = fabsf(value[i]);
    qsort(size, n, sizeof *size, ascending);
    double scale = n > 0 ? (double)size[(size_t)(0.999 * (double)(n - 1))] : 0;
    return scale > 0 ? scale : 1;
}

/* Of each unit its weights by pixel, to six digits. */
static struct curve *weight_curves(struct arena *a, const float *value, size_t n, size_t length)
{
    struct curve *c = arena_alloc(a, (n + 1) * sizeof *c);
    double *x = arena_alloc(a, (length + 1) * sizeof *x),
           *y = arena_alloc(a, (n * length + 1) * sizeof *y);
    char text[32];
    for (size_t k = 0; k < length; k++)
        x[k] = (double)k;
    for (size_t i = 0; i < n * length; i++) {
        snprintf(text, sizeof text, "%.6g", (double)value[i]);
        y[i] = strtod(text, NULL);
    }
    for (size_t i = 0; i < n; i++)
        c[i] = (struct curve){
            .name = arena_printf(a, "unit %zu", i), .x = x, .y = y + i * length, .n = length};
    return c;
}

/* What each unit of the first layer multiplies with: the whole image, or a window of a
 * convolution's kernel. [unit][channel][row][column] */
struct sights {
    size_t units, channels, height, width;
    bool filters;
    float *value;
};

/* The order of a kernel's rows is (row, column, channel), num/tensor.h. */
static float weight_at(const struct sights *s, const struct model_tensor *w, const float *params,
                       size_t unit, size_t k)
{
    size_t pixels = s->height * s->width, channel = k / pixels, pixel = k % pixels;
    size_t row = s->filters ? pixel * s->channels + channel : k;
    return params[w->offset + row * w->shape.ld + unit];
}

static bool look_through(struct arena *a, struct train *t, const struct data *d, size_t most,
                         struct sights *ret, struct error *err)
{
    const struct model_plan *p = train_plan(t);
    const struct model_tensor *w = p->params > 0 ? &p->param[0] : NULL;
    const float *params, *buffers;
    bool filters = w && w->shape.high > 0 &&
                   w->shape.cols == d->image.channels * w->shape.high * w->shape.wide;
    if (!w || !tensor_is_matrix(w->role) || (!filters && w->shape.cols != d->features))
        return error_set(
            err, ERR_USAGE,
            "the input of the first layer with weights is not the images: there is nothing to draw");
    train_weights(t, &params, &buffers);
    *ret = (struct sights){.units = w->shape.rows < most ? w->shape.rows : most,
                           .channels = d->image.channels,
                           .height = filters ? w->shape.high : d->image.height,
                           .width = filters ? w->shape.wide : d->image.width,
                           .filters = filters};
    size_t length = w->shape.cols;
    ret->value = arena_alloc(a, ret->units * length * sizeof *ret->value);
    for (size_t i = 0; i < ret->units; i++)
        for (size_t k = 0; k < length; k++)
            ret->value[i * length + k] = weight_at(ret, w, params, i, k);
    return true;
}

bool pictures_weights(struct train *t, const struct data *d, size_t most, const struct picture *x,
                      struct error *err)
{
    struct arena a;
    struct sights s = {0};
    arena_init(&a);
    bool ok = look_through(&a, t, d, most, &s, err);
    if (ok) {
        size_t n = s.units, all = train_plan(t)->param[0].shape.rows,
               length = s.channels * s.height * s.width;
        double scale = scale_of(&a, s.value, n * length);
        struct mosaic m = {.n = n,
                           .columns = n < 15    ? (n + 1) / 2
                                      : n <= 60 ? 10
                                                : 15,
                           .width = s.width,
                           .height = s.height,
                           .channels = s.channels,
                           .value = s.value,
                           .low = -scale,
                           .high = scale,
                           .diverging = true,
                           .label = s.channels == 3 ? NULL : "weight"};
        const char *what =
                       s.filters ? "filters of the first convolution" : "units of the first layer",
                   *note = n < all ? arena_printf(&a, "weights of the first %zu of %zu %s", n, all,
                                                  what)
                                   : arena_printf(&a, "weights of the %zu %s", n, what);
        ok = write_mosaic(&m, note, weight_curves(&a, s.value, n, length), n, x, err);
    }
    arena_fini(&a);
    return ok;
}
