/* Images to vectors, ordered (channel, row, column) as the world has them, so that weights go both
 * ways. */
#include "nn/internal.h"
#include <stdio.h>
#include <string.h>

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    (void)options, (void)err;
    s->out = (struct image_shape){image_numbers(s->in), 1, 1};
    s->out_image = false;
    s->passes = image_pixels(s->in) == 1 && s->in_ld % 16 == 0;
    s->out_ld = s->passes ? s->in_ld : 0;
    if (s->image)
        snprintf(s->detail, sizeof s->detail, "%zu x %zu x %zu", s->in.channels, s->in.height,
                 s->in.width);
    return true;
}

static void forward(const struct layer_call *c)
{
    size_t pixels = image_pixels(c->shape->in), used = c->in * pixels;
    for (size_t i = 0; i < c->images; i++) {
        const float *x = c->x + i * pixels * c->in_ld;
        float *y = c->y + i * c->out_ld;
        for (size_t k = 0; k < c->in; k++)
            for (size_t p = 0; p < pixels; p++)
                y[k * pixels + p] = x[p * c->in_ld + k];
        memset(y + used, 0, (c->out_ld - used) * sizeof *y);
    }
}

static void backward(const struct layer_call *c)
{
    size_t pixels = image_pixels(c->shape->in);
    for (size_t i = 0; i < c->images; i++) {
        const float *dy = c->dy + i * c->out_ld;
        float *dx = c->dx + i * pixels * c->in_ld;
        for (size_t p = 0; p < pixels; p++) {
            for (size_t k = 0; k < c->in; k++)
                dx[p * c->in_ld + k] = dy[k * pixels + p];
            memset(dx + p * c->in_ld + c->in, 0, (c->in_ld - c->in) * sizeof *dx);
        }
    }
}

const struct layer_kind layer_flatten = {
    .base = {.name = "flatten", .title = "an image as one vector: (channel, row, column)"},
    .shape = shape,
    .flattens = true,
    .forward = forward,
    .backward = backward,
};
