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

/* One pixel of the output: the window's largest and which of the window's pixels that is. NaN is
 * passed on: once it is there it stays. */
static inline void take_largest(const float *restrict x, size_t n, uint16_t place,
                                float *restrict y, uint16_t *restrict from)
{
    for (size_t j = 0; j < n; j++) {
        bool more = !(x[j] <= y[j]) && !isnan(y[j]);
        y[j] = more ? x[j] : y[j];
        from[j] = more ? place : from[j];
    }
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    struct windows w = pool_windows(c->options);
    struct image_shape in = c->shape->in, out = c->shape->out;
    size_t ld = c->in_ld;
    float *restrict y = c->y;
    uint16_t spare[16] = {0}, *from = c->saved ? (uint16_t *)(void *)c->saved : NULL;
    for (size_t i = 0; i < c->images; i++)
        for (size_t oy = 0; oy < out.height; oy++)
            for (size_t ox = 0; ox < out.width; ox++, y += ld, from += from ? ld : 0) {
                size_t y0, y1, x0, x1;
                pool_range(&w, 0, oy, in.height, &y0, &y1);
                pool_range(&w, 1, ox, in.width, &x0, &x1);
                for (size_t j = 0; j < ld; j++)
                    y[j] = -INFINITY;
                if (from)
                    memset(from, 0, ld * sizeof *from);
                for (size_t iy = y0; iy < y1; iy++)
                    for (size_t ix = x0; ix < x1; ix++) {
                        const float *x = c->x + ((i * in.height + iy) * in.width + ix) * ld;
                        uint16_t place = (uint16_t)((iy - y0) * (x1 - x0) + (ix - x0));
                        for (size_t j = 0; j < ld; j += 16) {
                            size_t n = ld - j < 16 ? ld - j : 16;
                            take_largest(x + j, n, place, y + j, from ? from + j : spare);
                        }
                    }
            }
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    struct windows w = pool_windows(c->options);
    struct image_shape in = c->shape->in, out = c->shape->out;
    size_t ld = c->in_ld;
    const float *dy = c->dy;
    const uint16_t *from = (const uint16_t *)(const void *)c->saved;
    memset(c->dx, 0, c->n * ld * sizeof *c->dx);
    for (size_t i = 0; i < c->images; i++)
        for (size_t oy = 0; oy < out.height; oy++)
            for (size_t ox = 0; ox < out.width; ox++, dy += ld, from += ld) {
                size_t y0, y1, x0, x1;
                pool_range(&w, 0, oy, in.height, &y0, &y1);
                pool_range(&w, 1, ox, in.width, &x0, &x1);
                for (size_t iy = y0; iy < y1; iy++)
                    for (size_t ix = x0; ix < x1; ix++) {
                        float *restrict dx =
                            c->dx + ((i * in.height + iy) * in.width + ix) * ld;
                        uint16_t place = (uint16_t)((iy - y0) * (x1 - x0) + (ix - x0));
                        for (size_t j = 0; j < ld; j++)
                            dx[j] += from[j] == place ? dy[j] : 0.0f;
                    }
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
