#include "num/conv_behind.h"
#include "num/tensor.h"
#include "util/processor.h"

size_t conv_behind_work_thread(const struct conv *c)
{
    return image_pixels(c->out) * c->out_ld;
}

/* Floats of an image of y. */
static size_t y_floats(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    return image_pixels(b->behind.pool ? b->behind.pool->out : c->out) * c->out_ld;
}

/* ---- forward ---- */

static VECTORIZED(clip, (float *x, size_t n), (x, n))
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[i] <= 0 ? 0.0f : x[i];
}

float *conv_behind_target(const struct conv_batch *b, size_t i, float *room)
{
    return b->behind.pool ? room : b->y + i * y_floats(b);
}

void conv_behind_forward(const struct conv_batch *b, size_t i, float *room)
{
    size_t at = i * y_floats(b);
    if (b->behind.pool)
        max_pool_forward(b->behind.pool, room, b->behind.relu, b->y + at,
                         b->from ? b->from + at : NULL);
    else if (b->behind.relu)
        clip(b->y + at, y_floats(b));
}

/* ---- the way back ---- */

/* ReLU's: dy where y is above 0 (or NaN). */
static VECTORIZED(mask,
                  (const float *restrict dy, const float *restrict y, size_t n,
                   float *restrict ret),
                  (dy, y, n, ret))
{
    for (size_t i = 0; i < n; i++)
        ret[i] = dy[i] * (y[i] <= 0 ? 0.0f : 1.0f);
}

const float *conv_behind_relu_gradient(const struct conv_batch *b, size_t i, float *room)
{
    size_t at = i * y_floats(b);
    if (!b->behind.relu)
        return b->dy + at;
    mask(b->dy + at, b->y + at, y_floats(b), room);
    return room;
}

const float *conv_behind_gradient(const struct conv_batch *b, size_t i, size_t first, size_t count,
                                  float *room)
{
    const struct conv *c = b->shape;
    size_t at = i * y_floats(b), ld = c->out_ld, begin = first / TENSOR_UNIT * TENSOR_UNIT,
           n = tensor_pad(first + count) - begin;
    if (b->behind.pool) {
        const struct max_pool_gradient g = {.dy = b->dy + at,
                                            .y = b->behind.relu ? b->y + at : NULL,
                                            .from = b->from + at,
                                            .first = first,
                                            .count = count};
        max_pool_backward(b->behind.pool, &g, room);
        return room;
    }
    if (!b->behind.relu)
        return b->dy + at;
    if (n == ld)
        mask(b->dy + at, b->y + at, y_floats(b), room);
    for (size_t k = 0; n < ld && k < image_pixels(c->out); k++)
        mask(b->dy + at + k * ld + begin, b->y + at + k * ld + begin, n, room + k * ld + begin);
    return room;
}

static VECTORIZED_TO(size_t, count_numbers, (const float *x, size_t n), (x, n))
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += !(x[i] >= 0 && x[i] <= 0);
    return count;
}

static VECTORIZED_TO(size_t, count_passing, (const float *x, const float *y, size_t n), (x, y, n))
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += !(x[i] >= 0 && x[i] <= 0) & !(y[i] <= 0);
    return count;
}

/* Below this share of numbers that are not 0. */
static const double mostly_zero_below = 0.35;

/* One image of so many is counted: lists and dense sums have the same bits, so a guess will do. */
enum { COUNTED_OF = 8 };

bool conv_behind_mostly_zero(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    size_t each = y_floats(b), images = 0, count = 0;
    for (size_t i = 0; i < b->images; i += COUNTED_OF, images++) {
        const float *dy = b->dy + i * each, *y = b->y + i * each;
        count += b->behind.relu ? count_passing(dy, y, each) : count_numbers(dy, each);
    }
    return (double)count <
           mostly_zero_below * (double)(images * image_pixels(c->out) * c->out.channels);
}
