/* The shape of an image, and of what the layers of a network make of one. */
#ifndef DESCENT_NUM_IMAGE_H
#define DESCENT_NUM_IMAGE_H

#include <stddef.h>

/* Channels, rows of pixels, pixels in a row. 0 channels: not known. A vector of n numbers is
 * n x 1 x 1.
 *
 * Files and the world (IDX, CIFAR-10, PyTorch) order an image's numbers as (channel, row, column).
 * In a network a row of a matrix is a pixel: image i is height * width rows of ld >= channels
 * floats, pixel (y, x) the row (i * height + y) * width + x. */
struct image_shape {
    size_t channels, height, width;
};

static inline size_t image_pixels(struct image_shape s)
{
    return s.height * s.width;
}

/* Numbers of an image; 0: not known. */
static inline size_t image_numbers(struct image_shape s)
{
    return s.channels * s.height * s.width;
}

/* Windows of an image, as pools have them. [0] along columns of pixels (height), [1] along rows
 * (width). */
struct image_windows {
    size_t size[2], stride[2], padding[2];
};

/* The part of the window of output i that lies in an image of `in` pixels, along an axis: [first,
 * end). */
static inline void image_window(const struct image_windows *w, int axis, size_t i, size_t in,
                                size_t *ret_first, size_t *ret_end)
{
    size_t begin = i * w->stride[axis], p = w->padding[axis], end = begin + w->size[axis];
    *ret_first = begin > p ? begin - p : 0;
    *ret_end = end > p ? (end - p < in ? end - p : in) : 0;
}

#endif
