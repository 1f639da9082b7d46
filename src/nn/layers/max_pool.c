/* The largest of each window, the first of equals; its gradient goes there. Outside the image is
 * -infinity. */
#include "nn/layers/pool.h"
#include <math.h>
#include <string.h>

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    if (!pool_shape(options, s, err))
        return false;
    s->saved = (image_pixels(s->out) * s->in_ld + 1) / 2; /* uint16_t */
    return true;
}

enum { STEP = 16 };

/* The part of a window that lies in the image: floats from one row of it to the next. */
struct part {
    size_t rows, columns, row, ld;
};

/* One pixel of the output, n <= STEP channels of it: the window's largest and which of the part's
 * pixels that is. NaN is passed on: once it is there it stays. */
static inline __attribute__((always_inline)) void take_largest(const struct part *w,
                                                               const float *restrict x, size_t n,
                                                               float *restrict y,
                                                               uint16_t *restrict from)
{
    float best[STEP];
    int32_t place[STEP] = {0}, at = 0;
    memcpy(best, x, n * sizeof *best);
    for (size_t r = 0; r < w->rows; r++)
        for (size_t c = 0; c < w->columns; c++, at++) {
            const float *restrict p = x + r * w->row + c * w->ld;
            for (size_t j = 0; j < n; j++) {
                bool more = !(p[j] <= best[j]) && !isnan(best[j]);
                best[j] = more ? p[j] : best[j];
                place[j] = more ? at : place[j];
            }
        }
    memcpy(y, best, n * sizeof *best);
    for (size_t j = 0; from && j < n; j++)
        from[j] = (uint16_t)place[j];
}

/* dy to where the largest was. */
static inline __attribute__((always_inline)) void give_back(const struct part *w,
                                                            const float *restrict dy,
                                                            const uint16_t *restrict from, size_t n,
                                                            float *restrict dx)
{
    int32_t place[STEP] = {0}, at = 0;
    for (size_t j = 0; j < n; j++)
        place[j] = from[j];
    for (size_t r = 0; r < w->rows; r++)
        for (size_t c = 0; c < w->columns; c++, at++) {
            float *restrict to = dx + r * w->row + c * w->ld;
            for (size_t j = 0; j < n; j++)
                to[j] += place[j] == at ? dy[j] : 0.0f;
        }
}

/* Of output pixel (oy, ox): where the part begins in an image. */
static inline size_t part_of(const struct windows *w, const struct layer_call *c, size_t oy,
                             size_t ox, struct part *ret)
{
    struct image_shape in = c->shape->in;
    size_t y0, y1, x0, x1;
    pool_range(w, 0, oy, in.height, &y0, &y1);
    pool_range(w, 1, ox, in.width, &x0, &x1);
    *ret = (struct part){y1 - y0, x1 - x0, in.width * c->in_ld, c->in_ld};
    return (y0 * in.width + x0) * c->in_ld;
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    struct windows w = pool_windows(c->options);
    struct image_shape out = c->shape->out;
    size_t ld = c->in_ld, image = image_pixels(c->shape->in) * ld;
    float *y = c->y;
    uint16_t *from = c->saved ? (uint16_t *)(void *)c->saved : NULL;
    for (size_t i = 0; i < c->images; i++)
        for (size_t oy = 0; oy < out.height; oy++)
            for (size_t ox = 0; ox < out.width; ox++, y += ld) {
                struct part p;
                const float *x = c->x + i * image + part_of(&w, c, oy, ox, &p);
                size_t j = 0;
                for (; j + STEP <= ld && from; j += STEP)
                    take_largest(&p, x + j, STEP, y + j, from + j);
                for (; j + STEP <= ld; j += STEP)
                    take_largest(&p, x + j, STEP, y + j, NULL);
                if (j < ld)
                    take_largest(&p, x + j, ld - j, y + j, from ? from + j : NULL);
                if (from)
                    from += ld;
            }
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    struct windows w = pool_windows(c->options);
    struct image_shape out = c->shape->out;
    size_t ld = c->in_ld, image = image_pixels(c->shape->in) * ld;
    const float *dy = c->dy;
    const uint16_t *from = (const uint16_t *)(const void *)c->saved;
    memset(c->dx, 0, c->n * ld * sizeof *c->dx);
    for (size_t i = 0; i < c->images; i++)
        for (size_t oy = 0; oy < out.height; oy++)
            for (size_t ox = 0; ox < out.width; ox++, dy += ld, from += ld) {
                struct part p;
                float *dx = c->dx + i * image + part_of(&w, c, oy, ox, &p);
                size_t j = 0;
                for (; j + STEP <= ld; j += STEP)
                    give_back(&p, dy + j, from + j, STEP, dx + j);
                if (j < ld)
                    give_back(&p, dy + j, from + j, ld - j, dx + j);
            }
}

const struct layer_kind layer_max_pool = {
    .base = {.name = "max_pool",
             .title = "the largest of each window",
             .equation = "y[c, i, j] = max over k, l of x[c, stride * i + k, stride * j + l]",
             .params = pool_params,
             .options_size = sizeof(struct pool_options),
             .check = pool_check},
    .shape = shape,
    .forward = forward,
    .backward = backward,
};
