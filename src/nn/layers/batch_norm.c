/* Batch normalisation (Ioffe and Szegedy 2015, algorithm 1, arXiv:1502.03167), with PyTorch's
 * conventions: eps 1e-5, the batch normalised by its biased variance, running statistics with the
 * unbiased one and momentum 0.1. */
#include "nn/internal.h"
#include "num/simd.h"
#include <math.h>
#include <string.h>

static const double eps = 1e-5;

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    (void)options, (void)err;
    s->out = s->in;
    s->out_ld = s->in_ld;
    s->weight = s->bias = s->norm = s->running = true;
    s->weights = (struct tensor_shape){.rows = s->in.channels, .cols = 1};
    s->kept = 5 * s->in_ld;
    s->scratch = 2 * (s->in_ld < 16 ? 16 : s->in_ld);
    return true;
}

/* ---- sums of columns ----
 *
 * In double, row after row: a group of columns stays in registers while a stretch of rows that the
 * first cache holds goes by. Each thread has some of the groups. */

typedef double doubles __attribute__((vector_size(32)));
typedef double doubles_at __attribute__((vector_size(32), may_alias, aligned(8)));
typedef double wide_doubles __attribute__((vector_size(64)));
typedef int32_t masks __attribute__((vector_size(32)));

enum { HALF = 4, GROUP = 2 * HALF, STRETCH = 64 };

#define SUM(p, h) (*(doubles_at *)(void *)((p) + (h)*HALF))
#define EACH_HALF                                                                                  \
    SIMD_UNROLL                                                                                    \
    for (int h = 0; h < 2; h++)
/* Both halves of the simd_8 v in double. */
#define WIDEN(ret, v)                                                                              \
    do {                                                                                           \
        const wide_doubles w_ = __builtin_convertvector(v, wide_doubles);                          \
        (ret)[0] = __builtin_shufflevector(w_, w_, 0, 1, 2, 3);                                    \
        (ret)[1] = __builtin_shufflevector(w_, w_, 4, 5, 6, 7);                                    \
    } while (0)

struct sums {
    const struct layer_call *c;
    double *a, *b; /* a number a column, at least GROUP */
};

struct stretch {
    const struct layer_call *c;
    size_t row, rows, column;
    size_t columns; /* GROUP, or of a few channels all */
};

/* Sums of a stretch. */
typedef void add_stretch(const struct sums *s, const struct stretch *t);

/* v = the n numbers at x. Macros: a vector that a function returned would have another ABI on each
 * processor. */
#define TAKE(v, x, n)                                                                              \
    do {                                                                                           \
        const float *x_ = (x);                                                                     \
        (v) = (simd_8){0};                                                                         \
        if ((n) == GROUP)                                                                          \
            (v) = SIMD_LOAD(8, x_);                                                                \
        for (size_t k_ = 0; (n) != GROUP && k_ < (n); k_++)                                        \
            (v)[k_] = x_[k_];                                                                      \
    } while (0)

/* v = row i of a stretch of x, dy or y. */
#define TAKE_ROW(v, t, from, i)                                                                    \
    TAKE(v, (from) + ((t)->row + (i)) * (t)->c->in_ld + (t)->column, (t)->columns)

/* d = the same of dy, or, where ReLU follows, of dy where y is above 0. */
#define TAKE_GRADIENT(d, t, i)                                                                     \
    do {                                                                                           \
        TAKE_ROW(d, t, (t)->c->dy, i);                                                             \
        if ((t)->c->behind->relu) {                                                                \
            simd_8 y_;                                                                             \
            TAKE_ROW(y_, t, (t)->c->y, i);                                                         \
            (d) *= (simd_8)(~(y_ <= 0) & (masks)((simd_8){0} + 1));                                \
        }                                                                                          \
    } while (0)

/* a += x */
static inline __attribute__((always_inline)) void add_x(const struct sums *s,
                                                        const struct stretch *t)
{
    double *a = s->a + t->column;
    doubles sum[2] = {SUM(a, 0), SUM(a, 1)}, wide[2];
    for (size_t i = 0; i < t->rows; i++) {
        simd_8 x;
        TAKE_ROW(x, t, t->c->x, i);
        WIDEN(wide, x);
        EACH_HALF
        sum[h] += wide[h];
    }
    EACH_HALF
    SUM(a, h) = sum[h];
}

