/* The gradient of a convolution's input: the same tiles with turned weights. */
#include "num/conv.h"
#include "num/conv_beside.h"
#include "num/conv_job.h"
#include "num/conv_rows.h"
#include "num/conv_scatter.h"
#include "num/tensor.h"
#include <string.h>

/* Pixels of the input whose row (or column) is `first` modulo the stride: the taps that reach them,
 * in the order of the outputs they reach them from. */
struct class
{
    size_t taps; /* last, last - stride, ... */
    size_t last; /* the largest of them */
    long from;   /* output that it reaches pixel `first` from */
};

static struct class class_of(const struct conv *c, int axis, size_t first)
{
    struct class r = {0};
    for (size_t k = 0; k < c->kernel[axis]; k++)
        if ((first + c->padding[axis] + c->stride[axis] * c->kernel[axis] - k) % c->stride[axis] ==
            0) {
            r.taps++;
            r.last = k;
        }
    r.from = ((long)(first + c->padding[axis]) - (long)r.last) / (long)c->stride[axis];
    return r;
}

/* (class, block of input channels, tap in the order of outputs, channel of the output) x the
 * block's width */
static void pack_class(const struct conv *c, const struct class *y, const struct class *x,
                       const float *w, float *ret)
{
    size_t width;
    for (size_t block = 0; block < c->in.channels; block += width) {
        width = conv_kernels_width(conv_kernels_at(c->in.channels, block));
        for (size_t i = 0; i < y->taps; i++)
            for (size_t k = 0; k < x->taps; k++) {
                size_t ky = y->last - i * c->stride[0], kx = x->last - k * c->stride[1];
                const float *from = w + (ky * c->kernel[1] + kx) * c->in.channels * c->out_ld;
                for (size_t in = 0; in < width; in++)
                    for (size_t out = 0; out < c->out.channels; out++)
                        ret[out * width + in] = block + in < c->in.channels
                                                    ? from[(block + in) * c->out_ld + out]
                                                    : 0.0f;
                ret += c->out.channels * width;
            }
    }
}

/* The pixels of one class of an image, or of some side by side. */
struct part_of_input {
    const struct conv_job *j;
    size_t n; /* images */
    struct class y, x;
    size_t first_y, first_x;
    const float *dy;    /* with its border */
    const float *start; /* as dx, or NULL */
    float *dx;          /* in pixels x in_ld */
    float *buffer;      /* in width x TENSOR_UNIT */
};

/* A row of it, from pixel `at` of dx on: into dx, or, where pixels are narrower than a vector, by
 * way of the buffer. */
static void input_row(const struct part_of_input *p, const struct conv_kernels *s,
                      struct conv_tile *t, size_t at)
{
    const struct conv *c = p->j->c;
    size_t ld = c->in_ld, step = c->stride[1] * ld,
           pixels = p->n * ((c->in.width - p->first_x + c->stride[1] - 1) / c->stride[1]);
    const float *start = p->start ? p->start + at : NULL;
    if (ld >= TENSOR_UNIT) {
        t->c = p->dx + at;
        t->c_pixel = step;
        t->start = start;
        t->start_pixel = step;
        conv_run_row(s, t, pixels);
        return;
    }
    for (size_t x = 0; x < pixels; x++)
        for (size_t k = 0; k < TENSOR_UNIT; k++)
            p->buffer[x * TENSOR_UNIT + k] = start && k < ld ? start[x * step + k] : 0;
    t->c = p->buffer;
    t->start = p->buffer;
    t->c_pixel = t->start_pixel = TENSOR_UNIT;
    conv_run_row(s, t, pixels);
    for (size_t x = 0; x < pixels; x++)
        memcpy(p->dx + at + x * step, p->buffer + x * TENSOR_UNIT, ld * sizeof *p->dx);
}

