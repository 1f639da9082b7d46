/* For each channel of dy a list: its numbers that are not 0, in the order of the sums, and where in
 * the image the kernel's window then lies. A row of the window is one run of floats, so a list goes
 * by for a tile of sums over (row, column, channel of the input), which stay in registers. The
 * gradient is made as (channel of the output, row) x run, and transposed at the end. */
#include "num/conv_lists.h"
#include "num/conv_behind.h"
#include "num/conv_nonzero.h"
#include "num/simd.h"
#include "num/tensor.h"
#include <string.h>

enum {
    UNIT = TENSOR_UNIT,
    MOST_VECTORS = 12,
    MOST_ROWS = 5,
    JOINED_PIXELS = 192,
    JOINED_FLOATS = 65536
};

/* ---- tiles ---- */

struct tile {
    const float *value;
    const uint32_t *place;
    size_t count;
    const float *x;
    size_t x_row, sum_row; /* floats between rows */
    float *sum;
};
typedef void (*tile_kernel)(const struct tile *t);

#define TILE(lanes, rows, vectors)                                                                 \
    SIMD_TARGET_##lanes static void tile_##lanes##_##rows##_##vectors(const struct tile *t)        \
    {                                                                                              \
        const size_t x_row = t->x_row, sum_row = t->sum_row, count = t->count;                     \
        simd_##lanes sum[rows][vectors];                                                           \
        SIMD_UNROLL                                                                                \
        for (size_t r = 0; r < rows; r++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            sum[r][v] = SIMD_LOAD(lanes, t->sum + r * sum_row + v * lanes);                        \
        for (size_t k = 0; k < count; k++) {                                                       \
            const simd_##lanes q = SIMD_ALL(lanes, t->value[k]);                                   \
            const float *x = t->x + t->place[k];                                                   \
            SIMD_UNROLL                                                                            \
            for (size_t r = 0; r < rows; r++, x += x_row)                                          \
                SIMD_UNROLL                                                                        \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                const simd_##lanes w = SIMD_LOAD(lanes, x + v * lanes);                            \
                SIMD_FMA(lanes, sum[r][v], q, w);                                                  \
            }                                                                                      \
        }                                                                                          \
        SIMD_UNROLL                                                                                \
        for (size_t r = 0; r < rows; r++)                                                          \
            SIMD_UNROLL                                                                            \
        for (size_t v = 0; v < vectors; v++)                                                       \
            SIMD_STORE(lanes, t->sum + r * sum_row + v * lanes, sum[r][v]);                        \
    }
#define UP_TO_5_ROWS(make, l, v)                                                                   \
    make(l, 1, v) make(l, 2, v) make(l, 3, v) make(l, 4, v) make(l, 5, v)
#define NARROW(make, l) UP_TO_5_ROWS(make, l, 1) UP_TO_5_ROWS(make, l, 2)
#define WIDE(make, l)                                                                              \
    make(l, 1, 3) make(l, 1, 4) make(l, 1, 5) make(l, 1, 6) make(l, 1, 7) make(l, 1, 8)            \
        make(l, 1, 9) make(l, 1, 10) make(l, 1, 11) make(l, 1, 12)
#define NAME(l, r, v) tile_##l##_##r##_##v,

/* Runs of one or two vectors take several rows at once, longer ones one. */
struct level {
    size_t lanes;
    tile_kernel narrow[2][MOST_ROWS], wide[MOST_VECTORS - 2];
};
#define LEVEL(l)                                                                                   \
    NARROW(TILE, l)                                                                                \
    WIDE(TILE, l)                                                                                  \
    static const struct level level_##l = {                                                        \
        .lanes = l,                                                                                \
        .narrow = {{UP_TO_5_ROWS(NAME, l, 1)}, {UP_TO_5_ROWS(NAME, l, 2)}},                        \
        .wide = {WIDE(NAME, l)},                                                                   \
    };
#define LEVEL_NAME(l) &level_##l,
SIMD_FOR_LEVELS(LEVEL)
static const struct level *const levels[] = {SIMD_FOR_LEVELS(LEVEL_NAME)};

/* ---- where things lie ---- */

struct layout {
    const struct level *level;
    size_t pixel, run, joined;  /* floats of a pixel, of a row of the window; images at once */
    size_t height, width, size; /* of an image with its border; its floats */
};

