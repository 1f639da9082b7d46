#include "num/max_pool.h"
#include "num/simd.h"
#include "num/tensor.h"
#include <math.h>

/* The part of a window that lies in the image: floats from one row of it to the next; `count` such
 * windows side by side, so many floats apart. */
struct window {
    size_t rows, columns, row, ld, count, step;
};

typedef int32_t ints_4 __attribute__((vector_size(16)));
typedef int32_t ints_8 __attribute__((vector_size(32)));
typedef int32_t ints_16 __attribute__((vector_size(64)));
typedef uint16_t places_4 __attribute__((vector_size(8)));
typedef uint16_t places_8 __attribute__((vector_size(16)));
typedef uint16_t places_16 __attribute__((vector_size(32)));

/* x where a mask is set, elsewhere other. */
#define CHOOSE(lanes, mask, x, other)                                                              \
    ((simd_##lanes)(((mask) & (ints_##lanes)(x)) | (~(mask) & (ints_##lanes)(other))))

/* n channels of one pixel of the output, and 0 up to ld. Once NaN is the largest it stays. Where
 * none is above 0, ReLU makes all of them 0, and the first is the largest. */
#define TAKE_LARGEST(lanes)                                                                        \
    SIMD_TARGET_##lanes static inline __attribute__((always_inline)) void take_one_##lanes(        \
        const struct window *w, const float *x, bool relu, size_t n, float *y, uint16_t *from)     \
    {                                                                                              \
        const size_t rows = w->rows, columns = w->columns, row = w->row, ld = w->ld;               \
        const simd_##lanes zero = {0};                                                             \
        const ints_##lanes clip = (ints_##lanes){0} - (relu ? 1 : 0);                              \
        size_t j = 0;                                                                              \
        for (; j < n; j += lanes) {                                                                \
            simd_##lanes best = SIMD_LOAD(lanes, x + j);                                           \
            ints_##lanes place = {0}, at = {0};                                                    \
            for (size_t r = 0; r < rows; r++) {                                                    \
                const float *p = x + j + r * row;                                                  \
                for (size_t c = 0; c < columns; c++, p += ld, at += 1) {                           \
                    const simd_##lanes v = SIMD_LOAD(lanes, p);                                    \
                    const ints_##lanes more = ~(v <= best) & (best == best);                       \
                    best = CHOOSE(lanes, more, v, best);                                           \
                    place = (more & at) | (~more & place);                                         \
                }                                                                                  \
            }                                                                                      \
            const ints_##lanes none = clip & (best <= zero);                                       \
            best = CHOOSE(lanes, none, zero, best);                                                \
            place &= ~none;                                                                        \
            SIMD_STORE(lanes, y + j, best);                                                        \
            const places_##lanes narrow = __builtin_convertvector(place, places_##lanes);          \
            if (from)                                                                              \
                memcpy(from + j, &narrow, sizeof narrow);                                          \
        }                                                                                          \
        for (; j < ld; j += lanes)                                                                 \
            SIMD_STORE(lanes, y + j, zero);                                                        \
    }                                                                                              \
    SIMD_TARGET_##lanes static void take_##lanes(const struct window *w, const float *x,           \
                                                 bool relu, size_t n, float *y, uint16_t *from)    \
    {                                                                                              \
        struct window two = *w; /* its loops are unrolled */                                       \
        two.rows = two.columns = 2;                                                                \
        for (size_t i = 0; i < w->count; i++, x += w->step, y += w->ld) {                          \
            uint16_t *to = from ? from + i * w->ld : NULL;                                         \
            if (w->rows == 2 && w->columns == 2)                                                   \
                take_one_##lanes(&two, x, relu, n, y, to);                                         \
            else                                                                                   \
                take_one_##lanes(w, x, relu, n, y, to);                                            \
        }                                                                                          \
    }

