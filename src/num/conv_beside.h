/* Small images side by side: their pixels in the order (row, column, image), so that a tile of many
 * pixels goes over several images, whose rows alone would fill it with a few sums, and the weights
 * come from memory once for all of them. The chain of each output stays what it is. Within num
 * only. */
#ifndef DESCENT_NUM_CONV_BESIDE_H
#define DESCENT_NUM_CONV_BESIDE_H

#include "num/conv_rows.h"

/* Images that are taken at once; 1: each by itself. */
size_t conv_beside(const struct conv *c);
/* Floats of a thread to work with: the images' inputs and outputs of either direction. */
size_t conv_beside_work(const struct conv *c);
/* Floats of `n` images with their borders. */
size_t conv_beside_floats(const struct conv_bordered *b, size_t n);
/* Puts an image where number i of n is; the border stays as it is. */
void conv_put_beside(const struct conv_bordered *b, const float *image, size_t i, size_t n,
                     float *all);
/* Number i of n images of so many pixels of ld floats. */
void conv_take_beside(const float *all, size_t i, size_t n, size_t pixels, size_t ld, float *ret);

#endif
