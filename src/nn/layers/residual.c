/* Residual learning (He et al. 2015, arXiv:1512.03385): y = f(x) + shortcut(x). The plan makes
 * steps of f's layers, of the shortcut's, and of the sum. */
#include "nn/internal.h"
#include <stdio.h>
#include <string.h>

/* ---- the sum ---- */

static VECTORIZED(add, (const struct layer_call *c), (c))
{
    const float *restrict x = c->x, *restrict other = c->other;
    float *restrict y = c->y;
    for (size_t i = 0; i < c->n * c->in_ld; i++)
        y[i] = x[i] + other[i];
}

/* Its gradient is that of both, as it is (nn/memory.c). */
const struct layer_kind residual_add = {
    .base = {.name = "(sum)"},
    .shape = shape_unchanged,
    .by_images = true,
    .forward = add,
};

/* ---- the shortcut that pads: option A of section 3.3 ---- */

static bool pad_shape(const void *options, struct layer_shape *s, struct error *err)
{
    const struct residual_pad_options *o = options;
    char text[64];
    if (o->out < s->in.channels)
        return error_set(err, ERR_USAGE,
                         "'shortcut: pad' adds channels, but the residual makes %zu of %s", o->out,
                         shape_text(s->in, s->image, text));
    s->out = (struct image_shape){o->out, (s->in.height - 1) / o->stride[0] + 1,
                                  (s->in.width - 1) / o->stride[1] + 1};
    snprintf(s->detail, sizeof s->detail, "%zu channels before, %zu after",
             (o->out - s->in.channels) / 2,
             o->out - s->in.channels - (o->out - s->in.channels) / 2);
    return true;
}

/* A pixel of the output is one of the input, its channels between zeros. */
static void pad_forward(const struct layer_call *c)
{
    const struct residual_pad_options *o = c->options;
    struct image_shape in = c->shape->in, out = c->shape->out;
    size_t before = (c->out - c->in) / 2;
    float *y = c->y;
    memset(y, 0, c->images * image_pixels(out) * c->out_ld * sizeof *y);
    for (size_t i = 0; i < c->images; i++)
        for (size_t row = 0; row < out.height; row++)
            for (size_t column = 0; column < out.width; column++, y += c->out_ld) {
                size_t pixel =
                    (i * in.height + row * o->stride[0]) * in.width + column * o->stride[1];
                memcpy(y + before, c->x + pixel * c->in_ld, c->in * sizeof *y);
            }
}

static void pad_backward(const struct layer_call *c)
{
    const struct residual_pad_options *o = c->options;
    struct image_shape in = c->shape->in, out = c->shape->out;
    size_t before = (c->out - c->in) / 2;
    const float *dy = c->dy;
    memset(c->dx, 0, c->n * c->in_ld * sizeof *c->dx);
    for (size_t i = 0; i < c->images; i++)
        for (size_t row = 0; row < out.height; row++)
            for (size_t column = 0; column < out.width; column++, dy += c->out_ld) {
                size_t pixel =
                    (i * in.height + row * o->stride[0]) * in.width + column * o->stride[1];
                memcpy(c->dx + pixel * c->in_ld, dy + before, c->in * sizeof *dy);
            }
}

const struct layer_kind residual_pad = {
    .base = {.name = "(shortcut)"},
    .shape = pad_shape,
    .by_images = true,
    .forward = pad_forward,
    .backward = pad_backward,
};

/* ---- what stands in a list ---- */

static bool no_shape(const void *options, struct layer_shape *s, struct error *err)
{
    (void)options, (void)s;
    return error_set(err, ERR_USAGE, "a residual is no single step");
}

static const char *const shortcuts[] = {"identity", "pad", "conv", NULL};
static const struct param params[] = {
    P_KINDS(struct residual_options, layers, NULL, &layer_registry, "the layers of f, in order",
            .form = KIND_AS_KEY),
    P_CHOICE(
        struct residual_options, shortcut, "identity", shortcuts,
        "what is added to f(x): x; every stride-th pixel of x, padded with channels of 0; or a "
        "1 x 1 convolution of x, with batch norm where f has one"),
    P_END};

const struct layer_kind layer_residual = {
    .base = {.name = "residual",
             .title = "residual: layers and a shortcut around them",
             .equation = "y = f(x) + shortcut(x)",
             .source = "He et al. 2015, arXiv:1512.03385",
             .params = params,
             .options_size = sizeof(struct residual_options)},
    .shape = no_shape,
};