/* dy of one pixel to the window; y NULL: no relu. */
#define GIVE_BACK(lanes)                                                                           \
    SIMD_TARGET_##lanes static inline __attribute__((always_inline)) void give_one_##lanes(        \
        const struct window *w, const struct max_pool_gradient *g, size_t pixel, size_t n,         \
        float *dx)                                                                                 \
    {                                                                                              \
        const size_t rows = w->rows, columns = w->columns, ld = w->ld;                             \
        const simd_##lanes zero = {0}, one = zero + 1;                                             \
        for (size_t j = 0; j < n; j += lanes) {                                                    \
            simd_##lanes d = SIMD_LOAD(lanes, g->dy + pixel + j);                                  \
            places_##lanes narrow;                                                                 \
            memcpy(&narrow, g->from + pixel + j, sizeof narrow);                                   \
            const ints_##lanes place = __builtin_convertvector(narrow, ints_##lanes);              \
            ints_##lanes at = {0};                                                                 \
            if (g->y)                                                                              \
                d *= CHOOSE(lanes, SIMD_LOAD(lanes, g->y + pixel + j) <= zero, zero, one);         \
            for (size_t r = 0; r < rows; r++) {                                                    \
                float *to = dx + j + r * w->row;                                                   \
                for (size_t c = 0; c < columns; c++, to += ld, at += 1) {                          \
                    const simd_##lanes sum =                                                       \
                        SIMD_LOAD(lanes, to) + CHOOSE(lanes, place == at, d, zero);                \
                    SIMD_STORE(lanes, to, sum);                                                    \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    SIMD_TARGET_##lanes static void give_##lanes(                                                  \
        const struct window *w, const struct max_pool_gradient *g, size_t n, float *dx)            \
    {                                                                                              \
        for (size_t i = 0; i < w->count; i++)                                                      \
            give_one_##lanes(w, g, i * w->ld, n, dx + i * w->step);                                \
    }

#define KERNELS(lanes) TAKE_LARGEST(lanes) GIVE_BACK(lanes)
SIMD_FOR_LEVELS(KERNELS)

static void (*const take[])(const struct window *, const float *, bool, size_t, float *,
                            uint16_t *) = SIMD_LEVELS(take);
static void (*const give[])(const struct window *, const struct max_pool_gradient *, size_t,
                            float *) = SIMD_LEVELS(give);

/* ---- images whose pixels are narrower than a vector ---- */

static void take_few(const struct window *w, const float *x, bool relu, size_t n, float *y,
                     uint16_t *from)
{
    for (size_t j = 0; j < w->count * n; j++) {
        const float *first = x + j / n * w->step + j % n;
        float best = relu && first[0] <= 0 ? 0 : first[0];
        uint16_t place = 0;
        for (size_t at = 0; at < w->rows * w->columns; at++) {
            float v = first[at / w->columns * w->row + at % w->columns * w->ld];
            v = relu && v <= 0 ? 0 : v;
            if (!(v <= best) && !isnan(best)) {
                best = v;
                place = (uint16_t)at;
            }
        }
        y[j] = best;
        if (from)
            from[j] = place;
    }
}

static void give_few(const struct window *w, const struct max_pool_gradient *g, size_t n, float *dx)
{
    for (size_t j = 0; j < w->count * n; j++)
        dx[j / n * w->step + j % n + g->from[j] / w->columns * w->row +
           g->from[j] % w->columns * w->ld] +=
            g->y ? g->dy[j] * (g->y[j] <= 0 ? 0.0f : 1.0f) : g->dy[j];
}

/* ---- images ---- */

/* The window of output (oy, ox) and those after it that are like it; where it begins. */
static size_t windows_of(const struct max_pool *p, size_t oy, size_t ox, struct window *ret)
{
    const struct image_windows *w = &p->windows;
    size_t y0, y1, x0, x1, next, end;
    image_window(w, 0, oy, p->in.height, &y0, &y1);
    image_window(w, 1, ox, p->in.width, &x0, &x1);
    *ret = (struct window){.rows = y1 - y0,
                           .columns = x1 - x0,
                           .row = p->in.width * p->ld,
                           .ld = p->ld,
                           .count = 1,
                           .step = w->stride[1] * p->ld};
    for (; ox + ret->count < p->out.width; ret->count++) {
        image_window(w, 1, ox + ret->count, p->in.width, &next, &end);
        if (end - next != x1 - x0 || next - x0 != ret->count * w->stride[1])
            break;
    }
    return (y0 * p->in.width + x0) * p->ld;
}

/* Floats of a vector of each level. */
static const size_t lanes_of[] = {4, 8, 16};

void max_pool_forward(const struct max_pool *p, const float *x, bool relu, float *y, uint16_t *from)
{
    size_t ld = p->ld, n = p->in.channels, lanes = lanes_of[processor_now()];
    bool few = ld < TENSOR_UNIT;
    struct window w;
    n = few ? n : (n + lanes - 1) / lanes * lanes;
    for (size_t oy = 0; oy < p->out.height; oy++)
        for (size_t ox = 0; ox < p->out.width; ox += w.count) {
            size_t at = windows_of(p, oy, ox, &w), to = (oy * p->out.width + ox) * ld;
            (few ? take_few : take[processor_now()])(&w, x + at, relu, n, y + to,
                                                     from ? from + to : NULL);
        }
}

void max_pool_backward(const struct max_pool *p, const struct max_pool_gradient *g, float *dx)
{
    size_t ld = p->ld, first = g->first, n = g->count;
    bool few = ld < TENSOR_UNIT;
    if (!few) {
        first = first / TENSOR_UNIT * TENSOR_UNIT;
        n = tensor_pad(g->first + g->count) - first;
    }
    memset(dx, 0, image_pixels(p->in) * ld * sizeof *dx);
    struct window w;
    for (size_t oy = 0; oy < p->out.height; oy++)
        for (size_t ox = 0; ox < p->out.width; ox += w.count) {
            size_t at = windows_of(p, oy, ox, &w) + first,
                   pixel = (oy * p->out.width + ox) * ld + first;
            struct max_pool_gradient one = {
                .dy = g->dy + pixel, .y = g->y ? g->y + pixel : NULL, .from = g->from + pixel};
            (few ? give_few : give[processor_now()])(&w, &one, n, dx + at);
        }
}