/* A block of its channels. packed: (tap, channel of the output) x the block's width */
static void input_block(const struct part_of_input *p, size_t block, const float *packed)
{
    const struct conv *c = p->j->c;
    const struct conv_kernels *s = conv_kernels_at(c->in.channels, block);
    struct conv_bordered b = conv_gradient_of(c);
    size_t row = b.pixels * p->n * b.ld,
           per_row = p->x.taps * c->out.channels * conv_kernels_width(s);
    for (size_t y = p->first_y; y < c->in.height; y += c->stride[0]) {
        long from = p->y.from + (long)((y - p->first_y) / c->stride[0]),
             end = from + (long)p->y.taps, begin = from < 0 ? 0 : from;
        end = end < (long)c->out.height ? end : (long)c->out.height;
        begin = begin < end ? begin : end;
        struct conv_tile t = {.a = p->dy,
                              .pixel = b.ld,
                              .row = row,
                              .tap = p->n * b.ld,
                              .rows = (size_t)(end - begin),
                              .taps = p->x.taps,
                              .depth = c->out.channels};
        if (end > begin) {
            t.a += (size_t)begin * row + (size_t)((long)b.left + p->x.from) * p->n * b.ld;
            t.b = packed + (size_t)(begin - from) * per_row;
        }
        if (p->x.taps == 0)
            t.rows = 0;
        input_row(p, s, &t, (y * c->in.width * p->n + p->first_x) * c->in_ld + block);
    }
}

/* All classes. */
static void input_images(struct part_of_input *p)
{
    const struct conv *c = p->j->c;
    const float *packed = p->j->packed;
    for (size_t y = 0; y < c->stride[0] && y < c->in.height; y++)
        for (size_t x = 0; x < c->stride[1] && x < c->in.width; x++) {
            p->y = class_of(c, 0, y);
            p->x = class_of(c, 1, x);
            p->first_y = y;
            p->first_x = x;
            size_t per_channel = p->y.taps * p->x.taps * c->out.channels;
            for (size_t block = 0; block < c->in.channels; block += conv_kernels_step())
                input_block(p, block, packed + block * per_channel);
            packed += per_channel * conv_kernels_all(c->in.channels);
        }
    if (c->in_ld >= TENSOR_UNIT)
        tensor_clear_ends(p->dx, p->n * image_pixels(c->in), conv_kernels_all(c->in.channels),
                          c->in_ld);
}

static void input_one(const struct conv_job *j, size_t i, float *room, float *buffer)
{
    struct conv_bordered b = conv_gradient_of(j->c);
    size_t at = i * image_pixels(j->c->in) * j->c->in_ld;
    input_images(
        &(struct part_of_input){.j = j,
                                .n = 1,
                                .dy = conv_with_border(&b, conv_gradient_image(j, i, room), buffer),
                                .start = j->b->start ? j->b->start + at : NULL,
                                .dx = j->b->dx + at,
                                .buffer = buffer + conv_border_floats(&b)});
}

/* From image `first` on n of them. */
static void input_beside(const struct conv_job *j, size_t first, size_t n, float *room,
                         float *buffer)
{
    const struct conv *c = j->c;
    size_t pixels = image_pixels(c->in), size = pixels * c->in_ld;
    struct conv_bordered dy = conv_gradient_of(c), in = {.height = c->in.height,
                                                         .width = c->in.width,
                                                         .ld = c->in_ld,
                                                         .rows = c->in.height,
                                                         .pixels = c->in.width};
    float *dx = buffer + conv_beside_floats(&dy, n);
    memset(buffer, 0, conv_beside_floats(&dy, n) * sizeof *buffer);
    for (size_t i = 0; i < n; i++) {
        conv_put_beside(&dy, conv_gradient_image(j, first + i, room), i, n, buffer);
        if (j->b->start)
            conv_put_beside(&in, j->b->start + (first + i) * size, i, n, dx);
    }
    input_images(&(struct part_of_input){
        .j = j, .n = n, .dy = buffer, .start = j->b->start ? dx : NULL, .dx = dx});
    for (size_t i = 0; i < n; i++)
        conv_take_beside(dx, i, n, pixels, c->in_ld, j->b->dx + (first + i) * size);
}

static void input_share(void *context, size_t part)
{
    const struct conv_job *j = context;
    struct conv_bordered b = conv_gradient_of(j->c);
    conv_share_images(j, part, &b, input_one, input_beside);
}

void conv_input_gradient(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    struct conv_job j = conv_job_of(b);
    if (conv_scatter_pays(b)) {
        conv_scatter_input_gradient(b, j.each, j.part_floats);
        return;
    }
    float *at = j.packed;
    for (size_t y = 0; y < c->stride[0] && y < c->in.height; y++)
        for (size_t x = 0; x < c->stride[1] && x < c->in.width; x++) {
            struct class cy = class_of(c, 0, y), cx = class_of(c, 1, x);
            pack_class(c, &cy, &cx, b->w, at);
            at += cy.taps * cx.taps * c->out.channels * conv_kernels_all(c->in.channels);
        }
    team_run(b->team, input_share, &j);
}
