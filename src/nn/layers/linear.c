/* The fully connected layer: Y = X W + b, with W stored (in, out) and padded (num/tensor.h). */
#include "nn/internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    const struct linear_options *o = options;
    char text[64];
    if (s->image && s->in.channels == 0)
        return error_set(err, ERR_USAGE,
                         "a linear layer takes a vector, not an image: put '- flatten' before it");
    if (s->image)
        return error_set(
            err, ERR_USAGE,
            "a linear layer takes a vector, such as %zu numbers, not %s: put '- flatten' before it",
            image_numbers(s->in), shape_text(s->in, true, text));
    s->out = (struct image_shape){(size_t)o->out, 1, 1};
    s->products = (double)s->in.channels * (double)o->out;
    s->weight = true;
    s->bias = o->bias;
    snprintf(s->detail, sizeof s->detail, "%zu -> %zu%s", s->in.channels, s->out.channels,
             o->bias ? "" : ", no bias");
    return true;
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

/* What both products with the rows share. */
static struct sparse_product sparse_product(const struct layer_call *c, const float *base)
{
    return (struct sparse_product){.team = c->backend->team,
                                   .x = c->rows,
                                   .n = c->n,
                                   .columns = c->in,
                                   .scale = c->row_scale,
                                   .ld = c->out_ld,
                                   .width = tensor_pad(c->out),
                                   .base = base};
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    if (c->rows) {
        float *base = (float *)(void *)(c->scratch + c->out_ld);
        row_base(c, base);
        struct sparse_product p = sparse_product(c, base);
        p.right = c->weight;
        p.result = c->y;
        sparse_gemm(&p);
    } else {
        matmul(c->backend,
               &(struct product){.m = c->n,
                                 .n = tensor_pad(c->out), /* cheaper than a ragged edge */
                                 .k = c->in,
                                 .a = c->x,
                                 .lda = c->in_ld,
                                 .b = c->weight,
                                 .ldb = c->out_ld,
                                 .start = c->bias,
                                 .c = c->y,
                                 .ldc = c->out_ld});
    }
    tensor_clear_ends(c->y, c->n, tensor_pad(c->out), c->out_ld);
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
    struct sparse_product p = sparse_product(c, base);
    p.right = c->dy;
    p.accumulate = c->accumulate;
    p.result = c->dweight;
    sparse_gemm_transposed(&p);
}

/* dW = X^T dY, dX = dY W^T; the padding of dX is made zero. */
static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    if (c->rows)
        sparse_weight_gradient(c);
    else
        matmul(c->backend, &(struct product){.transpose_a = true,
                                             .m = c->in,
                                             .n = tensor_pad(c->out),
                                             .k = c->n,
                                             .a = c->x,
                                             .lda = c->in_ld,
                                             .b = c->dy,
                                             .ldb = c->out_ld,
                                             .start = c->accumulate ? c->dweight : NULL,
                                             .start_ld = c->out_ld,
                                             .c = c->dweight,
                                             .ldc = c->out_ld});
    if (c->dbias)
        bias_gradient(c);
    if (!c->dx)
        return;
    matmul(c->backend, &(struct product){.transpose_b = true,
                                         .m = c->n,
                                         .n = c->in,
                                         .k = c->out,
                                         .a = c->dy,
                                         .lda = c->out_ld,
                                         .b = c->weight,
                                         .ldb = c->out_ld,
                                         .c = c->dx,
                                         .ldc = c->in_ld});
    tensor_clear_ends(c->dx, c->n, tensor_pad(c->in), c->in_ld);
}

static const struct param params[] = {
    P_INT(struct linear_options, out, NULL, FROM_TO(1, 1000000), "width of the output"),
    P_BOOL(struct linear_options, bias, "true", "whether it adds a bias"),
    P_KIND(struct linear_options, init, "null", &init_registry,
           "initial weights of this layer, in place of the model's", .nullable = true),
    P_END};

const struct layer_kind layer_linear = {
    .base = {.name = "linear",
             .title = "fully connected layer",
             .equation = "y = W x + b",
             .params = params,
             .options_size = sizeof(struct linear_options)},
    .shape = shape,
    .wants_x = true,
    .takes_rows = true,
    .has_units = true,
    .is_product = true,
    .forward = forward,
    .backward = backward,
};
