/* A convolution's weight gradient where most of the output's gradient is 0, as it is behind a pool
 * and ReLU. Within num only; num/conv.h has the shapes and the order of sums. */
#ifndef DESCENT_NUM_CONV_LISTS_H
#define DESCENT_NUM_CONV_LISTS_H

#include "num/conv.h"

/* Floats of `work` and of each thread's part of it. */
size_t conv_lists_work(const struct conv *c);
/* Floats of scratch memory of each thread of the team. */
size_t conv_lists_work_thread(const struct conv *c);

/* Adds to dw, and makes db where it is not NULL: the bits of the dense gradients, for the terms
 * that are left out are 0. Each thread works with the conv_behind_work_thread floats after `each`,
 * part_floats apart, and the conv_lists_work_thread after those. */
void conv_lists_weight_gradient(const struct conv_batch *b, float *each, size_t part_floats);

#endif
