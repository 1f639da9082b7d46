/* What the pools have in common: windows of an image, channel by channel. */
#ifndef DESCENT_NN_LAYERS_POOL_H
#define DESCENT_NN_LAYERS_POOL_H

#include "nn/internal.h"

/* One axis, or both: [0] height, [1] width. */
struct windows {
    size_t size[2], stride[2], padding[2];
};
/* The options with their defaults: the stride is the size. */
struct windows pool_windows(const struct pool_options *o);
/* Shapes and errors of a pool. */
bool pool_shape(const void *options, struct layer_shape *s, struct error *err);
/* The part of the window of output i that lies in the image, along an axis: [first, end). */
static inline void pool_range(const struct windows *w, int axis, size_t i, size_t in,
                              size_t *ret_first, size_t *ret_end)
{
    size_t begin = i * w->stride[axis], p = w->padding[axis], end = begin + w->size[axis];
    *ret_first = begin > p ? begin - p : 0;
    *ret_end = end > p ? (end - p < in ? end - p : in) : 0;
}
/* The kind's check: NULL, or why the options contradict each other, and the key to blame. */
const char *pool_check(const void *options, const char **ret_key);
extern const struct param pool_params[];

#endif