/* b += (x - a)^2 */
static inline __attribute__((always_inline)) void add_squares(const struct sums *s,
                                                              const struct stretch *t)
{
    double *a = s->a + t->column, *b = s->b + t->column;
    const doubles mean[2] = {SUM(a, 0), SUM(a, 1)};
    doubles sum[2] = {SUM(b, 0), SUM(b, 1)}, d[2];
    for (size_t i = 0; i < t->rows; i++) {
        simd_8 x;
        TAKE_ROW(x, t, t->c->x, i);
        WIDEN(d, x);
        EACH_HALF
        {
            d[h] -= mean[h];
            sum[h] += d[h] * d[h];
        }
    }
    EACH_HALF
    SUM(b, h) = sum[h];
}

/* a += dy, b += dy x^, with x^ the normalised input. */
static inline __attribute__((always_inline)) void add_gradients(const struct sums *s,
                                                                const struct stretch *t)
{
    const float *kept = t->c->kept + t->column;
    double *a = s->a + t->column, *b = s->b + t->column;
    doubles db[2] = {SUM(a, 0), SUM(a, 1)}, dw[2] = {SUM(b, 0), SUM(b, 1)}, wide[2];
    simd_8 mean, inverse;
    TAKE(mean, kept, t->columns);
    TAKE(inverse, kept + t->c->in_ld, t->columns);
    for (size_t i = 0; i < t->rows; i++) {
        simd_8 d, x;
        TAKE_GRADIENT(d, t, i);
        TAKE_ROW(x, t, t->c->x, i);
        WIDEN(wide, d);
        EACH_HALF
        db[h] += wide[h];
        d *= (x - mean) * inverse;
        WIDEN(wide, d);
        EACH_HALF
        dw[h] += wide[h];
    }
    EACH_HALF
    {
        SUM(a, h) = db[h];
        SUM(b, h) = dw[h];
    }
}

static inline __attribute__((always_inline)) void add_share(const struct sums *s, size_t part,
                                                            add_stretch *add)
{
    const struct layer_call *c = s->c;
    size_t first, count;
    team_share(c->how->team, part, c->in_ld, GROUP, &first, &count);
    for (size_t row = 0; row < c->n; row += STRETCH)
        for (size_t k = first; k < first + count; k += GROUP) {
            struct stretch t = {.c = c,
                                .row = row,
                                .rows = c->n - row < STRETCH ? c->n - row : STRETCH,
                                .column = k,
                                .columns = GROUP};
            if (c->in_ld < GROUP) {
                t.columns = c->in_ld;
                add(s, &t);
            } else {
                add(s, &t); /* knows the number */
            }
        }
}

static VECTORIZED(share_of_x, (void *s, size_t part), (s, part))
{
    add_share(s, part, add_x);
}

static VECTORIZED(share_of_squares, (void *s, size_t part), (s, part))
{
    add_share(s, part, add_squares);
}

static VECTORIZED(share_of_gradients, (void *s, size_t part), (s, part))
{
    add_share(s, part, add_gradients);
}

/* Below this threads are not worth waking. */
enum { FLOATS_WORTH_SHARING = 1 << 15 };

/* The call with the team that is worth it. */
static struct layer_call shared(const struct layer_call *c)
{
    static const struct matmul alone = {0};
    struct layer_call r = *c;
    r.how = c->n * c->in_ld < FLOATS_WORTH_SHARING ? &alone : c->how;
    return r;
}

static void clear(const struct layer_call *c, double *x)
{
    memset(x, 0, (c->in_ld < GROUP ? GROUP : c->in_ld) * sizeof *x);
}

/* Means, and sums of squared deviations, of the columns. */
static void column_moments(const struct layer_call *c, double *mean, double *square)
{
    struct sums s = {c, mean, square};
    clear(c, mean);
    clear(c, square);
    team_run(c->how->team, share_of_x, &s);
    for (size_t j = 0; j < c->in_ld; j++)
        mean[j] /= (double)c->n;
    team_run(c->how->team, share_of_squares, &s);
}

static void move_running(const struct layer_call *c, const double *mean, const double *square)
{
    double a = c->average, n = (double)c->n;
    for (size_t j = 0; a > 0 && j < c->in; j++) {
        c->mean[j] = (float)((1 - a) * (double)c->mean[j] + a * mean[j]);
        c->var[j] = (float)((1 - a) * (double)c->var[j] + a * square[j] / (n - 1));
    }
}

/* ---- rows, which threads share ---- */

