/* What optimizers share that measure how far the weights have come from where they began. */
#ifndef DESCENT_OPTIM_KINDS_DISTANCE_H
#define DESCENT_OPTIM_KINDS_DISTANCE_H

#include "num/vec.h"
#include "optim/optim.h"
#include <math.h>

/* Keeps the first weights in this slot. */
static inline void distance_start(struct optim_view *views, size_t count, size_t slot)
{
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < views[t].n; i++)
            views[t].slot[slot][i] = views[t].w[i];
}

/* |w - w0|^2 of one tensor; way: its scratch. */
static inline double distance_squared(const struct optim_view *v, size_t slot, float *restrict way)
{
    const float *restrict w = v->w, *restrict first = v->slot[slot];
    for (size_t i = 0; i < v->n; i++)
        way[i] = w[i] - first[i];
    return vec_sum_squares(way, v->n);
}

static inline size_t distance_scratch(const void *options, const struct tensor_shape *s,
                                      enum tensor_role role)
{
    (void)options;
    (void)role;
    return tensor_stored(s);
}

/* g + decay w of one tensor, into scratch. */
static inline const float *distance_gradient(const struct optim_view *v, float *restrict sum)
{
    const float *restrict w = v->w, *restrict g = v->g;
    float decay = (float)v->decay;
    for (size_t i = 0; i < v->n; i++)
        sum[i] = g[i] + decay * w[i];
    return sum;
}

/* w -= rate (g + decay w), of all tensors. */
static inline void distance_descend(struct optim_view *views, size_t count, float rate)
{
    for (size_t t = 0; t < count; t++) {
        float *restrict w = views[t].w, decay = (float)views[t].decay,
                        by = rate * (float)views[t].lr_factor;
        const float *restrict g = views[t].g;
        for (size_t i = 0; i < views[t].n; i++)
            w[i] -= by * (g[i] + decay * w[i]);
    }
}

#endif
