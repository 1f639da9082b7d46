/* A tile of outputs stays in registers while taps and channels go by: some pixels of a row x some
 * vectors of channels. The rows of pixels that a tile looks at have a border of zeros where taps
 * stick out to the left or right: an image at a time is copied into a buffer where they do. Above
 * and below, taps outside the image are left out. A zero in a chain changes nothing. */
#include "num/conv.h"
#include "num/conv_behind.h"
#include "num/conv_lists.h"
#include "num/simd.h"
#include "num/tensor.h"
#include <string.h>

enum { UNIT = TENSOR_UNIT, MOST_PIXELS = 14, MOST_VECTORS = 4 };

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- tiles ---- */

/* Outputs of some pixels: start + sum over rows, taps and depth of a * b. */
struct tile {
    const float *a;
    size_t pixel, row, tap; /* floats between pixels, rows and taps of a */
    size_t rows, taps, depth;
    const float *b;     /* packed: (row, tap, depth) x width */
    const float *start; /* NULL: 0 */
    size_t start_pixel; /* floats between pixels of it; 0: the same for all */
    float *c;
    size_t c_pixel;
};
typedef void (*tile_kernel)(const struct tile *t);

#define TILE(lanes, vectors, pixels)                                                               \
    SIMD_TARGET_##lanes static void tile_##lanes##_##vectors##_##pixels(const struct tile *t)      \
    {                                                                                              \
        const size_t pixel = t->pixel, depth = t->depth, tap = t->tap;                             \
        const float *b = t->b;                                                                     \
        simd_##lanes sum[pixels][vectors];                                                         \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < pixels; i++)                                                        \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            sum[i][v] = t->start ? SIMD_LOAD(lanes, t->start + i * t->start_pixel + v * lanes)     \
                                 : (simd_##lanes){0};                                              \
        for (size_t y = 0; y < t->rows; y++)                                                       \
            for (size_t x = 0; x < t->taps; x++) {                                                 \
                const float *a = t->a + y * t->row + x * tap;                                      \
                for (size_t k = depth; k > 0; k--, a++, b += vectors * lanes) {                    \
                    simd_##lanes w[vectors];                                                       \
                    SIMD_UNROLL                                                                    \
                    for (size_t v = 0; v < vectors; v++)                                           \
                        w[v] = SIMD_LOAD(lanes, b + v * lanes);                                    \
                    SIMD_UNROLL                                                                    \
                    for (size_t i = 0; i < pixels; i++) {                                          \
                        const simd_##lanes q = SIMD_ALL(lanes, a[i * pixel]);                      \
                        SIMD_UNROLL                                                                \
                        for (size_t v = 0; v < vectors; v++)                                       \
                            SIMD_FMA(lanes, sum[i][v], q, w[v]);                                   \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < pixels; i++)                                                        \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, t->c + i * t->c_pixel + v * lanes, sum[i][v]);                       \
    }

/* Gradients of some weights: rows of dw += sum over an image's pixels of a * b. Row i looks at
 * a[i], or at a[offset[i]]. */
struct weight_tile {
    const float *a, *b;
    size_t a_pixel, a_row, b_row; /* floats between pixels and rows of a, rows of b */
    size_t height, width, ld;     /* of b's pixels, ld floats from each other, as dw's rows are */
    const size_t *offset;
    float *dw;
};
typedef void (*weight_kernel)(const struct weight_tile *t);

#define WEIGHT_TILE(lanes, vectors, count, name, PLACE)                                            \
    SIMD_TARGET_##lanes static void name##_##lanes##_##vectors##_##count(                          \
        const struct weight_tile *t)                                                               \
    {                                                                                              \
        const size_t ld = t->ld;                                                                   \
        size_t at[count];                                                                          \
        simd_##lanes sum[count][vectors];                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < count; i++) {                                                       \
            at[i] = PLACE;                                                                         \
            SIMD_UNROLL                                                                            \
            for (size_t v = 0; v < vectors; v++)                                                   \
                sum[i][v] = SIMD_LOAD(lanes, t->dw + i * ld + v * lanes);                          \
        }                                                                                          \
        for (size_t y = 0; y < t->height; y++) {                                                   \
            const float *a = t->a + y * t->a_row, *b = t->b + y * t->b_row;                        \
            for (size_t x = t->width; x > 0; x--, a += t->a_pixel, b += ld) {                      \
                simd_##lanes d[vectors];                                                           \
                SIMD_UNROLL                                                                        \
                for (size_t v = 0; v < vectors; v++)                                               \
                    d[v] = SIMD_LOAD(lanes, b + v * lanes);                                        \
                SIMD_UNROLL                                                                        \
                for (size_t i = 0; i < count; i++) {                                               \
                    const simd_##lanes q = SIMD_ALL(lanes, a[at[i]]);                              \
                    SIMD_UNROLL                                                                    \
                    for (size_t v = 0; v < vectors; v++)                                           \
                        SIMD_FMA(lanes, sum[i][v], q, d[v]);                                       \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < count; i++)                                                         \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, t->dw + i * ld + v * lanes, sum[i][v]);                              \
    }
#define NEXT_TO(lanes, vectors, count) WEIGHT_TILE(lanes, vectors, count, next, i)
#define SPREAD(lanes, vectors, count) WEIGHT_TILE(lanes, vectors, count, spread, t->offset[i])

#define UP_TO_6(make, l, v)                                                                        \
    make(l, v, 1) make(l, v, 2) make(l, v, 3) make(l, v, 4) make(l, v, 5) make(l, v, 6)
#define UP_TO_12(make, l, v)                                                                       \
    UP_TO_6(make, l, v)                                                                            \
    make(l, v, 7) make(l, v, 8) make(l, v, 9) make(l, v, 10) make(l, v, 11) make(l, v, 12)
#define UP_TO_14(make, l, v) UP_TO_12(make, l, v) make(l, v, 13) make(l, v, 14)
#define TILE_NAME(l, v, n) tile_##l##_##v##_##n,
#define NEXT_NAME(l, v, n) next_##l##_##v##_##n,
#define SPREAD_NAME(l, v, n) spread_##l##_##v##_##n,

/* dx of `taps` pixels next to each other += what one pixel of dy gives them: its numbers that are
 * not 0, `count` of them. */
struct scatter {
    const float *value;
    const uint32_t *channel;
    size_t count;
    const float *b; /* (channel of dy, tap) x width */
    size_t b_channel, ld;
    float *dx;
};
typedef void (*scatter_kernel)(const struct scatter *t);

#define SCATTER(lanes, vectors, taps)                                                              \
    SIMD_TARGET_##lanes static void scatter_##lanes##_##vectors##_##taps(const struct scatter *t)  \
    {                                                                                              \
        const size_t ld = t->ld, count = t->count, b_channel = t->b_channel;                       \
        float *dx = t->dx;                                                                         \
        simd_##lanes sum[taps][vectors];                                                           \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < taps; i++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            sum[i][v] = SIMD_LOAD(lanes, dx + i * ld + v * lanes);                                 \
        for (size_t k = 0; k < count; k++) {                                                       \
            const simd_##lanes q = SIMD_ALL(lanes, t->value[k]);                                   \
            const float *b = t->b + t->channel[k] * b_channel;                                     \
            SIMD_UNROLL                                                                            \
            for (size_t i = 0; i < taps; i++)                                                      \
                SIMD_UNROLL                                                                        \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                const simd_##lanes w = SIMD_LOAD(lanes, b + (i * vectors + v) * lanes);            \
                SIMD_FMA(lanes, sum[i][v], q, w);                                                  \
            }                                                                                      \
        }                                                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t i = 0; i < taps; i++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, dx + i * ld + v * lanes, sum[i][v]);                                 \
    }