static void rows_of(const struct layer_call *c, size_t part, size_t *ret_first, size_t *ret_end)
{
    size_t count;
    team_share(c->how->team, part, c->n, 1, ret_first, &count);
    *ret_end = *ret_first + count;
}

/* y = (x - mean) * (weight / deviation) + bias, and ReLU where it follows. */
static VECTORIZED(normalise, (void *context, size_t part), (context, part))
{
    const struct layer_call *c = context;
    size_t ld = c->in_ld, first, end;
    const float *restrict mean = c->kept, *restrict inverse = c->kept + ld,
                          *restrict weight = c->weight, *restrict bias = c->bias;
    const bool relu = c->behind->relu;
    rows_of(c, part, &first, &end);
    for (size_t i = first; i < end; i++) {
        const float *restrict x = c->x + i * ld;
        float *restrict y = c->y + i * ld;
        for (size_t j = 0; j < ld; j++) {
            float v = (x[j] - mean[j]) * inverse[j] * weight[j] + bias[j];
            y[j] = relu && v <= 0 ? 0.0f : v;
        }
    }
}

static void forward(const struct layer_call *c)
{
    size_t ld = c->in_ld;
    float *mean = c->kept, *inverse = c->kept + ld;
    struct layer_call call = shared(c);
    if (c->training) {
        double *m = c->scratch, *square = c->scratch + (ld < GROUP ? GROUP : ld);
        column_moments(&call, m, square);
        move_running(c, m, square);
        for (size_t j = 0; j < ld; j++) {
            mean[j] = (float)m[j];
            inverse[j] = (float)(1 / sqrt(square[j] / (double)c->n + eps));
        }
    } else {
        for (size_t j = 0; j < ld; j++) {
            mean[j] = c->mean[j];
            inverse[j] = (float)(1 / sqrt((double)c->var[j] + eps));
        }
    }
    team_run(call.how->team, normalise, &call);
}

/* dx = weight / deviation (dy - db / n - x^ dw / n), in place. */
static VECTORIZED(input_gradient, (void *context, size_t part), (context, part))
{
    const struct layer_call *c = context;
    size_t ld = c->in_ld, masked = c->behind->relu ? ld : 0, first, end;
    const float *restrict mean = c->kept, *restrict a = mean + 2 * ld, *restrict shift = a + ld,
                          *restrict slope = shift + ld;
    rows_of(c, part, &first, &end);
    for (size_t i = first; i < end; i++) {
        const float *restrict x = c->x + i * ld;
        const float *restrict y = c->y + i * ld;
        float *restrict d = c->dx + i * ld;
        for (size_t j = 0; j < masked; j++)
            d[j] *= y[j] <= 0 ? 0.0f : 1.0f;
        for (size_t j = 0; j < ld; j++)
            d[j] = a[j] * (d[j] - shift[j] - (x[j] - mean[j]) * slope[j]);
    }
}

/* db = sum dy, dw = sum dy x^. */
static void backward(const struct layer_call *c)
{
    size_t ld = c->in_ld;
    const float *inverse = c->kept + ld;
    double *db = c->scratch, *dw = c->scratch + (ld < GROUP ? GROUP : ld);
    float *a = c->kept + 2 * ld, *shift = c->kept + 3 * ld, *slope = c->kept + 4 * ld;
    struct layer_call call = shared(c);
    struct sums s = {&call, db, dw};
    clear(c, db);
    clear(c, dw);
    team_run(call.how->team, share_of_gradients, &s);
    for (size_t j = 0; j < ld; j++) {
        c->dweight[j] = (float)dw[j] + (c->accumulate ? c->dweight[j] : 0);
        c->dbias[j] = (float)db[j] + (c->accumulate ? c->dbias[j] : 0);
        a[j] = c->weight[j] * inverse[j];
        shift[j] = (float)(db[j] / (double)c->n);
        slope[j] = (float)(dw[j] / (double)c->n) * inverse[j];
    }
    if (c->dx)
        team_run(call.how->team, input_gradient, &call);
}

const struct layer_kind layer_batch_norm = {
    .base = {.name = "batch_norm",
             .title = "batch normalisation: of an image, each channel",
             .equation = "y = weight * (x - mean) / sqrt(var + 1e-5) + bias",
             .source = "Ioffe and Szegedy 2015, algorithm 1, arXiv:1502.03167"},
    .shape = shape,
    .elementwise = true,
    .wants_x = true,
    .forward = forward,
    .backward = backward,
};
