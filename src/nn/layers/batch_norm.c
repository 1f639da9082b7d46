/* Batch normalisation (Ioffe and Szegedy 2015, algorithm 1, arXiv:1502.03167), with PyTorch's
 * conventions: eps 1e-5, the batch normalised by its biased variance, running statistics with the
 * unbiased one and momentum 0.1. */
#include "nn/internal.h"
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
    return true;
}

/* ---- shares of the work: sums by columns, the rest by rows ---- */

enum { SHARED_COLUMNS = 8 };
static const size_t worth_sharing = 100000; /* floats */

static struct team *team_of(const struct layer_call *c)
{
    return c->n * c->in_ld < worth_sharing ? NULL : c->backend->team;
}

/* Some columns of a thread. */
static void columns_of(const struct layer_call *c, size_t part, size_t *ret_first,
                       size_t *ret_count)
{
    team_share(team_of(c), part, c->in_ld, SHARED_COLUMNS, ret_first, ret_count);
}

static void rows_of(const struct layer_call *c, size_t part, size_t *ret_first, size_t *ret_count)
{
    team_share(team_of(c), part, c->n, 1, ret_first, ret_count);
}

struct job {
    const struct layer_call *c;
    void (*f)(const struct layer_call *c, size_t part);
};

static void run_part(void *context, size_t part)
{
    const struct job *j = context;
    j->f(j->c, part);
}

static void run(const struct layer_call *c, void (*f)(const struct layer_call *c, size_t part))
{
    struct job j = {c, f};
    team_run(team_of(c), run_part, &j);
}

/* ---- forward ---- */

/* Means, and sums of squared deviations, of columns: into scratch. */
static VECTORIZED(column_moments, (const struct layer_call *c, size_t part), (c, part))
{
    size_t ld = c->in_ld, first, count;
    columns_of(c, part, &first, &count);
    double *restrict mean = c->scratch + first, *restrict square = c->scratch + ld + first;
    memset(mean, 0, count * sizeof *mean);
    memset(square, 0, count * sizeof *square);
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld + first;
        for (size_t j = 0; j < count; j++)
            mean[j] += (double)x[j];
    }
    for (size_t j = 0; j < count; j++)
        mean[j] /= (double)c->n;
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld + first;
        for (size_t j = 0; j < count; j++) {
            double d = (double)x[j] - mean[j];
            square[j] += d * d;
        }
    }
}

static void move_running(const struct layer_call *c, const double *mean, const double *square)
{
    double a = c->average, n = (double)c->n;
    for (size_t j = 0; a > 0 && j < c->in; j++) {
        c->mean[j] = (float)((1 - a) * (double)c->mean[j] + a * mean[j]);
        c->var[j] = (float)((1 - a) * (double)c->var[j] + a * square[j] / (n - 1));
    }
}

/* y = (x - mean) * (weight / deviation) + bias */
static inline float normal(float x, float mean, float inverse, float weight, float bias)
{
    return (x - mean) * inverse * weight + bias;
}

/* And the ReLU behind it, where that is done here (nn/fuse.c). */
static VECTORIZED(normalise, (const struct layer_call *c, size_t part), (c, part))
{
    size_t ld = c->in_ld, first, count;
    const float *restrict mean = c->kept, *restrict inverse = c->kept + ld;
    const float *restrict weight = c->weight, *restrict bias = c->bias;
    const bool relu = c->behind->relu;
    rows_of(c, part, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        const float *restrict x = c->x + i * ld;
        float *restrict y = c->y + i * ld;
        for (size_t j = 0; j < ld; j++) {
            float v = normal(x[j], mean[j], inverse[j], weight[j], bias[j]);
            y[j] = relu && v <= 0 ? 0.0f : v;
        }
    }
}

static void forward(const struct layer_call *c)
{
    size_t ld = c->in_ld;
    float *mean = c->kept, *inverse = c->kept + ld;
    if (c->training) {
        const double *m = c->scratch, *square = c->scratch + ld;
        run(c, column_moments);
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
    run(c, normalise);
}

/* ---- the way back ---- */

/* dy before the ReLU: 0 where that gave 0, which x tells. */
static inline float behind_relu(bool relu, float dy, float v)
{
    return relu ? dy * (v <= 0 ? 0.0f : 1.0f) : dy;
}

/* db = sum dy, dw = sum dy x^, with x^ the normalised input: into scratch. */
static VECTORIZED(weight_gradients, (const struct layer_call *c, size_t part), (c, part))
{
    size_t ld = c->in_ld, first, count;
    columns_of(c, part, &first, &count);
    double *restrict db = c->scratch + first, *restrict dw = c->scratch + ld + first;
    const float *restrict mean = c->kept + first, *restrict inverse = c->kept + ld + first;
    const float *restrict weight = c->weight + first, *restrict bias = c->bias + first;
    const bool relu = c->behind->relu;
    memset(db, 0, count * sizeof *db);
    memset(dw, 0, count * sizeof *dw);
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld + first, *restrict dy = c->dy + i * ld + first;
        for (size_t j = 0; j < count; j++) {
            float v = normal(x[j], mean[j], inverse[j], weight[j], bias[j]),
                  d = behind_relu(relu, dy[j], v);
            db[j] += (double)d;
            dw[j] += (double)(d * ((x[j] - mean[j]) * inverse[j]));
        }
    }
}

/* dx = weight / deviation (dy - db / n - x^ dw / n), in place. */
static VECTORIZED(input_gradient, (const struct layer_call *c, size_t part), (c, part))
{
    size_t ld = c->in_ld, first, count;
    const float *restrict mean = c->kept, *restrict a = c->kept + 2 * ld,
                          *restrict shift = c->kept + 3 * ld, *restrict slope = c->kept + 4 * ld,
                          *restrict inverse = c->kept + ld, *restrict weight = c->weight,
                          *restrict bias = c->bias;
    const bool relu = c->behind->relu;
    rows_of(c, part, &first, &count);
    for (size_t i = first; i < first + count; i++) {
        const float *restrict x = c->x + i * ld;
        float *restrict d = c->dx + i * ld;
        for (size_t j = 0; j < ld; j++) {
            float v = normal(x[j], mean[j], inverse[j], weight[j], bias[j]);
            d[j] = a[j] * (behind_relu(relu, d[j], v) - shift[j] - (x[j] - mean[j]) * slope[j]);
        }
    }
}

static void backward(const struct layer_call *c)
{
    size_t ld = c->in_ld;
    const float *inverse = c->kept + ld;
    const double *db = c->scratch, *dw = c->scratch + ld;
    float *a = c->kept + 2 * ld, *shift = c->kept + 3 * ld, *slope = c->kept + 4 * ld;
    run(c, weight_gradients);
    for (size_t j = 0; j < ld; j++) {
        c->dweight[j] = (float)dw[j] + (c->accumulate ? c->dweight[j] : 0);
        c->dbias[j] = (float)db[j] + (c->accumulate ? c->dbias[j] : 0);
        a[j] = c->weight[j] * inverse[j];
        shift[j] = (float)(db[j] / (double)c->n);
        slope[j] = (float)(dw[j] / (double)c->n) * inverse[j];
    }
    if (c->dx)
        run(c, input_gradient);
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
