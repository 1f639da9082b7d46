/* Batches: bytes of images become floats, or rows of the pixels that are not zero. */
#include "data/internal.h"
#include "util/mem.h"
#include "util/processor.h"
#include <math.h>

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

static size_t place_of(const struct data_batch *b, size_t i)
{
    size_t at = b->idx ? b->idx[i] : b->first + i;
    return b->split->index ? b->split->index[at] : at;
}

/* Image i of the batch as it is taken now: features bytes. */
static const uint8_t *bytes_of(const struct data *d, const struct data_batch *b, size_t i)
{
    const uint8_t *pixels = b->split->pixels;
    size_t at = place_of(b, i);
    if (i + AHEAD < b->n) /* rows in random order are what the processor cannot foresee */
        prefetch(pixels + place_of(b, i + AHEAD) * d->features, d->features);
    if (b->epoch == 0 || !data_augments(d))
        return pixels + at * d->features;
    data_augment(d, b->split, at, b->seed, b->epoch, b->scratch);
    return b->scratch;
}

/* By its own mean and population deviation, as TensorFlow's per_image_standardization: a deviation
 * below 1/sqrt(numbers) counts as that. */
static void own_scale(const uint8_t *x, size_t n, float *ret_scale, float *ret_shift)
{
    uint64_t sum = 0, square = 0;
    for (size_t j = 0; j < n; j++) {
        sum += x[j];
        square += (uint32_t)x[j] * x[j];
    }
    double mean = (double)sum / (double)n, variance = (double)square / (double)n - mean * mean,
           deviation = fmax(sqrt(fmax(variance, 0)), 1 / sqrt((double)n));
    *ret_scale = (float)(1 / deviation);
    *ret_shift = (float)(-mean / deviation);
}

void data_gather(const struct data *d, const struct data_batch *b, float *x, size_t ld, uint8_t *y)
{
    size_t pixels = image_pixels(d->image);
    for (size_t i = 0; i < b->n; i++) {
        const uint8_t *p = bytes_of(d, b, i);
        float scale, shift;
        if (!d->scale) {
            own_scale(p, d->features, &scale, &shift);
            to_floats(p, d->features, scale, shift, x + i * ld);
        }
        for (size_t c = 0; d->scale && c < d->image.channels; c++)
            to_floats(p + c * pixels, pixels, d->scale[c], d->shift[c], x + i * ld + c * pixels);
        y[i] = b->split->labels[place_of(b, i)];
    }
}

void data_gather_pixels(const struct data *d, const struct data_batch *b, float *x, size_t ld,
                        uint8_t *y)
{
    size_t pixels = image_pixels(d->image), channels = d->image.channels;
    if (channels == 1 && ld == 1) { /* both orders are one */
        data_gather(d, b, x, d->features, y);
        return;
    }
    for (size_t i = 0; i < b->n; i++) {
        const uint8_t *p = bytes_of(d, b, i);
        float scale = 1, shift = 0;
        if (!d->scale)
            own_scale(p, d->features, &scale, &shift);
        for (size_t c = 0; c < channels; c++) {
            scale = d->scale ? d->scale[c] : scale;
            shift = d->shift ? d->shift[c] : shift;
            for (size_t k = 0; k < pixels; k++)
                x[(i * pixels + k) * ld + c] = (float)p[c * pixels + k] * scale + shift;
        }
        y[i] = b->split->labels[place_of(b, i)];
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
    const struct idx *x = &s->files.file[TRAIN_IMAGES];
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
    mark(&s->files.file[TRAIN_IMAGES], &s->block[0]);
    mark(&s->files.file[TEST_IMAGES], &s->block[1]);
}

void data_gather_rows(const struct data *d, const struct data_batch *b, struct sparse_row *rows,
                      uint8_t *y)
{
    const struct row_block *r = &d->store->block[b->split->pixels == d->store->block[1].pixels];
    size_t words = sparse_words(d->features);
    for (size_t i = 0; i < b->n; i++) {
        size_t at = place_of(b, i);
        rows[i] = (struct sparse_row){.mask = r->mask + at * words,
                                      .value = r->pixels + at * d->features};
        prefetch((const uint8_t *)rows[i].mask, words * sizeof *rows[i].mask);
        prefetch(rows[i].value, d->features);
        y[i] = b->split->labels[at];
    }
}
