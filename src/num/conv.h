/* Convolution of images whose rows are pixels (num/image.h), and both its gradients. */
#ifndef DESCENT_NUM_CONV_H
#define DESCENT_NUM_CONV_H

#include "num/image.h"
#include "num/max_pool.h"
#include "num/team.h"
#include <stdbool.h>
#include <stddef.h>

/* out.height = (in.height + 2 padding - kernel) / stride + 1; [0] is along columns of pixels
 * (height), [1] along rows (width). Leading dimensions are multiples of 16, but in_ld may be the
 * channels where these are 1 to 3. Weights lie as num/tensor.h has kernels: channel c of the input,
 * tap (ky, kx): row (ky * kernel[1] + kx) * in.channels + c of out_ld floats.
 *
 * The order of every sum is fixed. An output is one chain of fused multiply-adds over (ky, kx, c)
 * that starts with the bias; taps outside the image are left out. The gradient of an input is one
 * over (row of the output, its column, channel) that starts with `start`. The gradient of a weight
 * is one over (image, row, column). So bits depend on nothing but the numbers. */
struct conv {
    struct image_shape in, out;
    size_t in_ld, out_ld;
    size_t kernel[2], stride[2], padding[2];
};

/* What follows the convolution before anything leaves the cache: y = pool(relu(...)), either or
 * both. */
struct conv_behind {
    bool relu;
    const struct max_pool *pool; /* NULL: none; its input is the convolution's output */
};

/* A batch of images. "out" is the convolution's output, "y" what follows it: the pool's, where
 * there is one. */
struct conv_batch {
    struct team *team;
    const struct conv *shape;
    struct conv_behind behind;
    size_t images;
    const float *x;    /* images x in pixels x in_ld */
    const float *w;    /* kernel x in channels x out_ld */
    const float *bias; /* out_ld, or NULL */
    float *y;          /* images x y pixels x out_ld; what is past the channels is 0 */
    uint16_t *from;    /* of the pool's forward pass, for the way back, or NULL: images x y pixels x
                          out_ld */
    /* The way back only. */
    const float *dy;    /* images x y pixels x out_ld, its padding 0 */
    const float *start; /* what dx begins with, perhaps dx itself; NULL: 0 */
    float *dx;          /* images x in pixels x in_ld */
    bool accumulate;    /* add to dw and db; otherwise they begin with 0 */
    float *dw;          /* as w */
    float *db;          /* out_ld, or NULL */
    double *sums;       /* out_ld, to work with */
    float *work;        /* conv_work, and conv_work_thread for each thread of the team */
};

/* Floats of `work`: once, and for each thread on top. */
size_t conv_work(const struct conv *c);
/* Floats of scratch memory of each thread of the team. */
size_t conv_work_thread(const struct conv *c);

/* y from x, w and the bias. */
void conv_forward(const struct conv_batch *b);
/* dx from dy and w. */
void conv_input_gradient(const struct conv_batch *b);
/* dw from x and dy, and db where it is not NULL: sums in double over (image, row, column). */
void conv_weight_gradient(const struct conv_batch *b);

#endif
