/* The gradient of a convolution's input where most of the output's gradient is 0, as it is behind a
 * pool and ReLU. Within num only; num/conv.h has the shapes and the order of sums. */
#ifndef DESCENT_NUM_CONV_SCATTER_H
#define DESCENT_NUM_CONV_SCATTER_H

#include "num/conv.h"

/* Whether it is made in this way. */
bool conv_scatter_pays(const struct conv_batch *b);
/* Floats of scratch memory of each thread of the team, after conv_behind_work_thread. */
size_t conv_scatter_work_thread(const struct conv *c);
/* dx: the bits of the dense gradient, for the terms that are left out are 0. Each thread works with
 * the floats after `each`, part_floats apart. */
void conv_scatter_input_gradient(const struct conv_batch *b, float *each, size_t part_floats);

#endif
