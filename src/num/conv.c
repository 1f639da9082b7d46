/* A tile of outputs stays in registers while taps and channels go by: some pixels of a row x some
 * vectors of channels. */
#include "num/conv.h"
#include "num/conv_behind.h"
#include "num/conv_beside.h"
#include "num/conv_job.h"
#include "num/conv_rows.h"
#include "num/tensor.h"
#include <string.h>

/* (block of channels, tap, channel of the input) x the block's width */
static void pack_forward(const struct conv *c, const float *w, float *ret)
{
    size_t depth = c->kernel[0] * c->kernel[1] * c->in.channels, width;
    for (size_t block = 0; block < c->out.channels; block += width) {
        width = conv_kernels_width(conv_kernels_at(c->out.channels, block));
        for (size_t k = 0; k < depth; k++, ret += width)
            memcpy(ret, w + k * c->out_ld + block, width * sizeof *ret);
    }
}

/* Some images side by side: x with its border, and the output. */
struct images {
    size_t n;
    const float *x;
    float *y;
};

static void forward_block(const struct conv_job *j, size_t block, const struct images *i)
{
    const struct conv *c = j->c;
    const struct conv_kernels *s = conv_kernels_at(c->out.channels, block);
    struct conv_bordered b = conv_input_of(c, false);
    size_t row = b.pixels * i->n * b.ld,
           per_row = c->kernel[1] * c->in.channels * conv_kernels_width(s);
    for (size_t oy = 0; oy < c->out.height; oy++) {
        size_t top = oy * c->stride[0], first = top < c->padding[0] ? c->padding[0] - top : 0;
        size_t end = c->in.height + c->padding[0] > top ? c->in.height + c->padding[0] - top : 0;
        end = end < c->kernel[0] ? end : c->kernel[0];
        first = first < end ? first : end;
        struct conv_tile t = {
            .a = first < end ? i->x + (top + first - c->padding[0]) * row : i->x,
            .pixel = c->stride[1] * b.ld,
            .row = row,
            .tap = i->n * b.ld,
            .rows = end - first,
            .taps = c->kernel[1],
            .depth = c->in.channels,
            .b = j->packed + block * c->kernel[0] * c->kernel[1] * c->in.channels + first * per_row,
            .start = j->b->bias ? j->b->bias + block : NULL,
            .c = i->y + oy * c->out.width * i->n * c->out_ld + block,
            .c_pixel = c->out_ld};
        conv_run_row(s, &t, c->out.width * i->n);
    }
}

static void forward_images(const struct conv_job *j, const struct images *i)
{
    const struct conv *c = j->c;
    for (size_t block = 0; block < c->out.channels; block += conv_kernels_step())
        forward_block(j, block, i);
    tensor_clear_ends(i->y, i->n * image_pixels(c->out), conv_kernels_all(c->out.channels),
                      c->out_ld);
}

/* What each image has of a batch. */
static const float *input_of(const struct conv_job *j, size_t i)
{
    return j->b->x + i * image_pixels(j->c->in) * j->c->in_ld;
}

/* From image `first` on n of them. */
static void forward_beside(const struct conv_job *j, size_t first, size_t n, float *room,
                           float *buffer)
{
    const struct conv *c = j->c;
    struct conv_bordered b = conv_input_of(c, false);
    struct images all = {.n = n, .x = buffer, .y = buffer + conv_beside_floats(&b, n)};
    memset(buffer, 0, conv_beside_floats(&b, n) * sizeof *buffer);
    for (size_t i = 0; i < n; i++)
        conv_put_beside(&b, input_of(j, first + i), i, n, buffer);
    forward_images(j, &all);
    for (size_t i = 0; i < n; i++) {
        conv_take_beside(all.y, i, n, image_pixels(c->out), c->out_ld,
                         conv_behind_target(j->b, first + i, room));
        conv_behind_forward(j->b, first + i, room);
    }
}

static void forward_one(const struct conv_job *j, size_t i, float *room, float *buffer)
{
    struct conv_bordered b = conv_input_of(j->c, false);
    forward_images(j, &(struct images){.n = 1,
                                       .x = conv_with_border(&b, input_of(j, i), buffer),
                                       .y = conv_behind_target(j->b, i, room)});
    conv_behind_forward(j->b, i, room);
}

static void forward_share(void *context, size_t part)
{
    const struct conv_job *j = context;
    struct conv_bordered b = conv_input_of(j->c, false);
    conv_share_images(j, part, &b, forward_one, forward_beside);
}

void conv_forward(const struct conv_batch *b)
{
    struct conv_job j = conv_job_of(b);
    pack_forward(b->shape, b->w, j.packed);
    team_run(b->team, forward_share, &j);
}
