/* The largest of each window of an image, channel by channel; outside the image is -infinity. */
#ifndef DESCENT_NUM_MAX_POOL_H
#define DESCENT_NUM_MAX_POOL_H

#include "num/image.h"
#include <stdbool.h>
#include <stdint.h>

struct max_pool {
    struct image_shape in, out;
    size_t ld; /* floats a pixel, of both: the channels (at most 3), or a multiple of 16 */
    struct image_windows windows;
};

/* y (out pixels x ld) of one image x (in pixels x ld), whose numbers up to 0 count as 0 (relu).
 * from: which pixel of its window each is, in order of rows, the first of equals (out pixels x ld),
 * or NULL. NaN is passed on. What is past the channels in a row of y is 0. */
void max_pool_forward(const struct max_pool *p, const float *x, bool relu, float *y,
                      uint16_t *from);

/* Some channels of one image. */
struct max_pool_gradient {
    const float *dy; /* out pixels x ld */
    const float *y;  /* of relu: dy counts as 0 where it is up to 0; NULL: no relu */
    const uint16_t *from;
    size_t first, count; /* channels */
};
/* dx (in pixels x ld): dy to where the largest was, 0 elsewhere; more channels than asked for may
 * be written, and what is past the channels is 0. */
void max_pool_backward(const struct max_pool *p, const struct max_pool_gradient *g, float *dx);

#endif
