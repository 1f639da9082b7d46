/* The gradient of a convolution's weights: some rows of it stay in registers while an image's
 * pixels go by. */
#include "num/conv.h"
#include "num/conv_behind.h"
#include "num/conv_job.h"
#include "num/conv_lists.h"
#include "num/conv_rows.h"
#include "num/tensor.h"
#include <string.h>

/* Rows of dw from `row` on, `rows` of them, one block of output channels, one image. */
static void weight_rows(const struct conv_kernels *s, const conv_weight_kernel *kernel,
                        struct conv_weight_tile *t, size_t rows)
{
    const size_t parts = (rows + s->most - 1) / s->most;
    for (size_t part = 0, r = 0; part < parts; part++) {
        const size_t end = rows * (part + 1) / parts, n = end - r;
        kernel[n](t);
        t->dw += n * t->ld;
        if (t->offset)
            t->offset += n;
        else
            t->a += n;
        r = end;
    }
}

/* The outputs in [first, end) whose tap k lies within the image. */
static void tap_range(const struct conv *c, int axis, size_t k, size_t *ret_first, size_t *ret_end)
{
    size_t p = c->padding[axis], s = c->stride[axis], in = axis == 0 ? c->in.height : c->in.width,
           out = axis == 0 ? c->out.height : c->out.width;
    size_t first = k < p ? (p - k + s - 1) / s : 0, end = in + p > k ? (in + p - k - 1) / s + 1 : 0;
    *ret_end = end < out ? end : out;
    *ret_first = first < *ret_end ? first : *ret_end;
}

/* One tap of image i, whose gradient is dy: channels of the input by a block of the output's. */
static void weight_tap(const struct conv_job *j, size_t tap, size_t block, size_t i,
                       const float *dy)
{
    const struct conv *c = j->c;
    const struct conv_kernels *s = conv_kernels_at(c->out.channels, block);
    size_t ky = tap / c->kernel[1], kx = tap % c->kernel[1], y0, y1, x0, x1;
    tap_range(c, 0, ky, &y0, &y1);
    tap_range(c, 1, kx, &x0, &x1);
    if (y0 == y1 || x0 == x1)
        return;
    size_t iy = y0 * c->stride[0] + ky - c->padding[0], ix = x0 * c->stride[1] + kx - c->padding[1];
    struct conv_weight_tile t = {.a = j->b->x +
                                      ((i * c->in.height + iy) * c->in.width + ix) * c->in_ld,
                                 .a_pixel = c->stride[1] * c->in_ld,
                                 .a_row = c->stride[0] * c->in.width * c->in_ld,
                                 .b = dy + (y0 * c->out.width + x0) * c->out_ld + block,
                                 .b_row = c->out.width * c->out_ld,
                                 .height = y1 - y0,
                                 .width = x1 - x0,
                                 .ld = c->out_ld,
                                 .dw = j->b->dw + tap * c->in.channels * c->out_ld + block};
    weight_rows(s, s->next, &t, c->in.channels);
}

/* The gradient's parts that are shared out: (tap, block of the output's channels). */
static void weight_share(void *context, size_t part)
{
    const struct conv_job *j = context;
    const struct conv *c = j->c;
    size_t taps = c->kernel[0] * c->kernel[1],
           blocks = (c->out.channels + conv_kernels_step() - 1) / conv_kernels_step(), first, count;
    float *others, *room = conv_room_of(j, part, &others);
    team_share(j->b->team, part, taps * blocks, 1, &first, &count);
    for (size_t i = 0; i < j->b->images; i++) {
        const float *dy = conv_gradient_image(j, i, room);
        for (size_t k = first; k < first + count; k++)
            weight_tap(j, k % taps, k / taps * conv_kernels_step(), i, dy);
    }
}

enum { MOST_FEW = 3 * 16 * 16 };

/* Few channels: rows of all taps together, shared out, from a copy of the image with a border all
 * round. */
static void weight_share_few(void *context, size_t part)
{
    const struct conv_job *j = context;
    const struct conv *c = j->c;
    struct conv_bordered b = conv_input_of(c, true);
    float *buffer, *room = conv_room_of(j, part, &buffer);
    size_t offset[MOST_FEW], first, rows;
    team_share(j->b->team, part, c->kernel[0] * c->kernel[1] * c->in.channels, 1, &first, &rows);
    for (size_t r = 0; r < rows; r++) {
        size_t tap = (first + r) / c->in.channels;
        offset[r] = (tap / c->kernel[1] * b.pixels + tap % c->kernel[1]) * b.ld +
                    (first + r) % c->in.channels;
    }
    conv_clear_border(&b, buffer);
    for (size_t i = 0; rows > 0 && i < j->b->images; i++) {
        const float *x = conv_with_border(&b, j->b->x + i * image_pixels(c->in) * c->in_ld, buffer),
                    *dy = conv_gradient_image(j, i, room);
        for (size_t block = 0; block < c->out.channels; block += conv_kernels_step()) {
            const struct conv_kernels *s = conv_kernels_at(c->out.channels, block);
            struct conv_weight_tile t = {.a = x,
                                         .a_pixel = c->stride[1] * b.ld,
                                         .a_row = c->stride[0] * b.pixels * b.ld,
                                         .b = dy + block,
                                         .b_row = c->out.width * c->out_ld,
                                         .height = c->out.height,
                                         .width = c->out.width,
                                         .ld = c->out_ld,
                                         .offset = offset,
                                         .dw = j->b->dw + first * c->out_ld + block};
            weight_rows(s, s->spread, &t, rows);
        }
    }
}

void conv_weight_gradient(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    struct conv_job j = conv_job_of(b);
    size_t rows = c->kernel[0] * c->kernel[1] * c->in.channels;
    if (!b->accumulate)
        memset(b->dw, 0, rows * c->out_ld * sizeof *b->dw);
    if (conv_behind_mostly_zero(b)) {
        conv_lists_weight_gradient(b, j.each, j.part_floats);
        return;
    }
    if (b->db)
        conv_behind_bias_gradient(b, j.each, j.part_floats);
    team_run(b->team, c->in_ld < TENSOR_UNIT && rows <= MOST_FEW ? weight_share_few : weight_share,
             &j);
}
