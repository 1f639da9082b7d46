/* How bytes become floats: x = pixel * scale + shift, by channel. */
#include "data/internal.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <math.h>

struct sums {
    uint64_t sum, square, count;
};

/* Of one channel of the training images. */
static struct sums sum_channel(const struct data *d, size_t channel)
{
    size_t pixels = image_pixels(d->image);
    struct sums s = {.count = (uint64_t)d->train.n * pixels};
    for (size_t i = 0; i < d->train.n; i++) {
        const uint8_t *x =
            d->train.pixels + (size_t)d->train.index[i] * d->features + channel * pixels;
        uint32_t a = 0;
        uint64_t b = 0;
        for (size_t j = 0; j < pixels; j++) {
            a += x[j];
            b += (uint32_t)x[j] * x[j];
        }
        s.sum += a;
        s.square += b;
    }
    return s;
}

static void standardise(double mean, double deviation, float *ret_scale, float *ret_shift)
{
    *ret_scale = (float)(1 / deviation);
    *ret_shift = (float)(-mean / deviation);
}

static void by_sums(struct sums s, float *ret_scale, float *ret_shift)
{
    double mean = (double)s.sum / (double)s.count,
           variance = (double)s.square / (double)s.count - mean * mean;
    standardise(mean, variance > 0 ? sqrt(variance) : 1, ret_scale, ret_shift);
}

static void by_training_images(const struct data *d, bool each, float *scale, float *shift)
{
    struct sums all = {0};
    for (size_t k = 0; k < d->image.channels; k++) {
        struct sums s = sum_channel(d, k);
        all.sum += s.sum;
        all.square += s.square;
        all.count += s.count;
        by_sums(s, &scale[k], &shift[k]);
    }
    for (size_t k = 0; !each && k < d->image.channels; k++)
        by_sums(all, &scale[k], &shift[k]);
}

void data_set_scale(struct data *d, const struct data_config *c)
{
    const struct data_scaling *x = &c->scale;
    size_t n = d->image.channels;
    if (x->kind == DATA_SCALE_IMAGE)
        return;
    float *scale = arena_alloc(&d->store->arena, n * sizeof *scale),
          *shift = arena_alloc(&d->store->arena, n * sizeof *shift);
    for (size_t k = 0; k < n; k++) {
        scale[k] = x->kind == DATA_SCALE_UNIT ? 1.0f / 255 : 1;
        shift[k] = 0;
        if (x->kind == DATA_SCALE_NUMBERS)
            standardise(x->mean.v[x->mean.n > 1 ? k : 0],
                        x->deviation.v[x->deviation.n > 1 ? k : 0], &scale[k], &shift[k]);
    }
    if (x->kind == DATA_SCALE_STANDARD || x->kind == DATA_SCALE_CHANNEL)
        by_training_images(d, x->kind == DATA_SCALE_CHANNEL, scale, shift);
    d->scale = scale;
    d->shift = shift;
}

static bool all_below(const struct reals *x, double most)
{
    for (size_t i = 0; i < x->n; i++)
        if (!(x->v[i] < most))
            return false;
    return true;
}

static void add_times_255(struct strbuf *b, const struct reals *x)
{
    for (size_t i = 0; i < x->n; i++)
        strbuf_addf(b, "%s%.7g", i > 0 ? ", " : x->n > 1 ? "[" : "", 255 * x->v[i]);
    strbuf_add(b, x->n > 1 ? "]" : "");
}

/* Numbers of pixels from 0 to 1, as other tools take them, and ours are bytes. */
static void warn_of_units(const struct reals *mean, const struct reals *deviation)
{
    struct strbuf b;
    if (!all_below(mean, 1) || !all_below(deviation, 1))
        return;
    strbuf_init(&b);
    strbuf_add(&b, "{mean: ");
    add_times_255(&b, mean);
    strbuf_add(&b, ", deviation: ");
    add_times_255(&b, deviation);
    log_warn_once("dataset.scale: pixels are 0 to 255 here, and these numbers are of pixels from 0 "
                  "to 1; times 255: 'dataset.scale=%s}'",
                  b.text);
    strbuf_fini(&b);
}

bool data_check_scale(const struct data_config *c, size_t channels, struct error *err)
{
    static const char *const name[] = {"mean", "deviation"};
    const struct reals *const list[] = {&c->scale.mean, &c->scale.deviation};
    for (int i = 0; c->scale.kind == DATA_SCALE_NUMBERS && i < 2; i++) {
        if (list[i]->n > 1 && list[i]->n != channels)
            return error_set(err, ERR_USAGE,
                             "'%s' has %zu numbers, but the images have %zu channel%s", name[i],
                             list[i]->n, channels, channels == 1 ? "" : "s") ||
                   error_blame(err, "dataset.scale.%s", name[i]);
    }
    if (c->scale.kind == DATA_SCALE_NUMBERS)
        warn_of_units(&c->scale.mean, &c->scale.deviation);
    return true;
}

bool data_takes_rows(const struct data_config *c, size_t channels)
{
    const struct data_scaling *x = &c->scale;
    bool alike = x->kind == DATA_SCALE_UNIT || x->kind == DATA_SCALE_NONE ||
                 x->kind == DATA_SCALE_STANDARD ||
                 (x->kind == DATA_SCALE_NUMBERS && x->mean.n == 1 && x->deviation.n == 1) ||
                 (x->kind != DATA_SCALE_IMAGE && channels == 1);
    return alike && c->augment.n == 0;
}
