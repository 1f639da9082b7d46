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

/* Means, and sums of squared deviations, of the columns. */
static void column_moments(const struct layer_call *c, double *restrict mean,
                           double *restrict square)
{
    size_t ld = c->in_ld;
    memset(mean, 0, ld * sizeof *mean);
    memset(square, 0, ld * sizeof *square);
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld;
        for (size_t j = 0; j < ld; j++)
            mean[j] += (double)x[j];
    }
    for (size_t j = 0; j < ld; j++)
        mean[j] /= (double)c->n;
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld;
        for (size_t j = 0; j < ld; j++) {
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
static void normalise(const struct layer_call *c, const float *restrict mean,
                      const float *restrict inverse)
{
    size_t ld = c->in_ld;
    const float *restrict weight = c->weight, *restrict bias = c->bias;
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld;
        float *restrict y = c->y + i * ld;
        for (size_t j = 0; j < ld; j++)
            y[j] = (x[j] - mean[j]) * inverse[j] * weight[j] + bias[j];
    }
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    size_t ld = c->in_ld;
    float *mean = c->kept, *inverse = c->kept + ld;
    if (c->training) {
        double *m = c->scratch, *square = c->scratch + ld;
        column_moments(c, m, square);
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
    normalise(c, mean, inverse);
}

/* db = sum dy, dw = sum dy x^, with x^ the normalised input. */
static void weight_gradients(const struct layer_call *c, double *restrict db, double *restrict dw)
{
    size_t ld = c->in_ld;
    const float *restrict mean = c->kept, *restrict inverse = c->kept + ld;
    memset(db, 0, ld * sizeof *db);
    memset(dw, 0, ld * sizeof *dw);
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld, *restrict dy = c->dy + i * ld;
        for (size_t j = 0; j < ld; j++) {
            db[j] += (double)dy[j];
            dw[j] += (double)(dy[j] * ((x[j] - mean[j]) * inverse[j]));
        }
    }
}

/* dx = weight / deviation (dy - db / n - x^ dw / n), in place. */
static void input_gradient(const struct layer_call *c, const float *restrict a,
                           const float *restrict shift, const float *restrict slope)
{
    size_t ld = c->in_ld;
    const float *restrict mean = c->kept;
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict x = c->x + i * ld;
        float *restrict d = c->dx + i * ld;
        for (size_t j = 0; j < ld; j++)
            d[j] = a[j] * (d[j] - shift[j] - (x[j] - mean[j]) * slope[j]);
    }
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    size_t ld = c->in_ld;
    const float *inverse = c->kept + ld;
    double *db = c->scratch, *dw = c->scratch + ld;
    float *a = c->kept + 2 * ld, *shift = c->kept + 3 * ld, *slope = c->kept + 4 * ld;
    weight_gradients(c, db, dw);
    for (size_t j = 0; j < ld; j++) {
        c->dweight[j] = (float)dw[j] + (c->accumulate ? c->dweight[j] : 0);
        c->dbias[j] = (float)db[j] + (c->accumulate ? c->dbias[j] : 0);
        a[j] = c->weight[j] * inverse[j];
        shift[j] = (float)(db[j] / (double)c->n);
        slope[j] = (float)(dw[j] / (double)c->n) * inverse[j];
    }
    if (c->dx)
        input_gradient(c, a, shift, slope);
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
