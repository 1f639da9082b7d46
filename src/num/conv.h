/* Convolution of images whose rows are pixels (num/image.h), and both its gradients. */
#ifndef DESCENT_NUM_CONV_H
#define DESCENT_NUM_CONV_H

#include "num/image.h"
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

/* Floats that the functions below want as `work`: once, and for each thread of the team on top. */
size_t conv_work(const struct conv *c);
/* Floats of scratch memory of each thread of the team. */
size_t conv_work_thread(const struct conv *c);

/* y of n images; bias: out_ld floats, or NULL. What is past the channels in a row of y is 0. */
void conv_forward(struct team *team, const struct conv *c, size_t n, const float *x, const float *w,
                  const float *bias, float *y, float *work);
/* dx of n images, from dy, whose padding is 0. start: what dx begins with, perhaps dx itself; NULL:
 * 0. */
void conv_input_gradient(struct team *team, const struct conv *c, size_t n, const float *dy,
                         const float *w, const float *start, float *dx, float *work);
/* dw of n images, begun from what is there (accumulate) or 0. */
void conv_weight_gradient(struct team *team, const struct conv *c, size_t n, const float *x,
                          const float *dy, bool accumulate, float *dw, float *work);

#endif
