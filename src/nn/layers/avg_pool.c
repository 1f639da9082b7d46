/* The mean of each window; the padding counts, what sticks out of the padded image does not
 * (PyTorch's count_include_pad). */
#include "nn/layers/pool.h"
#include <string.h>

/* Pixels of the padded image in the window of output i, along an axis. */
static size_t counted(const struct image_windows *w, int axis, size_t i, size_t in)
{
    size_t begin = i * w->stride[axis], end = begin + w->size[axis],
           all = in + 2 * w->padding[axis];
    return (end < all ? end : all) - begin;
}

static float share(const struct image_windows *w, struct image_shape in, size_t oy, size_t ox)
{
    return 1.0f / (float)(counted(w, 0, oy, in.height) * counted(w, 1, ox, in.width));
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    struct image_windows w = pool_windows(c->options);
    struct image_shape in = c->shape->in, out = c->shape->out;
    size_t ld = c->in_ld;
    float *restrict y = c->y;
    for (size_t i = 0; i < c->images; i++)
        for (size_t oy = 0; oy < out.height; oy++)
            for (size_t ox = 0; ox < out.width; ox++, y += ld) {
                size_t y0, y1, x0, x1;
                float part = share(&w, in, oy, ox);
                image_window(&w, 0, oy, in.height, &y0, &y1);
                image_window(&w, 1, ox, in.width, &x0, &x1);
                memset(y, 0, ld * sizeof *y);
                for (size_t iy = y0; iy < y1; iy++)
                    for (size_t ix = x0; ix < x1; ix++) {
                        const float *restrict x =
                            c->x + ((i * in.height + iy) * in.width + ix) * ld;
                        for (size_t j = 0; j < ld; j++)
                            y[j] += x[j];
                    }
                for (size_t j = 0; j < ld; j++)
                    y[j] *= part;
            }
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    struct image_windows w = pool_windows(c->options);
    struct image_shape in = c->shape->in, out = c->shape->out;
    size_t ld = c->in_ld;
    const float *dy = c->dy;
    memset(c->dx, 0, c->n * ld * sizeof *c->dx);
    for (size_t i = 0; i < c->images; i++)
        for (size_t oy = 0; oy < out.height; oy++)
            for (size_t ox = 0; ox < out.width; ox++, dy += ld) {
                size_t y0, y1, x0, x1;
                float part = share(&w, in, oy, ox);
                image_window(&w, 0, oy, in.height, &y0, &y1);
                image_window(&w, 1, ox, in.width, &x0, &x1);
                for (size_t iy = y0; iy < y1; iy++)
                    for (size_t ix = x0; ix < x1; ix++) {
                        float *restrict dx = c->dx + ((i * in.height + iy) * in.width + ix) * ld;
                        for (size_t j = 0; j < ld; j++)
                            dx[j] += dy[j] * part;
                    }
            }
}

const struct layer_kind layer_avg_pool = {
    .base = {.name = "avg_pool",
             .title = "the mean of each window",
             .equation = "y[c, i, j] = mean over k, l of x[c, stride * i + k, stride * j + l]",
             .params = pool_params,
             .options_size = sizeof(struct pool_options),
             .check = pool_check},
    .shape = pool_shape,
    .by_images = true,
    .forward = forward,
    .backward = backward,
};