enum { MOST_TAPS = 5 };
#define UP_TO_5(make, l, v) make(l, v, 1) make(l, v, 2) make(l, v, 3) make(l, v, 4) make(l, v, 5)
#define SCATTER_NAME(l, v, n) scatter_##l##_##v##_##n,

/* What a processor has: tiles of `vectors` vectors of `lanes` floats, up to `most` pixels (or rows
 * of weights). */
struct shape {
    size_t lanes, vectors, most;
    tile_kernel tile[MOST_PIXELS + 1];
    weight_kernel next[MOST_PIXELS + 1], spread[MOST_PIXELS + 1];
    scatter_kernel scatter[MOST_TAPS + 1];
};
#define SHAPE(name, up_to, l, v, n)                                                                \
    up_to(TILE, l, v) up_to(NEXT_TO, l, v) up_to(SPREAD, l, v)                                     \
        UP_TO_5(SCATTER, l, v) static const struct shape name = {                                  \
            .lanes = l,                                                                            \
            .vectors = v,                                                                          \
            .most = n,                                                                             \
            .tile = {NULL, up_to(TILE_NAME, l, v)},                                                \
            .next = {NULL, up_to(NEXT_NAME, l, v)},                                                \
            .spread = {NULL, up_to(SPREAD_NAME, l, v)},                                            \
            .scatter = {NULL, UP_TO_5(SCATTER_NAME, l, v)},                                        \
    };

