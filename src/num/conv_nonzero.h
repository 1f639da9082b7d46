/* The numbers of an image's gradient that are not 0, behind a pool few. Where no two of its windows
 * share a pixel they are found in the pool's gradient, and the convolution's is not made. Within
 * num only. */
#ifndef DESCENT_NUM_CONV_NONZERO_H
#define DESCENT_NUM_CONV_NONZERO_H

#include "num/conv.h"
#include "num/conv_kernels.h"

/* Lists of some channels: the numbers in the order of rows and columns, and where they lie. */
struct conv_channel_lists {
    size_t first, count, most; /* channels; numbers a list holds: list o begins at o * most */
    size_t pixel, row;         /* a place is place + y * row + x * pixel */
    float *value;
    uint32_t *place, *length;
};
/* Adds image i's. room: conv_behind_work_thread floats. */
void conv_nonzero_by_channel(const struct conv_batch *b, size_t i, size_t place,
                             struct conv_channel_lists *s, float *room);

/* Pixel by pixel in order, channel by channel: pixel p has the numbers [begin[p], begin[p + 1]). */
struct conv_pixel_lists {
    uint32_t *begin;            /* out pixels + 1 */
    struct conv_number *number; /* out pixels x out channels + 1 */
};
/* Image i's. room: as above. */
void conv_nonzero_by_pixel(const struct conv_batch *b, size_t i, struct conv_pixel_lists *s,
                           float *room);

#endif
