/* The innermost loops of convolutions: tiles that stay in registers while taps and channels go by.
 * Within num only. */
#ifndef DESCENT_NUM_CONV_KERNELS_H
#define DESCENT_NUM_CONV_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum { CONV_MOST_PIXELS = 16, CONV_MOST_TAPS = 5 };

/* Outputs of some pixels: start + sum over rows, taps and depth of a * b. */
struct conv_tile {
    const float *a;
    size_t pixel, row, tap; /* floats between pixels, rows and taps of a */
    size_t rows, taps, depth;
    const float *b;     /* packed: (row, tap, depth) x width */
    const float *start; /* NULL: 0 */
    size_t start_pixel; /* floats between pixels of it; 0: the same for all */
    float *c;
    size_t c_pixel;
};
typedef void (*conv_tile_kernel)(const struct conv_tile *t);

/* Gradients of some weights: rows of dw += sum over an image's pixels of a * b. Row i looks at
 * a[i], or at a[offset[i]]. */
struct conv_weight_tile {
    const float *a, *b;
    size_t a_pixel, a_row, b_row; /* floats between pixels and rows of a, rows of b */
    size_t height, width, ld;     /* of b's pixels, ld floats from each other, as dw's rows are */
    const size_t *offset;
    float *dw;
};
typedef void (*conv_weight_kernel)(const struct conv_weight_tile *t);

/* A number of dy that is not 0. */
struct conv_number {
    float value;
    uint32_t channel;
};

/* dx of `taps` pixels next to each other += what one pixel of dy gives them: its numbers that are
 * not 0, `count` of them. */
struct conv_scatter {
    const struct conv_number *number;
    size_t count;
    const float *b; /* (channel of dy, tap) x width */
    size_t b_channel, ld;
    float *dx;
};
typedef void (*conv_scatter_kernel)(const struct conv_scatter *t);

/* Tiles of `vectors` vectors of `lanes` floats, up to `most` pixels (or rows of weights). */
struct conv_kernels {
    size_t lanes, vectors, most;
    conv_tile_kernel tile[CONV_MOST_PIXELS + 1];
    conv_weight_kernel next[CONV_MOST_PIXELS + 1], spread[CONV_MOST_PIXELS + 1];
    conv_scatter_kernel scatter[CONV_MOST_TAPS + 1];
};
/* A file each, so that they are compiled side by side. */
extern const struct conv_kernels conv_kernels_baseline, conv_kernels_avx2_narrow,
    conv_kernels_avx2_wide, conv_kernels_avx512_narrow, conv_kernels_avx512_wide;

/* Of the block of channels that begins at this one: blocks are wide, but the last where it fits a
 * narrow one. */
const struct conv_kernels *conv_kernels_at(size_t channels, size_t block);
/* Channels of one block. */
size_t conv_kernels_width(const struct conv_kernels *k);
/* Channels of all blocks. */
size_t conv_kernels_all(size_t channels);
/* Blocks begin so many channels apart. */
size_t conv_kernels_step(void);

#endif
