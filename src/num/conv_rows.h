/* What convolutions do with rows of pixels. Within num only. */
#ifndef DESCENT_NUM_CONV_ROWS_H
#define DESCENT_NUM_CONV_ROWS_H

#include "num/conv.h"
#include "num/conv_kernels.h"

/* Images whose rows have `left` pixels of 0 before them and some after, `pixels` in all. */
struct conv_bordered {
    size_t height, width, ld, top, left, rows, pixels;
};

/* x, as a row of taps looks at it; rows: above and below too. */
struct conv_bordered conv_input_of(const struct conv *c, bool rows);
/* dy, as the rows of an input's gradient look at it. */
struct conv_bordered conv_gradient_of(const struct conv *c);
/* Floats of a copy with its border. */
size_t conv_border_floats(const struct conv_bordered *b);
/* Makes a copy's border. */
void conv_clear_border(const struct conv_bordered *b, float *buffer);
/* The image itself where it needs no border, else a copy in `buffer`, whose border is 0 already. */
const float *conv_with_border(const struct conv_bordered *b, const float *image, float *buffer);

/* Tiles along a row of `pixels` pixels, as even as can be. Taps that lie next to each other are one
 * long tap. t: the first tile, moved along the row in place: a copy would wait for its last store. */
void conv_run_row(const struct conv_kernels *s, struct conv_tile *t, size_t pixels);

#endif
