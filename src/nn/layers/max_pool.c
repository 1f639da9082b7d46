/* The largest of each window, the first of equals; its gradient goes there. Outside the image is
 * -infinity. */
#include "nn/layers/pool.h"

struct max_pool max_pool_make(const struct pool_options *o, const struct layer_shape *s)
{
    return (struct max_pool){
        .in = s->in, .out = s->out, .ld = s->in_ld, .windows = pool_windows(o)};
}

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    if (!pool_shape(options, s, err))
        return false;
    s->saved = (image_pixels(s->out) * s->in_ld + 1) / 2; /* uint16_t */
    return true;
}

static void forward(const struct layer_call *c)
{
    const struct max_pool p = max_pool_make(c->options, c->shape);
    size_t in = image_pixels(p.in) * p.ld, out = image_pixels(p.out) * p.ld;
    uint16_t *from = (uint16_t *)(void *)c->saved;
    for (size_t i = 0; i < c->images; i++)
        max_pool_forward(&p, c->x + i * in, false, c->y + i * out, from ? from + i * out : NULL);
}

static void backward(const struct layer_call *c)
{
    const struct max_pool p = max_pool_make(c->options, c->shape);
    size_t in = image_pixels(p.in) * p.ld, out = image_pixels(p.out) * p.ld;
    const uint16_t *from = (const uint16_t *)(const void *)c->saved;
    for (size_t i = 0; i < c->images; i++) {
        const struct max_pool_gradient g = {
            .dy = c->dy + i * out, .from = from + i * out, .count = p.in.channels};
        max_pool_backward(&p, &g, c->dx + i * in);
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
