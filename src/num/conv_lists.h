/* A convolution's weight gradient where most of dy is 0, as it is behind a pool and ReLU. Within
 * num only; num/conv.h has the shapes and the order of sums. */
#ifndef DESCENT_NUM_CONV_LISTS_H
#define DESCENT_NUM_CONV_LISTS_H

#include "num/conv.h"

/* Whether so few numbers of dy are not 0 that lists of them pay. */
bool conv_mostly_zero(const struct conv *c, size_t n, const float *dy);

/* Floats of `work` and of each thread's part of it. */
size_t conv_lists_work(const struct conv *c);
/* Floats of scratch memory of each thread of the team. */
size_t conv_lists_work_thread(const struct conv *c);

/* dw of n images, begun from what is there: the bits of the dense gradient, for the terms that are
 * left out are 0. each: conv_lists_work_thread floats of every thread, part_floats apart. */
void conv_lists_weight_gradient(struct team *team, const struct conv *c, size_t n, const float *x,
                                const float *dy, float *dw, float *work, float *each,
                                size_t part_floats);

#endif
