/* What a layer is, shared by the files of this module. */
#ifndef DESCENT_NN_INTERNAL_H
#define DESCENT_NN_INTERNAL_H

#include "nn/nn.h"
#include "num/random.h"
#include "num/sparse.h"
#include "util/processor.h"

/* What a layer tells about itself once its input's width is known. */
struct layer_shape {
    size_t in, out;    /* widths; out is set by the kind */
    bool weight, bias; /* trained tensors it has */
    bool norm; /* they are a norm's (vectors of width out), and there are running statistics */
    bool nothing; /* it does nothing and is left out (dropout 0) */
    bool saves;   /* needs rows x ld floats of its own between forward and backward */
    char detail[48];
};

/* One layer at work on n rows. Blocks are n x ld floats, ld the width rounded up to 16. */
struct layer_call {
    const struct matmul *how;
    const void *options;
    size_t n, in, out, in_ld, out_ld;
    const float *x, *weight, *bias;
    float *y;
    float *mean, *var; /* running statistics, or NULL */
    float *
        saved; /* from forward to backward; see layer_shape.saves; norms: mean and 1/deviation */
    double *scratch; /* 4 x ld doubles */
    /* The input as rows of bytes in place of x (the first layer, where it is linear); NULL:
     * dense. */
    const struct sparse_row *rows;
    float row_scale, row_shift; /* x = value * scale + shift, in every column */
    bool training, dropping;
    double average; /* share of the batch in the running statistics; 0: they stay */
    uint64_t seed, minibatch;
    uint32_t number; /* of the layer */
    /* backward only */
    const float *dy;
    float *
        dx; /* NULL: not wanted. An elementwise layer always gets dx = dy: it works in place. */
    float *dweight, *dbias;
    bool accumulate;
};

struct layer_kind {
    struct kind base;
    void (*shape)(const void *options, struct layer_shape *s);
    bool elementwise; /* backward works in place: dx is dy */
    bool passes;      /* hands its input on as it is (flatten) */
    bool takes_rows;  /* as the first layer, knows what to do with sparse rows */
    void (*forward)(const struct layer_call *c);
    void (*backward)(const struct layer_call *c);
};

struct init_kind {
    struct kind base;
    /* n values of a linear layer's weight (fan_out x fan_in, row-major) or bias. */
    void (*fill)(const void *options, struct rng *r, double fan_in, double fan_out, float *w,
                 size_t n);
    bool biases_too; /* else biases start at 0 */
};

struct model_kind {
    struct kind base;
    /* The layers that it is short for. ERR_USAGE; ret_key: the key to blame. */
    bool (*expand)(const void *options, size_t classes, struct arena *a,
                   struct chosen_list *ret, char ret_key[64], struct error *err);
};

/* Options of the layers that models are made of. */
struct linear_options {
    int64_t out;
    bool bias;
};
struct dropout_options {
    double p;
};

struct plan_step {
    const struct layer_kind *kind;
    const void *options;
    struct layer_shape shape;
    size_t in_ld, out_ld;
    int weight, bias, mean, var; /* numbers of its tensors, or -1 */
    bool needs_dx;
    uint32_t number;
};

#endif