static size_t up_to(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

static size_t side(const struct conv *c, int axis, size_t in, size_t out)
{
    size_t reach = (out - 1) * c->stride[axis] + c->kernel[axis];
    return in + c->padding[axis] > reach ? in + c->padding[axis] : reach;
}

static struct layout layout_of(const struct conv *c, const struct level *level)
{
    size_t pixels = image_pixels(c->out);
    struct layout l = {.level = level,
                       .pixel =
                           c->in_ld < UNIT ? c->in.channels : up_to(c->in.channels, level->lanes),
                       .height = side(c, 0, c->in.height, c->out.height),
                       .width = side(c, 1, c->in.width, c->out.width)};
    l.run = up_to(c->kernel[1] * l.pixel, level->lanes);
    l.size = l.height * l.width * l.pixel;
    l.joined = 1; /* the same at each level, as the work's size is */
    while (l.joined * pixels < JOINED_PIXELS &&
           l.joined * l.height * l.width * up_to(c->in.channels, UNIT) < JOINED_FLOATS)
        l.joined++;
    return l;
}

/* As many floats as any level wants. */
static struct layout largest_layout(const struct conv *c)
{
    static const struct level most = {.lanes = UNIT};
    return layout_of(c, &most);
}

size_t conv_lists_work(const struct conv *c)
{
    return c->out.channels * c->kernel[0] * largest_layout(c).run;
}

size_t conv_lists_work_thread(const struct conv *c)
{
    struct layout l = largest_layout(c);
    return l.joined * l.size + UNIT + c->out.channels * (2 * l.joined * image_pixels(c->out) + 1);
}

struct job {
    const struct conv_batch *b;
    const struct conv *c;
    struct layout l;
    float *each;
    size_t part_floats;
};

/* ---- one channel after another ---- */

static struct conv_channel_lists lists_in(const struct job *j, size_t first, size_t count,
                                          float *at)
{
    const struct layout *l = &j->l;
    struct conv_channel_lists s = {.first = first,
                                   .count = count,
                                   .most = l->joined * image_pixels(j->c->out),
                                   .pixel = j->c->stride[1] * l->pixel,
                                   .row = j->c->stride[0] * l->width * l->pixel};
    s.value = at;
    s.place = (uint32_t *)(void *)(s.value + j->c->out.channels * s.most);
    s.length = s.place + j->c->out.channels * s.most;
    return s;
}

static void copy_image(const struct job *j, size_t image, float *ret)
{
    const struct conv *c = j->c;
    const struct layout *l = &j->l;
    const float *x = j->b->x + image * image_pixels(c->in) * c->in_ld;
    for (size_t y = 0; y < c->in.height; y++) {
        float *to = ret + ((y + c->padding[0]) * l->width + c->padding[1]) * l->pixel;
        for (size_t i = 0; i < c->in.width; i++, x += c->in_ld, to += l->pixel)
            memcpy(to, x, l->pixel * sizeof *x);
    }
}

/* All sums of one channel, from its list. t: the first tile, moved over them in place. */
static void add_list(const struct job *j, struct tile *t)
{
    const struct layout *l = &j->l;
    size_t lanes = l->level->lanes, vectors = l->run / lanes, rows = j->c->kernel[0],
           most = vectors <= 2 ? MOST_ROWS : 1;
    const float *x = t->x;
    float *sum = t->sum;
    t->x_row = l->width * l->pixel;
    t->sum_row = l->run;
    for (size_t r = 0; r < rows; r += most) {
        size_t high = rows - r < most ? rows - r : most,
               parts = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
        for (size_t part = 0, v = 0; part < parts; part++) {
            size_t end = vectors * (part + 1) / parts;
            t->x = x + r * t->x_row + v * lanes;
            t->sum = sum + r * l->run + v * lanes;
            if (vectors <= 2)
                l->level->narrow[vectors - 1][high - 1](t);
            else
                l->level->wide[end - v - 3](t);
            v = end;
        }
    }
}

/* dw to sums (back: the other way). */
static void transpose(const struct job *j, const struct conv_channel_lists *s, bool back)
{
    const struct conv *c = j->c;
    size_t rows = c->kernel[0] * j->l.run;
    for (size_t o = s->first; o < s->first + s->count; o++)
        for (size_t ky = 0; ky < c->kernel[0]; ky++)
            for (size_t kx = 0; kx < c->kernel[1]; kx++) {
                float *sum = j->b->work + o * rows + ky * j->l.run + kx * j->l.pixel,
                      *dw = j->b->dw + (ky * c->kernel[1] + kx) * c->in.channels * c->out_ld + o;
                for (size_t k = 0; k < c->in.channels; k++)
                    if (back)
                        dw[k * c->out_ld] = sum[k];
                    else
                        sum[k] = dw[k * c->out_ld];
            }
}

/* The gradient of the bias. */
static void sum_lists(const struct conv_channel_lists *s, double *sums)
{
    for (size_t o = 0; o < s->count; o++) {
        double sum = sums[s->first + o];
        for (uint32_t k = 0; k < s->length[o]; k++)
            sum += (double)s->value[o * s->most + k];
        sums[s->first + o] = sum;
    }
}

static void share_of(void *context, size_t part)
{
    const struct job *j = context;
    const struct conv *c = j->c;
    size_t first, count, image_floats = j->l.joined * j->l.size + UNIT,
                         rows = c->kernel[0] * j->l.run;
    float *room = j->each + part * j->part_floats, *images = room + conv_behind_work_thread(c);
    team_share(j->b->team, part, c->out.channels, 1, &first, &count);
    struct conv_channel_lists s = lists_in(j, first, count, images + image_floats);
    memset(images, 0, image_floats * sizeof *images);
    memset(j->b->work + first * rows, 0, count * rows * sizeof *j->b->work);
    transpose(j, &s, false);
    for (size_t i = 0; i < j->b->images; i += j->l.joined) {
        memset(s.length, 0, count * sizeof *s.length);
        for (size_t k = 0; k < j->l.joined && i + k < j->b->images; k++) {
            copy_image(j, i + k, images + k * j->l.size);
            conv_nonzero_by_channel(j->b, i + k, k * j->l.size, &s, room);
        }
        if (j->b->db)
            sum_lists(&s, j->b->sums);
        for (size_t o = 0; o < count; o++)
            add_list(j, &(struct tile){.value = s.value + o * s.most,
                                       .place = s.place + o * s.most,
                                       .count = s.length[o],
                                       .x = images,
                                       .sum = j->b->work + (first + o) * rows});
    }
    transpose(j, &s, true);
}

void conv_lists_weight_gradient(const struct conv_batch *b, float *each, size_t part_floats)
{
    struct job j = {.b = b,
                    .c = b->shape,
                    .l = layout_of(b->shape, levels[processor_now()]),
                    .each = each,
                    .part_floats = part_floats};
    conv_behind_begin_bias(b);
    team_run(b->team, share_of, &j);
    conv_behind_end_bias(b);
}