/* Of one processor: blocks of channels are wide, but the last where it fits a narrow one. */
struct shapes {
    const struct shape *wide, *narrow;
};

SHAPE(baseline, UP_TO_6, 4, 4, 6)
static const struct shapes shapes_baseline = {&baseline, &baseline};
#if PROCESSOR_HAS_LEVELS
SHAPE(avx2_narrow, UP_TO_12, 8, 1, 12)
SHAPE(avx2_wide, UP_TO_6, 8, 2, 6)
static const struct shapes shapes_avx2 = {&avx2_wide, &avx2_narrow};
/* With a sanitizer's checks the compiler takes minutes for these. */
#ifdef DESCENT_CONV_UP_TO_V3
#define shapes_avx512 shapes_avx2
#else
SHAPE(avx512_narrow, UP_TO_14, 16, 1, 14)
SHAPE(avx512_wide, UP_TO_14, 16, 2, 14)
static const struct shapes shapes_avx512 = {&avx512_wide, &avx512_narrow};
#endif
#endif

static const struct shapes *shapes_now(void)
{
#if PROCESSOR_HAS_LEVELS
    if (processor_now() == PROCESSOR_V4)
        return &shapes_avx512;
    if (processor_now() == PROCESSOR_V3)
        return &shapes_avx2;
#endif
    return &shapes_baseline;
}

static size_t width_of(const struct shape *s)
{
    return s->lanes * s->vectors;
}

/* Of the block that begins at this channel. */
static const struct shape *shape_at(size_t channels, size_t block)
{
    const struct shapes *s = shapes_now();
    return channels - block <= width_of(s->narrow) ? s->narrow : s->wide;
}

/* Channels of all blocks. */
static size_t width_of_all(size_t channels)
{
    size_t block = 0;
    while (block < channels)
        block += width_of(shape_at(channels, block));
    return block;
}

/* Blocks begin so many channels apart; their number. */
static size_t block_step(void)
{
    return width_of(shapes_now()->wide);
}

static size_t count_blocks(size_t channels)
{
    return (channels + block_step() - 1) / block_step();
}

/* ---- rows of pixels with a border ---- */

/* Images whose rows have `left` pixels of 0 before them and some after, `pixels` in all. */
struct bordered {
    size_t height, width, ld, top, left, rows, pixels;
};

static bool has_border(const struct bordered *b)
{
    return b->left > 0 || b->pixels > b->width || b->top > 0 || b->rows > b->height;
}

static size_t border_floats(const struct bordered *b)
{
    return has_border(b) ? b->rows * b->pixels * b->ld + UNIT : 0;
}

/* The image itself where it needs no border, else a copy in `buffer`, whose border is 0 already. */
static const float *with_border(const struct bordered *b, const float *image, float *buffer)
{
    if (!has_border(b))
        return image;
    for (size_t y = 0; y < b->height; y++)
        memcpy(buffer + ((y + b->top) * b->pixels + b->left) * b->ld, image + y * b->width * b->ld,
               b->width * b->ld * sizeof *buffer);
    return buffer;
}

static void clear_border(const struct bordered *b, float *buffer)
{
    memset(buffer, 0, border_floats(b) * sizeof *buffer);
}

