/* The mean of each channel: an image of one pixel. */
#include "nn/internal.h"
#include <string.h>

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    char text[64];
    (void)options;
    if (!s->image)
        return error_set(err, ERR_USAGE,
                         "a pool takes an image of channels x height x width, not %s",
                         shape_text(s->in, false, text));
    s->out = (struct image_shape){s->in.channels, 1, 1};
    return true;
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    size_t pixels = image_pixels(c->shape->in), ld = c->in_ld;
    double *restrict sum = c->scratch;
    for (size_t i = 0; i < c->images; i++) {
        memset(sum, 0, ld * sizeof *sum);
        for (size_t p = 0; p < pixels; p++) {
            const float *restrict x = c->x + (i * pixels + p) * ld;
            for (size_t j = 0; j < ld; j++)
                sum[j] += (double)x[j];
        }
        float *restrict y = c->y + i * c->out_ld;
        memset(y, 0, c->out_ld * sizeof *y);
        for (size_t j = 0; j < c->in; j++)
            y[j] = (float)(sum[j] / (double)pixels);
    }
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    size_t pixels = image_pixels(c->shape->in), ld = c->in_ld;
    float share = 1.0f / (float)pixels;
    for (size_t i = 0; i < c->images; i++) {
        const float *restrict dy = c->dy + i * c->out_ld;
        for (size_t p = 0; p < pixels; p++) {
            float *restrict dx = c->dx + (i * pixels + p) * ld;
            for (size_t j = 0; j < ld; j++)
                dx[j] = dy[j] * share;
        }
    }
}

const struct layer_kind layer_global_avg_pool = {
    .base = {.name = "global_avg_pool",
             .title = "the mean of each channel: channels x 1 x 1",
             .equation = "y[c] = mean over i, j of x[c, i, j]",
             .source = "Lin, Chen and Yan 2013, arXiv:1312.4400"},
    .shape = shape,
    .forward = forward,
    .backward = backward,
};
