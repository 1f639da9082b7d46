#include "num/conv_beside.h"
#include "num/tensor.h"
#include <string.h>

/* Rows up to so many pixels, whose tiles would be a few sums; and two tiles of the most pixels. */
enum { SHORT_ROW = 6, PIXELS = 28 };

size_t conv_beside(const struct conv *c)
{
    bool fits = c->stride[0] == 1 && c->stride[1] == 1 && c->in_ld >= TENSOR_UNIT;
    return fits && c->out.width <= SHORT_ROW && c->in.width <= SHORT_ROW ? PIXELS / c->out.width
                                                                         : 1;
}

size_t conv_beside_floats(const struct conv_bordered *b, size_t n)
{
    return n * b->rows * b->pixels * b->ld + TENSOR_UNIT;
}

size_t conv_beside_work(const struct conv *c)
{
    size_t n = conv_beside(c);
    struct conv_bordered x = conv_input_of(c, false), dy = conv_gradient_of(c);
    size_t forward = conv_beside_floats(&x, n) + n * image_pixels(c->out) * c->out_ld,
           back = conv_beside_floats(&dy, n) + n * image_pixels(c->in) * c->in_ld;
    return n == 1 ? 0 : forward > back ? forward : back;
}

void conv_put_beside(const struct conv_bordered *b, const float *image, size_t i, size_t n,
                     float *all)
{
    for (size_t y = 0; y < b->height; y++)
        for (size_t x = 0; x < b->width; x++, image += b->ld)
            memcpy(all + (((y + b->top) * b->pixels + b->left + x) * n + i) * b->ld, image,
                   b->ld * sizeof *all);
}

void conv_take_beside(const float *all, size_t i, size_t n, size_t pixels, size_t ld, float *ret)
{
    for (size_t p = 0; p < pixels; p++)
        memcpy(ret + p * ld, all + (p * n + i) * ld, ld * sizeof *ret);
}
