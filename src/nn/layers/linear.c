/* The fully connected layer: Y = X W + b, with W stored (in, out) and padded (num/tensor.h). */
#include "nn/internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void shape(const void *options, struct layer_shape *s)
{
    const struct linear_options *o = options;
    s->out = (size_t)o->out;
    s->weight = true;
    s->bias = o->bias;
    snprintf(s->detail, sizeof s->detail, "%zu -> %zu%s", s->in, s->out,
             o->bias ? "" : ", no bias");
}

/* The width in whole vectors: a little padding is faster than a ragged edge. */
static size_t full(size_t width)
{
    return (width + 15) / 16 * 16;
}

/* What every row of X W + b has in common: the bias, and where x is shifted from 0, the shift times
 * the column sums of W. */
static void row_base(const struct layer_call *c, float *base)
{
    double *sum = c->scratch;
    memset(sum, 0, c->out_ld * sizeof *sum);
    for (size_t i = 0; fabsf(c->row_shift) > 0 && i < c->in; i++)
        for (size_t j = 0; j < c->out_ld; j++)
            sum[j] += (double)c->weight[i * c->out_ld + j];
    for (size_t j = 0; j < c->out_ld; j++)
        base[j] = (float)((double)c->row_shift * sum[j]) + (c->bias ? c->bias[j] : 0);
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    if (c->rows) {
        float *base = (float *)(void *)(c->scratch + c->out_ld);
        row_base(c, base);
        sparse_gemm(c->how->team, c->rows, c->n, c->in, c->row_scale, c->weight, c->out_ld,
                    full(c->out), base, c->y);
        return;
    }
    matmul(c->how, false, false, c->n, full(c->out), c->in, c->x, c->in_ld, c->weight,
           c->out_ld, c->bias, 0, c->y, c->out_ld);
}

/* db = column sums of dY */
static void bias_gradient(const struct layer_call *c)
{
    float *restrict db = c->dbias;
    if (!c->accumulate)
        memset(db, 0, c->out_ld * sizeof *db);
    for (size_t i = 0; i < c->n; i++) {
        const float *restrict dy = c->dy + i * c->out_ld;
        for (size_t j = 0; j < c->out_ld; j++)
            db[j] += dy[j];
    }
}

/* dW of sparse rows: what x is shifted by gives every row of dW the column sums of dY. */
static void sparse_weight_gradient(const struct layer_call *c)
{
    double *sum = c->scratch;
    float *base = (float *)(void *)(c->scratch + c->out_ld);
    memset(sum, 0, c->out_ld * sizeof *sum);
    for (size_t i = 0; fabsf(c->row_shift) > 0 && i < c->n; i++)
        for (size_t j = 0; j < c->out_ld; j++)
            sum[j] += (double)c->dy[i * c->out_ld + j];
    for (size_t j = 0; j < c->out_ld; j++)
        base[j] = (float)((double)c->row_shift * sum[j]);
    sparse_gemm_transposed(c->how->team, c->rows, c->n, c->in, c->row_scale, c->dy, c->out_ld,
                           full(c->out), base, c->accumulate, c->dweight);
}

/* dW = X^T dY, dX = dY W^T; the padding of dX is made zero. */
static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    if (c->rows)
        sparse_weight_gradient(c);
    else
        matmul(c->how, true, false, c->in, full(c->out), c->n, c->x, c->in_ld, c->dy, c->out_ld,
               c->accumulate ? c->dweight : NULL, c->out_ld, c->dweight, c->out_ld);
    if (c->dbias)
        bias_gradient(c);
    if (!c->dx)
        return;
    matmul(c->how, false, true, c->n, c->in, c->out, c->dy, c->out_ld, c->weight, c->out_ld,
           NULL, 0, c->dx, c->in_ld);
    size_t written = full(c->in);
    for (size_t i = 0; i < c->n && written < c->in_ld; i++)
        memset(c->dx + i * c->in_ld + written, 0, (c->in_ld - written) * sizeof(float));
}

static const struct param params[] = {
    P_INT(struct linear_options, out, NULL, FROM_TO(1, 1000000), "width of the output"),
    P_BOOL(struct linear_options, bias, "true", "whether it adds a bias"), P_END};

const struct layer_kind layer_linear = {
    .base = {.name = "linear",
             .title = "fully connected layer",
             .equation = "y = W x + b",
             .params = params,
             .options_size = sizeof(struct linear_options)},
    .shape = shape,
    .takes_rows = true,
    .forward = forward,
    .backward = backward,
};
