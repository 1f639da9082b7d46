/* What follows a convolution, an image at a time: ReLU and max pooling, and the way back through
 * them. Within num only. */
#ifndef DESCENT_NUM_CONV_BEHIND_H
#define DESCENT_NUM_CONV_BEHIND_H

#include "num/conv.h"

/* Floats of a thread's room for one image: its output, out pixels x out_ld. */
size_t conv_behind_work_thread(const struct conv *c);

/* Where the convolution is to write image i: in y, or in the room. */
float *conv_behind_target(const struct conv_batch *b, size_t i, float *room);
/* What follows then, into y. */
void conv_behind_forward(const struct conv_batch *b, size_t i, float *room);

/* The gradient of image i's output, out pixels x out_ld: in dy, or made in the room, of these
 * channels at least. */
const float *conv_behind_gradient(const struct conv_batch *b, size_t i, size_t first, size_t count,
                                  float *room);
/* The gradient of image i between ReLU and pool, y pixels x out_ld: in dy, or made in the room. */
const float *conv_behind_relu_gradient(const struct conv_batch *b, size_t i, float *room);
/* Whether so few numbers of the gradient are not 0 that lists of them pay. */
bool conv_behind_mostly_zero(const struct conv_batch *b);

/* The gradient of the bias: the sum of each channel of dy over (image, row, column), in double.
 * Each thread works with the conv_behind_work_thread floats after `each`, part_floats apart. */
void conv_behind_bias_gradient(const struct conv_batch *b, float *each, size_t part_floats);
/* Clears `sums` for who adds to it himself. Nothing where db is NULL. */
void conv_behind_begin_bias(const struct conv_batch *b);
/* db from `sums` then. */
void conv_behind_end_bias(const struct conv_batch *b);

#endif
