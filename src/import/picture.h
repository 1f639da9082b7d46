/* What is done to one image: planes of bytes, channel after channel. */
#ifndef DESCENT_IMPORT_PICTURE_H
#define DESCENT_IMPORT_PICTURE_H

#include "num/image.h"
#include <stdbool.h>
#include <stdint.h>

/* Makes an image of shape `from` one of to.height x to.width (as many channels): every new pixel is
 * the mean of the area of the old image that it covers, rounded to nearest. */
void picture_resize(const uint8_t *old, struct image_shape from, struct image_shape to,
                    uint8_t *ret);
/* Three planes of n pixels to one: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded to
 * nearest. */
void picture_grey(const uint8_t *rgb, size_t n, uint8_t *ret);
/* 255 less each of n bytes. */
void picture_invert(uint8_t *bytes, size_t n);
/* Sum over the outermost pixels of all channels, and how many there are. */
void picture_edge(const uint8_t *bytes, struct image_shape s, uint64_t *sum, uint64_t *count);
/* "28 x 28", "32 x 32 in colour" into ret. */
void picture_describe(struct image_shape s, char ret[64]);

#endif