/* x, as a row of taps looks at it; rows: above and below too. */
static struct bordered input_of(const struct conv *c, bool rows)
{
    size_t wide = (c->out.width - 1) * c->stride[1] + c->kernel[1],
           high = (c->out.height - 1) * c->stride[0] + c->kernel[0];
    struct bordered b = {.height = c->in.height,
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

/* dy, as the rows of an input's gradient look at it. */
static struct bordered gradient_of(const struct conv *c)
{
    size_t k = c->kernel[1], s = c->stride[1], p = c->padding[1];
    size_t left = k - 1 > p ? (k - 1 - p + s - 1) / s : 0, last = (c->in.width - 1 + p) / s;
    return (struct bordered){.height = c->out.height,
                             .width = c->out.width,
                             .ld = c->out_ld,
                             .left = left,
                             .rows = c->out.height,
                             .pixels = left + larger(c->out.width, last + 1)};
}

size_t conv_work(const struct conv *c)
{
    return larger(conv_lists_work(c), c->kernel[0] * c->kernel[1] *
                                          larger(c->in.channels * tensor_pad(c->out.channels),
                                                 c->out.channels * tensor_pad(c->in.channels)));
}

size_t conv_work_thread(const struct conv *c)
{
    struct bordered x = input_of(c, true), dy = gradient_of(c);
    return conv_behind_work_thread(c) +
           larger(conv_lists_work_thread(c), larger(border_floats(&x), border_floats(&dy)) +
                                                 larger(c->in.width * UNIT, 2 * c->out.channels));
}

/* ---- forward ---- */

struct job {
    const struct conv_batch *b;
    const struct conv *c;
    float *packed, *each; /* each: conv_work_thread floats of every thread */
    size_t part_floats;
};

static struct job job_of(const struct conv_batch *b)
{
    return (struct job){.b = b,
                        .c = b->shape,
                        .packed = b->work,
                        .each = b->work + conv_work(b->shape),
                        .part_floats = conv_work_thread(b->shape)};
}

/* A thread's room for an image's output or its gradient, and its other floats. */
static float *room_of(const struct job *j, size_t part, float **ret_others)
{
    float *room = j->each + part * j->part_floats;
    *ret_others = room + conv_behind_work_thread(j->c);
    return room;
}

/* All of the gradient of image i's output. */
static const float *gradient_image(const struct job *j, size_t i, float *room)
{
    return conv_behind_gradient(j->b, i, 0, j->c->out.channels, room);
}

/* Tiles along a row of `pixels` pixels, as even as can be. */
static void run_row(const struct shape *s, struct tile t, size_t pixels)
{
    size_t parts = (pixels + s->most - 1) / s->most;
    for (size_t part = 0, x = 0; part < parts; part++) {
        size_t end = pixels * (part + 1) / parts;
        struct tile now = t;
        now.a += x * t.pixel;
        now.c += x * t.c_pixel;
        now.start = t.start ? t.start + x * t.start_pixel : NULL;
        s->tile[end - x](&now);
        x = end;
    }
}

/* Taps that lie next to each other are one long tap. */
static void join_taps(struct tile *t)
{
    if (t->tap == t->depth) {
        t->depth *= t->taps;
        t->taps = 1;
    }
}

static void clear_ends(float *x, size_t n, size_t written, size_t ld)
{
    for (size_t i = 0; i < n && written < ld; i++)
        memset(x + i * ld + written, 0, (ld - written) * sizeof *x);
}

/* (block of channels, tap, channel of the input) x the block's width */
static void pack_forward(const struct conv *c, const float *w, float *ret)
{
    size_t depth = c->kernel[0] * c->kernel[1] * c->in.channels, width;
    for (size_t block = 0; block < c->out.channels; block += width) {
        width = width_of(shape_at(c->out.channels, block));
        for (size_t k = 0; k < depth; k++, ret += width)
            memcpy(ret, w + k * c->out_ld + block, width * sizeof *ret);
    }
}

static void forward_block(const struct job *j, size_t block, const float *x, float *y)
{
    const struct conv *c = j->c;
    const struct shape *s = shape_at(c->out.channels, block);
    struct bordered b = input_of(c, false);
    size_t row = b.pixels * b.ld, per_row = c->kernel[1] * c->in.channels * width_of(s);
    for (size_t oy = 0; oy < c->out.height; oy++) {
        size_t top = oy * c->stride[0], first = top < c->padding[0] ? c->padding[0] - top : 0;
        size_t end = c->in.height + c->padding[0] > top ? c->in.height + c->padding[0] - top : 0;
        end = end < c->kernel[0] ? end : c->kernel[0];
        first = first < end ? first : end;
        struct tile t = {.a = first < end ? x + (top + first - c->padding[0]) * row : x,
                         .pixel = c->stride[1] * b.ld,
                         .row = row,
                         .tap = b.ld,
                         .rows = end - first,
                         .taps = c->kernel[1],
                         .depth = c->in.channels,
                         .b = j->packed + block * c->kernel[0] * c->kernel[1] * c->in.channels +
                              first * per_row,
                         .start = j->b->bias ? j->b->bias + block : NULL,
                         .c = y + oy * c->out.width * c->out_ld + block,
                         .c_pixel = c->out_ld};
        join_taps(&t);
        run_row(s, t, c->out.width);
    }
}

static void forward_image(const struct job *j, const float *x, float *y)
{
    const struct conv *c = j->c;
    for (size_t block = 0; block < c->out.channels; block += block_step())
        forward_block(j, block, x, y);
    clear_ends(y, image_pixels(c->out), width_of_all(c->out.channels), c->out_ld);
}

static void forward_share(void *context, size_t part)
{
    const struct job *j = context;
    const struct conv *c = j->c;
    struct bordered b = input_of(c, false);
    float *buffer, *room = room_of(j, part, &buffer);
    size_t first, count;
    team_share(j->b->team, part, j->b->images, 1, &first, &count);
    clear_border(&b, buffer);
    for (size_t i = first; i < first + count; i++) {
        forward_image(j, with_border(&b, j->b->x + i * image_pixels(c->in) * c->in_ld, buffer),
                      conv_behind_target(j->b, i, room));
        conv_behind_forward(j->b, i, room);
    }
}

void conv_forward(const struct conv_batch *b)
{
    struct job j = job_of(b);
    pack_forward(b->shape, b->w, j.packed);
    team_run(b->team, forward_share, &j);
}

/* ---- gradient of the input ---- */

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
        width = width_of(shape_at(c->in.channels, block));
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

/* The pixels of one class of one image. */
struct part_of_input {
    const struct job *j;
    struct class y, x;
    size_t first_y, first_x;
    const float *dy;    /* with its border */
    const float *start; /* as dx, or NULL */
    float *dx;          /* in pixels x in_ld */
    float *buffer;      /* in width x UNIT */
};

/* A row of it, from pixel `at` of dx on: into dx, or, where pixels are narrower than a vector, by way
 * of the buffer. */
static void input_row(const struct part_of_input *p, const struct shape *s, struct tile t,
                      size_t at)
{
    const struct conv *c = p->j->c;
    size_t ld = c->in_ld, step = c->stride[1] * ld,
           pixels = (c->in.width - p->first_x + c->stride[1] - 1) / c->stride[1];
    const float *start = p->start ? p->start + at : NULL;
    if (ld >= UNIT) {
        t.c = p->dx + at;
        t.c_pixel = step;
        t.start = start;
        t.start_pixel = step;
        run_row(s, t, pixels);
        return;
    }
    for (size_t x = 0; x < pixels; x++)
        for (size_t k = 0; k < UNIT; k++)
            p->buffer[x * UNIT + k] = start && k < ld ? start[x * step + k] : 0;
    t.c = p->buffer;
    t.start = p->buffer;
    t.c_pixel = t.start_pixel = UNIT;
    run_row(s, t, pixels);
    for (size_t x = 0; x < pixels; x++)
        memcpy(p->dx + at + x * step, p->buffer + x * UNIT, ld * sizeof *p->dx);
}

/* A block of its channels. packed: (tap, channel of the output) x the block's width */
static void input_block(const struct part_of_input *p, size_t block, const float *packed)
{
    const struct conv *c = p->j->c;
    const struct shape *s = shape_at(c->in.channels, block);
    struct bordered b = gradient_of(c);
    size_t row = b.pixels * b.ld, per_row = p->x.taps * c->out.channels * width_of(s);
    for (size_t y = p->first_y; y < c->in.height; y += c->stride[0]) {
        long from = p->y.from + (long)((y - p->first_y) / c->stride[0]),
             end = from + (long)p->y.taps, begin = from < 0 ? 0 : from;
        end = end < (long)c->out.height ? end : (long)c->out.height;
        begin = begin < end ? begin : end;
        struct tile t = {.a = p->dy,
                         .pixel = b.ld,
                         .row = row,
                         .tap = b.ld,
                         .rows = (size_t)(end - begin),
                         .taps = p->x.taps,
                         .depth = c->out.channels};
        if (end > begin) {
            t.a += (size_t)begin * row + (size_t)((long)b.left + p->x.from) * b.ld;
            t.b = packed + (size_t)(begin - from) * per_row;
        }
        if (p->x.taps == 0)
            t.rows = 0;
        join_taps(&t);
        input_row(p, s, t, (y * c->in.width + p->first_x) * c->in_ld + block);
    }
}

static void input_image(const struct job *j, size_t i, const float *dy, float *buffer)
{
    const struct conv *c = j->c;
    size_t at = i * image_pixels(c->in) * c->in_ld;
    const float *packed = j->packed;
    struct part_of_input p = {.j = j,
                              .dy = dy,
                              .start = j->b->start ? j->b->start + at : NULL,
                              .dx = j->b->dx + at,
                              .buffer = buffer};
    for (size_t y = 0; y < c->stride[0] && y < c->in.height; y++)
        for (size_t x = 0; x < c->stride[1] && x < c->in.width; x++) {
            p.y = class_of(c, 0, y);
            p.x = class_of(c, 1, x);
            p.first_y = y;
            p.first_x = x;
            size_t per_channel = p.y.taps * p.x.taps * c->out.channels;
            for (size_t block = 0; block < c->in.channels; block += block_step())
                input_block(&p, block, packed + block * per_channel);
            packed += per_channel * width_of_all(c->in.channels);
        }
    if (c->in_ld >= UNIT)
        clear_ends(p.dx, image_pixels(c->in), width_of_all(c->in.channels), c->in_ld);
}

static void input_share(void *context, size_t part)
{
    const struct job *j = context;
    struct bordered b = gradient_of(j->c);
    float *buffer, *room = room_of(j, part, &buffer);
    size_t first, count;
    team_share(j->b->team, part, j->b->images, 1, &first, &count);
    clear_border(&b, buffer);
    for (size_t i = first; i < first + count; i++)
        input_image(j, i, with_border(&b, gradient_image(j, i, room), buffer),
                    buffer + border_floats(&b));
}

/* ---- the same from the numbers of dy that are not 0 ----
 *
 * After a pool most are 0. Pixel by pixel of dy, in order, its numbers go to the pixels under its
 * taps: the chain of each element of dx is the one above without its zeros. */

static bool is_sparse(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    return c->in_ld >= UNIT && c->kernel[1] <= MOST_TAPS && conv_behind_mostly_zero(b);
}

/* (block of input channels, ky, channel of the output, kx) x the block's width */
static void pack_scatter(const struct conv *c, const float *w, float *ret)
{
    size_t width, per_channel = c->kernel[0] * c->out.channels * c->kernel[1];
    for (size_t block = 0; block < c->in.channels; block += width) {
        width = width_of(shape_at(c->in.channels, block));
        for (size_t ky = 0; ky < c->kernel[0]; ky++)
            for (size_t kx = 0; kx < c->kernel[1]; kx++) {
                const float *from = w + (ky * c->kernel[1] + kx) * c->in.channels * c->out_ld;
                float *to =
                    ret + block * per_channel + (ky * c->out.channels * c->kernel[1] + kx) * width;
                for (size_t in = 0; in < width; in++)
                    for (size_t out = 0; out < c->out.channels; out++)
                        to[out * c->kernel[1] * width + in] =
                            block + in < c->in.channels ? from[(block + in) * c->out_ld + out]
                                                        : 0.0f;
            }
    }
}

/* What pixel (oy, ox) of dy gives to the image dx. */
static void scatter_pixel(const struct job *j, size_t oy, size_t ox, struct scatter t, float *dx)
{
    const struct conv *c = j->c;
    size_t top = oy * c->stride[0], left = ox * c->stride[1], p = c->padding[0], q = c->padding[1],
           per_channel = c->kernel[0] * c->out.channels * c->kernel[1];
    size_t x0 = left < q ? q - left : 0, x1 = c->in.width + q > left ? c->in.width + q - left : 0;
    x1 = x1 < c->kernel[1] ? x1 : c->kernel[1];
    if (x0 >= x1)
        return;
    t.ld = c->in_ld;
    for (size_t block = 0; block < c->in.channels; block += block_step()) {
        const struct shape *s = shape_at(c->in.channels, block);
        size_t width = width_of(s);
        t.b_channel = c->kernel[1] * width;
        for (size_t ky = 0; ky < c->kernel[0]; ky++) {
            if (top + ky < p || top + ky - p >= c->in.height)
                continue;
            t.b = j->packed + block * per_channel + ky * c->out.channels * t.b_channel + x0 * width;
            t.dx = dx + ((top + ky - p) * c->in.width + left + x0 - q) * c->in_ld + block;
            s->scatter[x1 - x0](&t);
        }
    }
}

static void scatter_share(void *context, size_t part)
{
    const struct job *j = context;
    const struct conv *c = j->c;
    size_t first, count, size = image_pixels(c->in) * c->in_ld;
    float *value, *room = room_of(j, part, &value);
    uint32_t *channel = (uint32_t *)(void *)(value + c->out.channels);
    team_share(j->b->team, part, j->b->images, 1, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        float *dx = j->b->dx + i * size;
        const float *dy = gradient_image(j, i, room), *start = j->b->start;
        if (!start)
            memset(dx, 0, size * sizeof *dx);
        else if (start != j->b->dx)
            memcpy(dx, start + i * size, size * sizeof *dx);
        for (size_t oy = 0; oy < c->out.height; oy++)
            for (size_t ox = 0; ox < c->out.width; ox++, dy += c->out_ld) {
                struct scatter t = {.value = value, .channel = channel};
                for (size_t k = 0; k < c->out.channels; k++) {
                    value[t.count] = dy[k];
                    channel[t.count] = (uint32_t)k;
                    t.count += !(dy[k] >= 0 && dy[k] <= 0); /* NaN counts */
                }
                if (t.count > 0)
                    scatter_pixel(j, oy, ox, t, dx);
            }
    }
}

void conv_input_gradient(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    struct job j = job_of(b);
    if (is_sparse(b)) {
        pack_scatter(c, b->w, j.packed);
        team_run(b->team, scatter_share, &j);
        return;
    }
    float *at = j.packed;
    for (size_t y = 0; y < c->stride[0] && y < c->in.height; y++)
        for (size_t x = 0; x < c->stride[1] && x < c->in.width; x++) {
            struct class cy = class_of(c, 0, y), cx = class_of(c, 1, x);
            pack_class(c, &cy, &cx, b->w, at);
            at += cy.taps * cx.taps * c->out.channels * width_of_all(c->in.channels);
        }
    team_run(b->team, input_share, &j);
}

/* ---- gradient of the weights ---- */

/* Rows of dw from `row` on, `rows` of them, one block of output channels, one image. */
static void weight_rows(const struct shape *s, const weight_kernel *kernel, struct weight_tile t,
                        size_t rows)
{
    size_t parts = (rows + s->most - 1) / s->most;
    for (size_t part = 0, r = 0; part < parts; part++) {
        size_t end = rows * (part + 1) / parts;
        struct weight_tile now = t;
        now.dw += r * t.ld;
        if (t.offset)
            now.offset += r;
        else
            now.a += r;
        kernel[end - r](&now);
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
static void weight_tap(const struct job *j, size_t tap, size_t block, size_t i, const float *dy)
{
    const struct conv *c = j->c;
    const struct shape *s = shape_at(c->out.channels, block);
    size_t ky = tap / c->kernel[1], kx = tap % c->kernel[1], y0, y1, x0, x1;
    tap_range(c, 0, ky, &y0, &y1);
    tap_range(c, 1, kx, &x0, &x1);
    if (y0 == y1 || x0 == x1)
        return;
    size_t iy = y0 * c->stride[0] + ky - c->padding[0], ix = x0 * c->stride[1] + kx - c->padding[1];
    struct weight_tile t = {.a = j->b->x + ((i * c->in.height + iy) * c->in.width + ix) * c->in_ld,
                            .a_pixel = c->stride[1] * c->in_ld,
                            .a_row = c->stride[0] * c->in.width * c->in_ld,
                            .b = dy + (y0 * c->out.width + x0) * c->out_ld + block,
                            .b_row = c->out.width * c->out_ld,
                            .height = y1 - y0,
                            .width = x1 - x0,
                            .ld = c->out_ld,
                            .dw = j->b->dw + tap * c->in.channels * c->out_ld + block};
    weight_rows(s, s->next, t, c->in.channels);
}

/* The gradient's parts that are shared out: (tap, block of the output's channels). */
static void weight_share(void *context, size_t part)
{
    const struct job *j = context;
    const struct conv *c = j->c;
    size_t taps = c->kernel[0] * c->kernel[1], blocks = count_blocks(c->out.channels), first, count;
    float *others, *room = room_of(j, part, &others);
    team_share(j->b->team, part, taps * blocks, 1, &first, &count);
    for (size_t i = 0; i < j->b->images; i++) {
        const float *dy = gradient_image(j, i, room);
        for (size_t k = first; k < first + count; k++)
            weight_tap(j, k % taps, k / taps * block_step(), i, dy);
    }
}

enum { MOST_FEW = 3 * 16 * 16 };

/* Few channels: rows of all taps together, shared out, from a copy of the image with a border all
 * round. */
static void weight_share_few(void *context, size_t part)
{
    const struct job *j = context;
    const struct conv *c = j->c;
    struct bordered b = input_of(c, true);
    float *buffer, *room = room_of(j, part, &buffer);
    size_t offset[MOST_FEW], first, rows;
    team_share(j->b->team, part, c->kernel[0] * c->kernel[1] * c->in.channels, 1, &first, &rows);
    for (size_t r = 0; r < rows; r++) {
        size_t tap = (first + r) / c->in.channels;
        offset[r] = (tap / c->kernel[1] * b.pixels + tap % c->kernel[1]) * b.ld +
                    (first + r) % c->in.channels;
    }
    clear_border(&b, buffer);
    for (size_t i = 0; rows > 0 && i < j->b->images; i++) {
        const float *x = with_border(&b, j->b->x + i * image_pixels(c->in) * c->in_ld, buffer),
                    *dy = gradient_image(j, i, room);
        for (size_t block = 0; block < c->out.channels; block += block_step()) {
            const struct shape *s = shape_at(c->out.channels, block);
            struct weight_tile t = {.a = x,
                                    .a_pixel = c->stride[1] * b.ld,
                                    .a_row = c->stride[0] * b.pixels * b.ld,
                                    .b = dy + block,
                                    .b_row = c->out.width * c->out_ld,
                                    .height = c->out.height,
                                    .width = c->out.width,
                                    .ld = c->out_ld,
                                    .offset = offset,
                                    .dw = j->b->dw + first * c->out_ld + block};
            weight_rows(s, s->spread, t, rows);
        }
    }
}

void conv_weight_gradient(const struct conv_batch *b)
{
    const struct conv *c = b->shape;
    struct job j = job_of(b);
    size_t rows = c->kernel[0] * c->kernel[1] * c->in.channels;
    if (!b->accumulate)
        memset(b->dw, 0, rows * c->out_ld * sizeof *b->dw);
    if (conv_behind_mostly_zero(b)) {
        conv_lists_weight_gradient(b, j.each, j.part_floats);
        return;
    }
    team_run(b->team, c->in_ld < UNIT && rows <= MOST_FEW ? weight_share_few : weight_share, &j);
}
