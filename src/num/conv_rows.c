/* The rows of pixels that a tile looks at have a border of zeros where taps stick out to the left
 * or right: an image at a time is copied into a buffer where they do. Above and below, taps outside
 * the image are left out. A zero in a chain changes nothing. */
#include "num/conv_rows.h"
#include "num/tensor.h"
#include <string.h>

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool has_border(const struct conv_bordered *b)
{
    return b->left > 0 || b->pixels > b->width || b->top > 0 || b->rows > b->height;
}

size_t conv_border_floats(const struct conv_bordered *b)
{
    return has_border(b) ? b->rows * b->pixels * b->ld + TENSOR_UNIT : 0;
}

const float *conv_with_border(const struct conv_bordered *b, const float *image, float *buffer)
{
    if (!has_border(b))
        return image;
    for (size_t y = 0; y < b->height; y++)
        memcpy(buffer + ((y + b->top) * b->pixels + b->left) * b->ld, image + y * b->width * b->ld,
               b->width * b->ld * sizeof *buffer);
    return buffer;
}

void conv_clear_border(const struct conv_bordered *b, float *buffer)
{
    memset(buffer, 0, conv_border_floats(b) * sizeof *buffer);
}

struct conv_bordered conv_input_of(const struct conv *c, bool rows)
{
    size_t wide = (c->out.width - 1) * c->stride[1] + c->kernel[1],
           high = (c->out.height - 1) * c->stride[0] + c->kernel[0];
    struct conv_bordered b = {.height = c->in.height,
                              .width = c->in.width,
                              .ld = c->in_ld,
                              .left = c->padding[1],
                              .rows = c->in.height,
                              .pixels = larger(c->in.width + c->padding[1], wide)};
    if (rows) {
        b.top = c->padding[0];
        b.rows = larger(c->in.height + c->padding[0], high);
    }
    return b;
}

struct conv_bordered conv_gradient_of(const struct conv *c)
{
    size_t k = c->kernel[1], s = c->stride[1], p = c->padding[1];
    size_t left = k - 1 > p ? (k - 1 - p + s - 1) / s : 0, last = (c->in.width - 1 + p) / s;
    return (struct conv_bordered){.height = c->out.height,
                                  .width = c->out.width,
                                  .ld = c->out_ld,
                                  .left = left,
                                  .rows = c->out.height,
                                  .pixels = left + larger(c->out.width, last + 1)};
}

void conv_run_row(const struct conv_kernels *s, struct conv_tile *t, size_t pixels)
{
    if (t->tap == t->depth) {
        t->depth *= t->taps;
        t->taps = 1;
    }
    const size_t parts = (pixels + s->most - 1) / s->most;
    for (size_t part = 0, x = 0; part < parts; part++) {
        const size_t end = pixels * (part + 1) / parts, n = end - x;
        s->tile[n](t);
        t->a += n * t->pixel;
        t->c += n * t->c_pixel;
        if (t->start)
            t->start += n * t->start_pixel;
        x = end;
    }
}
