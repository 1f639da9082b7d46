/* What the pools have in common: windows of an image, channel by channel. */
#ifndef DESCENT_NN_LAYERS_POOL_H
#define DESCENT_NN_LAYERS_POOL_H

#include "nn/internal.h"
#include "num/max_pool.h"

/* The options with their defaults: the stride is the size. */
struct image_windows pool_windows(const struct pool_options *o);
/* Shapes and errors of a pool. */
bool pool_shape(const void *options, struct layer_shape *s, struct error *err);
/* Of a max pool whose shape is found. */
struct max_pool max_pool_make(const struct pool_options *o, const struct layer_shape *s);
/* The kind's check: NULL, or why the options contradict each other, and the key to blame. */
const char *pool_check(const void *options, const char **ret_key);
extern const struct param pool_params[];

#endif
